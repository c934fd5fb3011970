"""How far the journal has been read, and what did not simply apply."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from vchat_tui.store.changes import DIAGNOSTICS, Changes


class Outcome(NamedTuple):
    """What became of a journal entry that did not simply apply."""

    state: str
    error: str | None


def position(db: sqlite3.Connection) -> int:
    """The last journal entry that was read."""
    found: int = db.execute("SELECT position FROM projection WHERE journal = 'webhook'").fetchone()[
        0
    ]
    return found


def advance(db: sqlite3.Connection, to: int) -> None:
    """Everything up to `to` has been read; in the same transaction as what was read."""
    db.execute("UPDATE projection SET position = ? WHERE journal = 'webhook'", (to,))


def set_outcome(
    db: sqlite3.Connection, webhook_id: int, outcome: Outcome | None, changes: Changes
) -> None:
    """Notes that an entry was ignored or is dead; None: it applied (after all)."""
    if outcome is None:
        cursor = db.execute("DELETE FROM webhook_outcome WHERE webhook_id = ?", (webhook_id,))
        if cursor.rowcount:
            changes.note(DIAGNOSTICS)
        return
    db.execute(
        "INSERT INTO webhook_outcome (webhook_id, state, error, changed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET state = excluded.state, error = excluded.error,"
        " tries = tries + 1, changed_at = excluded.changed_at",
        (webhook_id, outcome.state, outcome.error, changes.now),
    )
    if outcome.state == "dead":
        changes.note(DIAGNOSTICS)


def outcomes(db: sqlite3.Connection, first: int, last: int) -> dict[int, Outcome]:
    """The outcomes of a range of entries."""
    rows = db.execute(
        "SELECT webhook_id, state, error FROM webhook_outcome WHERE webhook_id BETWEEN ? AND ?",
        (first, last),
    )
    return {row[0]: Outcome(row[1], row[2]) for row in rows}


def with_state(db: sqlite3.Connection, state: str, after_id: int, limit: int) -> list[int]:
    """The entries of one outcome, oldest first."""
    rows = db.execute(
        "SELECT webhook_id FROM webhook_outcome WHERE state = ? AND webhook_id > ?"
        " ORDER BY webhook_id LIMIT ?",
        (state, after_id, limit),
    )
    return [row[0] for row in rows]


def dead_with_error(db: sqlite3.Connection, error: str) -> list[int]:
    """Dead letters of one cause (they may have others too), oldest first."""
    rows = db.execute(
        "SELECT webhook_id FROM webhook_outcome WHERE state = 'dead'"
        " AND (error = ?1 OR substr(error, 1, length(?1) + 1) = ?1 || ';') ORDER BY webhook_id",
        (error,),
    )
    return [row[0] for row in rows]


def dead_ids(db: sqlite3.Connection) -> list[int]:
    """All dead letters."""
    return [
        row[0] for row in db.execute("SELECT webhook_id FROM webhook_outcome WHERE state = 'dead'")
    ]


def dead_count(db: sqlite3.Connection) -> int:
    """How many dead letters there are."""
    found: int = db.execute("SELECT count(*) FROM webhook_outcome WHERE state = 'dead'").fetchone()[
        0
    ]
    return found


def keep_event(
    db: sqlite3.Connection, inbox_id: int, webhook_id: int, number: int, field: str,
    event: str | None, at: int | None, raw: str | None, digest: str,
) -> bool:  # fmt: skip
    """Keeps an account or template event once, however often it is delivered; False where it was
    here already."""
    cursor = db.execute(
        "INSERT INTO account_event (inbox_id, webhook_id, number, field, event, at, raw, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (inbox_id, webhook_id, number, field, event, at, raw, digest),
    )
    return cursor.rowcount == 1
