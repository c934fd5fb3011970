"""What waits in the outbox: which row may go next, when, and how many there are."""

from __future__ import annotations

import sqlite3

from vchat_tui.models import MessageError, Status
from vchat_tui.store.changes import Changes
from vchat_tui.store.deliveries import set_status

# An older message that is sent again goes before newer ones, but not beside one under way. An
# answer does not wait for a broadcast.
_NOTHING_BEFORE = (
    "NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id"
    " AND ((e.bulk, e.message_id) < (o.bulk, o.message_id) OR e.state = 'sending'))"
)

_OF_ONE_THAT_RUNS = (
    "EXISTS (SELECT 1 FROM broadcast_recipient r JOIN broadcast x ON x.id = r.broadcast_id"
    " WHERE r.message_id = o.message_id AND x.state = 'running')"
)


def due(db: sqlite3.Connection, now: int, limit: int) -> list[tuple[int, int, int, bool]]:
    """What may be sent now: (message, conversation, inbox, bulk), answers before broadcasts, the
    oldest first.

    Only the first row of a conversation, so that its order holds: a row that waits, is under way
    or is of unknown fate holds those behind it. A row from the future shows that the clock was set
    back since: when it may go is no longer known, so it goes.
    """
    rows = db.execute(
        "SELECT o.message_id, o.conversation_id, o.inbox_id, o.bulk FROM outbox o"
        " JOIN inbox b ON b.id = o.inbox_id WHERE b.paused IS NULL AND o.state = 'queued'"
        f" AND o.needs_files = 0 AND (o.next_at <= ?1 OR o.changed_at > ?1) AND {_NOTHING_BEFORE}"
        f" AND (o.bulk = 0 OR {_OF_ONE_THAT_RUNS})"
        " ORDER BY o.bulk, o.message_id LIMIT ?2",
        (now, limit),
    )
    return rows.fetchall()


def next_due_at(db: sqlite3.Connection, now: int) -> int | None:
    """When the next row that waits for its time may go; None where nothing waits for that."""
    row = db.execute(
        "SELECT min(o.next_at) FROM outbox o JOIN inbox b ON b.id = o.inbox_id"
        " WHERE b.paused IS NULL AND o.state = 'queued' AND o.needs_files = 0 AND o.next_at > ?1"
        f" AND o.changed_at <= ?1 AND {_NOTHING_BEFORE}",
        (now,),
    ).fetchone()
    found: int | None = row[0]
    return found


def counts(db: sqlite3.Connection) -> dict[int, dict[str, int]]:
    """How many rows wait or are unknown, by inbox."""
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
