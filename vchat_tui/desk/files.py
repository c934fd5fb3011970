"""What consoles ask about files: see `calls.files`."""

from __future__ import annotations

import asyncio
import sqlite3

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, StoredFile
from vchat_tui.desk.calls.files import READ_PIECE
from vchat_tui.desk.services import Services
from vchat_tui.desk.uploads import stored
from vchat_tui.file_types import sniff_file
from vchat_tui.models import Message
from vchat_tui.settings import _
from vchat_tui.store import downloads, files, messages
from vchat_tui.store.changes import Changes


async def begin_upload(services: Services, call: calls.BeginUpload) -> str:
    """A file comes."""
    return services.files.begin(call.size)


async def append_upload(services: Services, call: calls.AppendUpload) -> int:
    """A piece of it."""
    return await services.files.append(call.upload_id, call.offset, call.data)


async def finish_upload(services: Services, call: calls.FinishUpload) -> StoredFile:
    """All of it came."""
    return await services.files.finish(call.upload_id)


async def fetch_again(services: Services, call: calls.FetchAgain) -> Message:
    """A person wants what could not be fetched."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        message = messages.get(db, call.message_id)
        if message is None:
            raise DeskError(_("This message is no longer there."))
        if not downloads.want_again(db, message.id, changes):
            raise DeskError(_("There is no file to fetch in this message."))
        return messages.get(db, message.id) or message

    return await services.core.change(write)


async def get_file(services: Services, call: calls.GetFile) -> StoredFile:
    """What is known of a file."""
    known = await services.core.store.read(files.get, call.sha256)
    if known is None:
        raise _missing()
    try:
        found = await asyncio.to_thread(sniff_file, services.files.shelf.path(call.sha256))
    except (OSError, ValueError):
        raise _missing() from None
    return stored(call.sha256, known.size, found)


async def read_file(services: Services, call: calls.ReadFile) -> bytes:
    """A part of a file."""
    length = max(0, min(call.length, READ_PIECE))
    try:
        return await asyncio.to_thread(
            services.files.shelf.read, call.sha256, max(0, call.offset), length
        )
    except (OSError, ValueError):
        raise _missing() from None


def _missing() -> DeskError:
    return DeskError(_("This file is not on the server."))
