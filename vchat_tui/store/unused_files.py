"""Files that no message and no broadcast uses."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def named_in_messages(
    db: sqlite3.Connection, after: int, count: int
) -> tuple[set[str], int | None]:
    """The files that some messages name, and the id of the last of these; None where none is left.

    Args:
        after: a message id.
        count: how many ids to look at.
    """
    newest: int = db.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0]
    if after >= newest:
        return set(), None
    last = min(after + count, newest)
    rows = db.execute(
        "SELECT content FROM message WHERE id > ? AND id <= ? AND instr(content, 'sha256') > 0",
        (after, last),
    )
    return _hashes(rows), last


def forget(db: sqlite3.Connection, used: set[str], looked_until: int, before: int) -> int:
    """Forgets files that came before a time and are in no use; answers how many.

    Args:
        used: what messages up to the id `looked_until` name.
        before: in milliseconds.
    """
    newer = _hashes(
        db.execute(
            "SELECT content FROM message WHERE id > ? AND instr(content, 'sha256') > 0",
            (looked_until,),
        )
    )
    planned = _hashes(db.execute("SELECT content FROM broadcast"))
    rows = db.execute("SELECT sha256 FROM file WHERE created_at < ?", (before,)).fetchall()
    gone = [row for row in rows if row[0] not in used | newer | planned]
    db.executemany("DELETE FROM upload WHERE sha256 = ?", gone)
    db.executemany("DELETE FROM file WHERE sha256 = ?", gone)
    return len(gone)


def known(db: sqlite3.Connection) -> set[str]:
    """All files that we know."""
    return {row[0] for row in db.execute("SELECT sha256 FROM file")}


def _hashes(rows: Iterable[tuple[str]]) -> set[str]:
    return {found for (text,) in rows for found in _HASH.findall(text)}
