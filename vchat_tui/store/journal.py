"""Queries on journal.db: webhooks as they came, kept as evidence."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple


class Entry(NamedTuple):
    """A webhook in the journal."""

    id: int
    source: str
    inbox_id: int
    received_at: int
    body: bytes


class NewEntry(NamedTuple):
    """A webhook on its way into the journal."""

    source: str
    inbox_id: int
    received_at: int
    headers: str
    sha256: bytes
    body: bytes


def append(db: sqlite3.Connection, entries: list[NewEntry]) -> int:
    """Adds entries in order; answers the id of the last one."""
    db.executemany(
        "INSERT INTO webhook (source, inbox_id, received_at, headers, sha256, body)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        entries,
    )
    return last_id(db)


def last_id(db: sqlite3.Connection) -> int:
    """The id of the newest entry, 0 where there is none."""
    row = db.execute("SELECT max(id) FROM webhook").fetchone()
    return row[0] or 0


def last_number(db: sqlite3.Connection) -> int:
    """The highest id that was ever given, 0 where none was; the entry itself may be forgotten."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'webhook'").fetchone()
    return row[0] if row else 0


def after(db: sqlite3.Connection, position: int, limit: int) -> list[Entry]:
    """The entries behind a position, oldest first."""
    rows = db.execute(
        "SELECT id, source, inbox_id, received_at, body FROM webhook WHERE id > ? ORDER BY id LIMIT ?",
        (position, limit),
    )
    return [Entry(*row) for row in rows]


def get(db: sqlite3.Connection, webhook_id: int) -> Entry | None:
    """One entry."""
    row = db.execute(
        "SELECT id, source, inbox_id, received_at, body FROM webhook WHERE id = ?", (webhook_id,)
    ).fetchone()
    return Entry(*row) if row else None


def forget_before(
    db: sqlite3.Connection, received_before: int, position: int, keep: list[int], limit: int
) -> int:
    """Deletes up to `limit` entries that are older and were read, except those in `keep`.

    Args:
        position: the last entry that was read.

    Returns:
        How many were deleted.
    """
    cursor = db.execute(
        "DELETE FROM webhook WHERE id IN (SELECT id FROM webhook WHERE received_at < ? AND id <= ?"
        " AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?)",
        (received_before, position, json.dumps(keep), limit),
    )
    return cursor.rowcount
