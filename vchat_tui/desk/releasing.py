"""When held answers go: a moment after the customer has written, in the order of writing.

Everything is in the database: which answers are held, when each goes, and why one does not. An
answer leaves `held` and enters the outbox in one transaction, so that it goes exactly once.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import Any

from vchat_tui.desk import window
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import keep_looking
from vchat_tui.models import Conversation
from vchat_tui.settings.window_fields import WINDOW_FIELDS
from vchat_tui.store import conversations, held, inboxes
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

DAY_MS = 24 * 3600 * 1000
LONGEST_UNDO_MS = 1000 * int(
    next(field.maximum for field in WINDOW_FIELDS if field.key == "held_undo_seconds")
)


def customer_wrote(db: sqlite3.Connection, conversation_id: int, changes: Changes) -> None:
    """The window may be open again: what is held goes after a moment, unless it is too old."""
    rows = [
        row
        for row in held.of_conversation(db, conversation_id)
        if row.release_at is None and row.asks is None
    ]
    if not rows:
        return
    conversation = _conversation(db, conversation_id)
    if not window.is_open(conversation, changes.now):
        return  # the message came so late that the window is closed again
    wait = 1000 * float(setting(db, conversation.inbox_id, "held_undo_seconds"))
    for row in rows:
        if _is_stale(db, conversation, row, changes.now):
            held.ask(db, row.message_id, held.STALE, changes)
        else:
            held.schedule(db, row.message_id, changes.now + round(wait), changes)


def release_due(db: sqlite3.Connection, changes: Changes) -> None:
    """Puts in the outbox what goes now. What the time in between made wrong waits again."""
    for row in held.due(db, changes.now, LONGEST_UNDO_MS):
        conversation = _conversation(db, row.conversation_id)
        if not window.is_open(conversation, changes.now):
            held.schedule(db, row.message_id, None, changes)
        elif _is_stale(db, conversation, row, changes.now):
            held.ask(db, row.message_id, held.STALE, changes)
        else:
            held.release(db, row, changes)


def _is_stale(db: sqlite3.Connection, conversation: Conversation, row: held.Row, now: int) -> bool:
    days = float(setting(db, conversation.inbox_id, "held_days"))
    return now - row.held_at > days * DAY_MS


def setting(db: sqlite3.Connection, inbox_id: int, key: str) -> Any:
    """One of the WINDOW_FIELDS of an inbox."""
    inbox = inboxes.get(db, inbox_id)
    default = next(field.default for field in WINDOW_FIELDS if field.key == key)
    found = inbox.settings.get(key) if inbox else None
    return default if found is None else found


def _conversation(db: sqlite3.Connection, conversation_id: int) -> Conversation:
    found = conversations.get(db, conversation_id)
    assert found is not None
    return found


class Releaser:
    """Puts held answers in the outbox."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = asyncio.Event()
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Works until cancelled."""
        await keep_looking(self._release, self._wake, "held answers cannot be released")

    async def _release(self) -> float | None:
        """Releases what is due; answers the seconds until the next one is."""
        now = now_ms()
        if await self._core.store.read(held.due, now, LONGEST_UNDO_MS):
            await self._core.change(release_due)
        next_at = await self._core.store.read(held.next_at)
        return None if next_at is None else max(0.0, (next_at - now_ms()) / 1000)
