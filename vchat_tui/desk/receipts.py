"""Tells customers that an agent has read, or writes: once, in passing, never in the way of anything.

Only where the inbox's settings say so. What fails is logged and not tried again: the next message
that is read says it anew.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable

from vchat_tui.channels.base import Channel
from vchat_tui.desk.core import Core
from vchat_tui.store import receipts
from vchat_tui.store.receipts import Unread
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

TYPING_EVERY = 20.0
"""Seconds; Meta shows the sign for 25 (Meta, Cloud API, "Typing indicators")."""

_MOST_KNOWN = 10_000


class Receipts:
    """What customers have been told.

    Args:
        channel_of: the line of an inbox.
    """

    def __init__(self, core: Core, channel_of: Callable[[int], Channel | None]) -> None:
        self._core = core
        self._channel_of = channel_of
        self._told: dict[int, str] = {}  # the last message that was called read, by conversation
        self._typed_at: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def read(self, conversation_id: int, up_to: int | None) -> None:
        """An agent has read a conversation, up to a message."""
        self._begin(conversation_id, up_to, typing=False)

    def typing(self, conversation_id: int) -> None:
        """An agent writes an answer."""
        now = time.monotonic()
        if now - self._typed_at.get(conversation_id, -TYPING_EVERY) >= TYPING_EVERY:
            if len(self._typed_at) > _MOST_KNOWN:
                self._typed_at.clear()
            self._typed_at[conversation_id] = now
            self._begin(conversation_id, None, typing=True)

    async def stop(self) -> None:
        """Says nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, conversation_id: int, up_to: int | None, *, typing: bool) -> None:
        task = asyncio.create_task(self._tell(conversation_id, up_to, typing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, conversation_id: int, up_to: int | None, typing: bool) -> None:
        try:
            newest = await self._core.store.read(receipts.newest, conversation_id, up_to, now_ms())
        except sqlite3.Error as error:
            log.warning("a read receipt could not be made: %s", error)
            return
        if newest is None or not self._is_wanted(conversation_id, newest, typing):
            return
        channel = self._channel_of(newest.inbox_id)
        if channel is None:
            return
        capabilities = channel.capabilities
        if not (capabilities.typing if typing else capabilities.read_receipts):
            return
        if len(self._told) > _MOST_KNOWN:
            self._told.clear()
        self._told[conversation_id] = newest.provider_id
        try:
            refusal = await channel.mark_read(newest.provider_id, typing)
        except Exception:
            log.exception("a channel broke while it marked a message as read")
        else:
            if refusal is not None:
                log.warning("a customer could not be told that we read: error %s", refusal.code)

    def _is_wanted(self, conversation_id: int, newest: Unread, typing: bool) -> bool:
        if typing:
            return newest.typing_indicator
        return newest.read_receipts and self._told.get(conversation_id) != newest.provider_id
