"""Fetches customers' files: in the background, again where that may help, whole or not at all.

What is to be fetched is in the database since the message was written, so a server that stops in
the middle begins again. Meta keeps a customer's file for seven days (Meta, Cloud API, "Media").
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from pathlib import Path

from vchat_tui.channels import errors
from vchat_tui.channels.base import Channel, ErrorClass, Fetched, NotSent, Rejected
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import keep_looking
from vchat_tui.desk.uploads import MAX_SIZE
from vchat_tui.file_types import HTML, sniff_file
from vchat_tui.models import MessageError
from vchat_tui.store import downloads, inboxes
from vchat_tui.store.downloads import Due
from vchat_tui.store.files import DiskFloor, Shelf
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

PER_INBOX = 4  # at once
TRIES = 5
PAUSES = (5.0, 30.0, 120.0, 600.0)  # seconds after each try but the last
WITHOUT_TOKEN = 300.0  # seconds: an admin has to do something first
KEPT_MS = 7 * 24 * 3600 * 1000
HOUR_MS = 3600 * 1000
DAY_MS = 24 * 3600 * 1000
MOST_OF_A_CONVERSATION = 1_000_000_000
"""Bytes a day that one customer can make us fetch; an agent can ask for more."""


class Downloads:
    """Fetches what is to be fetched.

    Args:
        shelf: where files go.
        channel_of: the line of an inbox.
    """

    def __init__(
        self, core: Core, shelf: Shelf, channel_of: Callable[[int], Channel | None]
    ) -> None:
        self._core = core
        self._shelf = shelf
        self._channel_of = channel_of
        self._wake = asyncio.Event()
        self._tasks: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._running: Counter[int] = Counter()
        self._refusals: defaultdict[int, deque[int]] = defaultdict(deque)
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Works until cancelled."""
        try:
            await keep_looking(self._look, self._wake, "cannot look for files to fetch")
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self) -> float | None:
        """Starts what may be fetched; answers the seconds until something else may be."""
        read = self._core.store.read
        now = now_ms()  # one for all looks: what falls due between two would be in neither
        for inbox in await read(inboxes.everything):
            channel = self._channel_of(inbox.id)
            room = PER_INBOX - self._running[inbox.id]
            if channel is None or room <= 0:
                continue
            for due in await read(downloads.due, inbox.id, now, PER_INBOX):
                if (due.message_id, due.number) not in self._tasks and room > 0:
                    room -= 1
                    self._begin(channel, due)
        at = await read(downloads.next_at, now)
        return None if at is None else max(0.0, (at - now_ms()) / 1000)

    def _begin(self, channel: Channel, due: Due) -> None:
        key = due.message_id, due.number
        task = self._tasks[key] = asyncio.create_task(self._fetch(channel, due))
        self._running[due.inbox_id] += 1

        def ended(task: asyncio.Task[None]) -> None:
            del self._tasks[key]
            self._running[due.inbox_id] -= 1
            self._wake.set()
            if not task.cancelled() and (error := task.exception()):
                log.error("a fetched file could not be recorded: %s", error)

        task.add_done_callback(ended)

    async def _fetch(self, channel: Channel, due: Due) -> None:
        error = await self._reason_not_to(due)
        if error is not None:
            await self._fail(due, error)
            return
        free_at = self._free_at(channel, due.inbox_id)
        if free_at is not None:
            await self._core.change(
                lambda db, changes: downloads.postponed(db, due, free_at, counts=False)
            )
            return
        target = self._shelf.new_path()
        try:
            self._shelf.check_room(due.media.size or 0)
            answer = await channel.fetch(due.media, target, MAX_SIZE)
            if isinstance(answer, Rejected):
                self._refusals[due.inbox_id].append(now_ms())
            refusal = await self._keep(due, target) if isinstance(answer, Fetched) else answer
        except (OSError, DiskFloor) as error:
            log.error("a customer's file could not be written: %s", error or "too little room")
            no_room = MessageError(code=errors.DISK_FULL)
            refusal = Rejected(error=no_room, error_class=ErrorClass.MEDIA, retry_after=0.0)
        except Exception as error:
            log.exception("a channel broke while it was fetching")
            refusal = NotSent(reason=type(error).__name__)
        finally:
            target.unlink(missing_ok=True)
        if refusal is not None:
            await self._not_fetched(due, refusal)

    def _free_at(self, channel: Channel, inbox_id: int) -> int | None:
        """When the next file may be asked for; None: now. A provider that answers too many
        questions with an error stops answering any."""
        most = channel.capabilities.fetch_errors_per_hour
        refusals, now = self._refusals[inbox_id], now_ms()
        while refusals and refusals[0] <= now - HOUR_MS:
            refusals.popleft()
        return refusals[-most] + HOUR_MS if most and len(refusals) >= most else None

    async def _reason_not_to(self, due: Due) -> MessageError | None:
        if now_ms() - due.received_at > KEPT_MS:
            return MessageError(code=errors.MEDIA_GONE)
        if due.asked:
            return None  # a person wants it, whatever came before
        since = now_ms() - DAY_MS
        came = await self._core.store.read(downloads.received_since, due.conversation_id, since)
        too_much = came + (due.media.size or 0) > MOST_OF_A_CONVERSATION
        return MessageError(code=errors.QUOTA) if too_much else None

    async def _keep(self, due: Due, path: Path) -> Rejected | None:
        """Puts what was fetched in its place; a refusal where it is not what was announced."""
        found = await asyncio.to_thread(sniff_file, path)
        if found is HTML and due.kind != "document":
            page = MessageError(code=errors.NOT_THE_FILE)
            return Rejected(error=page, error_class=ErrorClass.MEDIA, retry_after=0.0)
        kept = await asyncio.to_thread(self._shelf.keep, path)
        await self._core.change(lambda db, changes: downloads.fetched(db, due, kept, changes))
        return None

    async def _not_fetched(self, due: Due, outcome: Rejected | NotSent) -> None:
        if isinstance(outcome, Rejected):
            error, again = outcome.error, outcome.retry_after is not None
            if outcome.pauses_inbox:
                at = now_ms() + round(WITHOUT_TOKEN * 1000)
                await self._core.change(
                    lambda db, changes: downloads.postponed(db, due, at, counts=False)
                )
                return
        else:
            error, again = MessageError(code=errors.NO_ANSWER, details=outcome.reason), True
        if again and due.tries + 1 < TRIES:
            pause = PAUSES[due.tries] * random.uniform(0.8, 1.2)  # noqa: S311 - not for security
            later = now_ms() + round(pause * 1000)
            await self._core.change(
                lambda db, changes: downloads.postponed(db, due, later, counts=True)
            )
        else:
            await self._fail(due, error)

    async def _fail(self, due: Due, error: MessageError) -> None:
        await self._core.change(lambda db, changes: downloads.failed(db, due, error, changes))
