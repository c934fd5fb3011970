"""A copy of a database, whole or not there at all, for its owner only."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

KEPT = 3  # of each database; older ones are removed


def keep_copy(db: sqlite3.Connection, folder: Path, name: str) -> Path:
    """Copies a database into a folder, checks the copy and removes old ones.

    The copy gets its name once it is checked and on the disk: a power cut or a full disk leaves
    none, never half of one.

    Args:
        db: may be in use.
        name: what the copies of this database are called; a time and `.db` are added.

    Raises:
        sqlite3.Error: it cannot be copied: the disk is full, or the database is damaged.
        OSError: the folder cannot be written to.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db"
    unfinished = folder / f"unfinished-{name}.db"
    for left in folder.glob(f"{unfinished.name}*"):  # and its log: it must not act on the new one
        left.unlink()
    unfinished.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = delete")  # one file, without a log beside it
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
        _sync(unfinished)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{name}-*.db"))[:-KEPT]:
        old.unlink()
    _sync(folder)
    return target


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
