"""Whose turn it is in a broadcast: recipients in the order of sending, and those in quiet hours."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

LONGEST_QUIET_MS = 26 * 3_600_000  # a day and a change of the clocks
_COLUMNS = "number, user_id, address, address_key, message_id"


class Pending(NamedTuple):
    """A recipient whose turn is to come. `message_id`: of a message that failed and goes again."""

    number: int
    user_id: int | None
    address: str | None
    address_key: str | None
    message_id: int | None


def pending(db: sqlite3.Connection, broadcast_id: int, after: int, limit: int) -> list[Pending]:
    """Recipients whose turn is to come, in order, after a number."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM broadcast_recipient"
        " WHERE broadcast_id = ? AND state = 'pending' AND number > ? ORDER BY number LIMIT ?",
        (broadcast_id, after, limit),
    )
    return [Pending(*row) for row in rows]


def skipped(db: sqlite3.Connection, broadcast_id: int, reason: str) -> list[Pending]:
    """Recipients who got nothing for a reason."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM broadcast_recipient"
        " WHERE broadcast_id = ? AND state = 'skipped' AND reason = ? ORDER BY number",
        (broadcast_id, reason),
    )
    return [Pending(*row) for row in rows]


def due(db: sqlite3.Connection, broadcast_id: int, now: int, limit: int) -> list[Pending]:
    """Recipients whose turn it is; whose quiet hours are over come last. A time too far off shows
    that the clock was set back since, so it does not count."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM broadcast_recipient"
        " INDEXED BY recipient_due"  # else those who are done would be passed each time
        " WHERE broadcast_id = ?1 AND state = 'pending'"
        " AND (not_before <= ?2 OR not_before > ?2 + ?3) ORDER BY not_before, number LIMIT ?4",
        (broadcast_id, now, LONGEST_QUIET_MS, limit),
    )
    return [Pending(*row) for row in rows]


def postpone(db: sqlite3.Connection, broadcast_id: int, number: int, until: int) -> None:
    """A recipient is left alone until then."""
    db.execute(
        "UPDATE broadcast_recipient SET not_before = ? WHERE broadcast_id = ? AND number = ?",
        (until, broadcast_id, number),
    )


def quiet(db: sqlite3.Connection, broadcast_id: int, now: int) -> tuple[int, int | None]:
    """How many recipients are left alone now, and until when the first of them is."""
    found: tuple[int, int | None] = db.execute(
        "SELECT count(*), min(not_before) FROM broadcast_recipient INDEXED BY recipient_due"
        " WHERE broadcast_id = ?1 AND state = 'pending'"
        " AND not_before > ?2 AND not_before <= ?2 + ?3",
        (broadcast_id, now, LONGEST_QUIET_MS),
    ).fetchone()
    return found


def next_end(db: sqlite3.Connection, now: int) -> int | None:
    """When the quiet hours of somebody in a running broadcast end next."""
    ends = [
        end
        for (broadcast_id,) in db.execute(
            "SELECT id FROM broadcast WHERE state = 'running' AND quiet NOT NULL"
        ).fetchall()
        if (end := quiet(db, broadcast_id, now)[1]) is not None
    ]
    return min(ends, default=None)
