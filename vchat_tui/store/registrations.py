"""Webhook addresses that a provider is still to be told: one row for each inbox that waits."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Due(NamedTuple):
    """An inbox whose address is to be registered. `tries`: how often it was tried."""

    inbox_id: int
    tries: int


NOT_YET = 60_000  # milliseconds


def want(db: sqlite3.Connection, inbox_id: int, now: int) -> None:
    """The provider is to be told the address of an inbox, soon after `at_once`."""
    db.execute(
        "INSERT INTO webhook_registration (inbox_id, tries, next_at) VALUES (?, 0, ?)"
        " ON CONFLICT DO UPDATE SET tries = 0, next_at = excluded.next_at",
        (inbox_id, now + NOT_YET),
    )


def at_once(db: sqlite3.Connection) -> None:
    """The credentials that were saved are in use now."""
    db.execute("UPDATE webhook_registration SET next_at = 0 WHERE tries = 0")


def due(db: sqlite3.Connection, now: int) -> list[Due]:
    """Whose turn it is."""
    rows = db.execute(
        "SELECT inbox_id, tries FROM webhook_registration WHERE next_at <= ? ORDER BY inbox_id",
        (now,),
    )
    return [Due(*row) for row in rows]


def next_at(db: sqlite3.Connection, now: int) -> int | None:
    """When the next one that waits for its time may be tried."""
    found: int | None = db.execute(
        "SELECT min(next_at) FROM webhook_registration WHERE next_at > ?", (now,)
    ).fetchone()[0]
    return found


def postponed(db: sqlite3.Connection, tried: Due, at: int) -> None:
    """It is tried again later, unless somebody wanted it anew meanwhile."""
    db.execute(
        "UPDATE webhook_registration SET tries = tries + 1, next_at = ?"
        " WHERE inbox_id = ? AND tries = ?",
        (at, tried.inbox_id, tried.tries),
    )


def done(db: sqlite3.Connection, tried: Due) -> None:
    """The provider knows, or a person has to act first; unless somebody wanted it anew meanwhile."""
    db.execute(
        "DELETE FROM webhook_registration WHERE inbox_id = ? AND tries = ?",
        (tried.inbox_id, tried.tries),
    )
