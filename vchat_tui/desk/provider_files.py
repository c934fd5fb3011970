"""Gives providers the files of messages that wait in the outbox, before the messages go.

Nobody sees an upload, so it may be done again: a server that stops in the middle of one has lost
nothing, and its message is still only queued. A file is given once for all messages with it.
Providers that fetch files by themselves get a link in its place.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from vchat_tui import file_links
from vchat_tui.channels import errors
from vchat_tui.channels.base import Channel, ErrorClass, NotSent, Rejected, Uploaded
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import keep_looking
from vchat_tui.desk.outbound import MAX_ATTEMPTS, NOT_SENT, backoff
from vchat_tui.models import MessageError
from vchat_tui.store import files, inboxes, outbox, uploads
from vchat_tui.store.changes import Changes
from vchat_tui.store.files import Shelf
from vchat_tui.store.times import now_ms
from vchat_tui.store.uploads import Waiting

log = logging.getLogger(__name__)

AT_ONCE = 4  # uploads, over all inboxes
LOOK_AHEAD = 500


class ProviderFiles:
    """Uploads what waiting messages need.

    Args:
        shelf: where the files are.
        channel_of: the line of an inbox.
    """

    def __init__(
        self, core: Core, shelf: Shelf, channel_of: Callable[[int], Channel | None]
    ) -> None:
        self._core = core
        self._shelf = shelf
        self._channel_of = channel_of
        self._wake = asyncio.Event()
        self._tasks: dict[tuple[int, str], asyncio.Task[None]] = {}
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Works until cancelled."""
        try:
            await keep_looking(self._look, self._wake, "cannot look for files to upload")
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self) -> float | None:
        """Starts uploads and lets messages go that have all their files; answers the seconds
        until another may be looked at."""
        now = now_ms()  # one for both looks: what falls due between two would be in neither
        waiting = await self._core.store.read(uploads.waiting, now, LOOK_AHEAD)
        ready = [message.message_id for message in waiting if not message.missing]
        if ready:
            await self._core.change(lambda db, changes: uploads.have_files(db, ready))
        for message in waiting:
            channel = self._channel_of(message.inbox_id)
            for sha256 in message.missing:
                if channel is not None:
                    self._begin(channel, message.inbox_id, sha256)
        at = await self._core.store.read(uploads.next_waiting_at, now)
        return None if at is None else max(0.0, (at - now_ms()) / 1000)

    def _begin(self, channel: Channel, inbox_id: int, sha256: str) -> None:
        key = inbox_id, sha256
        if key in self._tasks or len(self._tasks) >= AT_ONCE:
            return

        def ended(task: asyncio.Task[None]) -> None:
            del self._tasks[key]
            self._wake.set()
            if not task.cancelled() and (error := task.exception()):
                log.error("what became of an upload could not be recorded: %s", error)

        self._tasks[key] = asyncio.create_task(self._upload(channel, inbox_id, sha256))
        self._tasks[key].add_done_callback(ended)

    async def _upload(self, channel: Channel, inbox_id: int, sha256: str) -> None:
        if channel.capabilities.files_by_link:
            await self._core.change(lambda db, changes: self._link(db, inbox_id, sha256))
            return
        outcome = await self._give(channel, sha256)
        match outcome:
            case Uploaded():
                await self._core.change(
                    lambda db, changes: uploads.uploaded(
                        db, inbox_id, sha256, outcome.provider_id, changes.now
                    )
                )
            case NotSent():
                error = MessageError(code=NOT_SENT, details=outcome.reason)
                await self._hold_up(inbox_id, sha256, error, 0.0)
            case Rejected(pauses_inbox=True):
                await self._core.change(
                    lambda db, changes: inboxes.pause(db, inbox_id, outcome.error, changes)
                )
            case Rejected():
                await self._hold_up(inbox_id, sha256, outcome.error, outcome.retry_after)

    def _link(self, db: sqlite3.Connection, inbox_id: int, sha256: str) -> None:
        now = now_ms()
        token = file_links.make_token(self._core.file_key, sha256, now)
        uploads.uploaded(db, inbox_id, sha256, token, now, now + file_links.REUSED_MS)

    async def _give(self, channel: Channel, sha256: str) -> Uploaded | Rejected | NotSent:
        known = await self._core.store.read(files.get, sha256)
        try:
            if known is None:
                raise FileNotFoundError(sha256)
            path = self._shelf.path(sha256)
            return await channel.upload(path, known.mime_type, f"file.{known.extension}")
        except (OSError, ValueError) as error:
            log.error("a file of a message cannot be read: %s", error)
            missing = MessageError(code=errors.NO_FILE)
            return Rejected(error=missing, error_class=ErrorClass.MEDIA)
        except Exception as error:
            log.exception("a channel broke while it was uploading")
            return NotSent(reason=type(error).__name__)

    async def _hold_up(
        self, inbox_id: int, sha256: str, error: MessageError, retry_after: float | None
    ) -> None:
        """Args:
        retry_after: seconds; 0: as we see fit, longer each time; None: trying again is no use.
        """
        await self._core.change(
            lambda db, changes: _all(db, inbox_id, sha256, error, retry_after, changes)
        )


def _all(
    db: sqlite3.Connection,
    inbox_id: int,
    sha256: str,
    error: MessageError,
    retry_after: float | None,
    changes: Changes,
) -> None:
    """Every message of an inbox that waits for a file hears the same."""
    for message in uploads.waiting(db, changes.now, LOOK_AHEAD):
        if message.inbox_id == inbox_id and sha256 in message.missing:
            outbox.held_up(
                db, message.message_id, error, _next_try(message, retry_after, changes.now), changes
            )


def _next_try(message: Waiting, retry_after: float | None, now: int) -> int | None:
    if retry_after is None or message.tries + 1 >= MAX_ATTEMPTS:
        return None
    return now + round((retry_after or backoff(message.tries + 1)) * 1000)
