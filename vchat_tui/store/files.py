"""Files of messages: bytes in `media/`, named by their hash, and what we know of each.

`media/ab/abcd…` holds the bytes whose SHA-256 is `abcd…`; what is not whole yet lies in
`media/incoming` under a random name. A file is written, synced, and only then renamed to its
place, so that what has a place is whole, whatever the machine does.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import uuid
from pathlib import Path
from typing import BinaryIO, NamedTuple

from vchat_tui.file_types import HEAD, WEBP, FileType, is_animated, sniff_file

DISK_FLOOR = 500 * 1000 * 1000
"""Bytes that must stay free on the disk: messages go on when files do not fit any more."""

_HEX = re.compile("[0-9a-f]{64}")
_INCOMING = "incoming"


class DiskFloor(Exception):
    """The disk is too full for another file."""


class Kept(NamedTuple):
    """A file that is in its place."""

    sha256: str
    size: int
    type: FileType
    animated: bool | None = None  # of a WebP picture


class Shelf:
    """The folder with the bytes.

    Args:
        folder: the home's `media`.
        floor: free bytes to leave on the disk.
    """

    def __init__(self, folder: Path, floor: int = DISK_FLOOR) -> None:
        self._folder = folder
        self._floor = floor

    def path(self, sha256: str) -> Path:
        """Where a file lies, or would lie.

        Raises:
            ValueError: this is no hash.
        """
        if not _HEX.fullmatch(sha256):
            raise ValueError("not the hex digest of a file")
        return self._folder / sha256[:2] / sha256

    def new_path(self) -> Path:
        """A name for what is still to come; nothing has it."""
        incoming = self._folder / _INCOMING
        incoming.mkdir(mode=0o700, exist_ok=True)
        return incoming / uuid.uuid4().hex

    def create(self, path: Path) -> BinaryIO:
        """An empty file of this new name, that only its owner reads."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        return os.fdopen(descriptor, "w+b")

    def check_room(self, size: int) -> None:
        """Whether so many bytes may come.

        Raises:
            DiskFloor: they would leave too little.
        """
        if shutil.disk_usage(self._folder).free - size < self._floor:
            raise DiskFloor

    def keep(self, path: Path) -> Kept:
        """Moves a finished file to its place, and reads what it is.

        Raises:
            OSError: the disk refused it.
        """
        path.chmod(0o600)
        digest = hashlib.sha256()
        with path.open("rb") as file:
            os.fsync(file.fileno())
            head = file.read(HEAD)
            digest.update(head)
            while chunk := file.read(1 << 20):
                digest.update(chunk)
            size = file.tell()
        found = sniff_file(path)
        animated = is_animated(head) if found is WEBP else None
        kept = Kept(digest.hexdigest(), size, found, animated)
        target = self.path(kept.sha256)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(target)
        for folder in (target.parent, self._folder):
            _sync_folder(folder)
        return kept

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """A part of a file.

        Raises:
            OSError, ValueError: it is not here.
        """
        with self.path(sha256).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def remove_others(self, known: set[str], before: int) -> int:
        """Removes files that are not among these and came before a time; answers how many.

        Args:
            before: in milliseconds since 1970.
        """
        removed = 0
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            if path.name in known or not _HEX.fullmatch(path.name):
                continue
            aside = self.new_path()
            path.rename(aside)
            if aside.stat().st_mtime * 1000 < before:
                aside.unlink()
                removed += 1
            else:  # it has just come, and is about to be known
                aside.rename(path)
        return removed

    def forget_unfinished(self) -> None:
        """Removes what an earlier run of the server left half-way."""
        shutil.rmtree(self._folder / _INCOMING, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---- what we know of each -----------------------------------------------------------------------


def add(db: sqlite3.Connection, kept: Kept, now: int) -> None:
    """Notes a file that is in its place; one that is known already is as good as new."""
    db.execute(
        "INSERT INTO file (sha256, size, mime_type, extension, created_at, animated)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET created_at = excluded.created_at",
        (
            kept.sha256, kept.size, kept.type.mime_type, kept.type.extension, now, kept.animated,
        ),
    )  # fmt: skip


class Known(NamedTuple):
    """What the store knows of a file."""

    size: int
    mime_type: str
    extension: str
    animated: bool | None


def get(db: sqlite3.Connection, sha256: str) -> Known | None:
    """A file by its hash."""
    row = db.execute(
        "SELECT size, mime_type, extension, animated FROM file WHERE sha256 = ?", (sha256,)
    ).fetchone()
    if row is None:
        return None
    size, mime_type, extension, animated = row
    return Known(size, mime_type, extension, None if animated is None else bool(animated))
