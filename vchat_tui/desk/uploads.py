"""Files from consoles: they come piece by piece and are kept once they are whole.

An upload lives in the server's memory and in `media/incoming`: a server that stops forgets it,
and the console begins anew. Nothing here believes a name or a type that somebody says.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path

from vchat_tui.desk.calls import DeskError, StoredFile
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.desk.core import Core
from vchat_tui.file_types import FileType
from vchat_tui.settings import _
from vchat_tui.store import files
from vchat_tui.store.files import DiskFloor, Shelf

log = logging.getLogger(__name__)

MAX_SIZE = 100 * 1024 * 1024  # bytes: what any channel takes
MAX_OPEN = 32
FORGOTTEN_AFTER = 600.0  # seconds without a piece


class _Upload:
    """A file on its way from a console."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        self.here = 0
        self.touched_at = time.monotonic()
        self.lock = asyncio.Lock()
        self.stored: StoredFile | None = None


class Files:
    """The home's files, and uploads under way."""

    def __init__(self, core: Core) -> None:
        self.shelf = Shelf(core.home.media)
        self._core = core
        self._uploads: dict[str, _Upload] = {}
        self.shelf.forget_unfinished()

    def begin(self, size: int) -> str:
        """See `calls.BeginUpload`."""
        if size <= 0:
            raise DeskError(_("The file is empty."), field="path")
        if size > MAX_SIZE:
            raise DeskError(_("The file is larger than any channel takes (100 MB)."), field="path")
        self._forget_old()
        if len(self._uploads) >= MAX_OPEN:
            raise DeskError(_("Too many files are being uploaded now; try again in a minute."))
        self._check_room(size)
        try:
            path = self.shelf.new_path()
            self.shelf.create(path).close()
        except OSError as error:
            raise _disk_refused(error) from error
        upload_id = uuid.uuid4().hex
        self._uploads[upload_id] = _Upload(path, size)
        return upload_id

    async def append(self, upload_id: str, offset: int, data: bytes) -> int:
        """See `calls.AppendUpload`."""
        upload = self._upload(upload_id)
        async with upload.lock:
            if not 0 <= offset <= upload.here or not 0 < len(data) <= PIECE:
                raise DeskError(_("The file came in a wrong order; attach it again."))
            if offset + len(data) > upload.size:
                raise DeskError(_("The file has grown while it was sent; attach it again."))
            self._check_room(len(data))
            try:
                await asyncio.to_thread(_write_at, upload.path, offset, data)
            except OSError as error:
                raise _disk_refused(error) from error
            upload.here = max(upload.here, offset + len(data))
            return upload.here

    async def finish(self, upload_id: str) -> StoredFile:
        """See `calls.FinishUpload`."""
        upload = self._upload(upload_id)
        async with upload.lock:
            if upload.stored is None:
                if upload.here != upload.size:
                    raise DeskError(
                        _("The file became shorter while it was sent; attach it again.")
                    )
                try:
                    upload.stored = await self.keep(upload.path)
                except OSError as error:
                    raise _disk_refused(error) from error
            return upload.stored

    async def keep(self, path: Path) -> StoredFile:
        """Puts a finished file in its place and notes it.

        Args:
            path: from `shelf.new_path`; gone afterwards.
        """
        kept = await asyncio.to_thread(self.shelf.keep, path)
        await self._core.change(lambda db, changes: files.add(db, kept, changes.now))
        return stored(kept.sha256, kept.size, kept.type)

    def _upload(self, upload_id: str) -> _Upload:
        upload = self._uploads.get(upload_id)
        if upload is None:
            raise DeskError(_("The server does not know this upload any more; attach it again."))
        upload.touched_at = time.monotonic()
        return upload

    def _forget_old(self) -> None:
        before = time.monotonic() - FORGOTTEN_AFTER
        for upload_id, upload in list(self._uploads.items()):
            if upload.touched_at < before or upload.stored is not None:
                upload.path.unlink(missing_ok=True)
                del self._uploads[upload_id]

    def _check_room(self, size: int) -> None:
        try:
            self.shelf.check_room(size)
        except DiskFloor:
            raise DeskError(
                _("The server's disk is almost full, so no more files fit; tell your admin.")
            ) from None


def stored(sha256: str, size: int, found: FileType) -> StoredFile:
    """A kept file as consoles know it."""
    return StoredFile(
        sha256=sha256,
        size=size,
        mime_type=found.mime_type,
        extension=found.extension,
        kind=found.kind,
    )


def _write_at(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def _disk_refused(error: OSError) -> DeskError:
    log.error("a file could not be written: %s", error)
    return DeskError(_("The server's disk refused the file; tell your admin, then try again."))
