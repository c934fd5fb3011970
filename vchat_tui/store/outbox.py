"""The outbox as people see it: what it holds, what cannot go yet, what they decide themselves."""

from __future__ import annotations

import sqlite3

from vchat_tui.models import MessageError, Status
from vchat_tui.store.changes import Changes
from vchat_tui.store.deliveries import enqueue, set_status


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


def is_ours(db: sqlite3.Connection, message_id: int) -> bool:
    """Whether a message was written here (and not in the phone app)."""
    row = db.execute("SELECT client_id FROM message WHERE id = ?", (message_id,)).fetchone()
    return row is not None and row[0] is not None


def retry(db: sqlite3.Connection, message_id: int, changes: Changes, *, bulk: bool = False) -> None:
    """A person wants a failed (or unknown) message sent again: a new attempt under a new number."""
    row = db.execute(
        "SELECT conversation_id, inbox_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    db.execute(
        "UPDATE message SET provider_id = NULL, sent_at = NULL, error = NULL WHERE id = ?",
        (message_id,),
    )
    enqueue(db, message_id, row[0], row[1], changes, bulk=bulk)


def arrived(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """A person says that a message of unknown fate did arrive."""
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    db.execute(
        "UPDATE attempt SET outcome = 'confirmed' WHERE message_id = ? AND outcome = 'unclear'",
        (message_id,),
    )
    set_status(db, message_id, Status.SENT, None, changes)
