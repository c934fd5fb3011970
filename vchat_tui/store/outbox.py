"""The outbox as a whole: what it holds, and what cannot go yet."""

from __future__ import annotations

import sqlite3

from vchat_tui.models import MessageError, Status
from vchat_tui.store.changes import Changes
from vchat_tui.store.deliveries import set_status


def held_up(
    db: sqlite3.Connection, message_id: int, error: MessageError, next_at: int | None,
    changes: Changes,
) -> None:  # fmt: skip
    """It cannot go because its provider would not take a file: it is tried again at a time, or
    (None) has failed."""
    if next_at is None:
        db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
        set_status(db, message_id, Status.FAILED, error, changes)
    else:
        db.execute(
            "UPDATE outbox SET attempt = attempt + 1, next_at = ?, changed_at = ?"
            " WHERE message_id = ?",
            (next_at, changes.now, message_id),
        )
        set_status(db, message_id, Status.QUEUED, error, changes)


def counts(db: sqlite3.Connection) -> dict[int, dict[str, int]]:
    """How many messages wait, are unknown or failed, by inbox."""
    found: dict[int, dict[str, int]] = {}
    for inbox_id, state, count in db.execute(
        "SELECT inbox_id, state, count(*) FROM outbox GROUP BY inbox_id, state"
    ):
        found.setdefault(inbox_id, {})[state] = count
    for inbox_id, count in db.execute(
        "SELECT inbox_id, count(*) FROM message WHERE status = 'failed' GROUP BY inbox_id"
    ):
        found.setdefault(inbox_id, {})["failed"] = count
    return found
