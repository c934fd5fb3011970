"""Broadcasts: the jobs themselves, and how a recipient moves from `pending` to the outbox and back.

A recipient and their message are written in one transaction, so that a killed server neither
forgets nor repeats anybody. What the recipient's state is from then on stands on the message.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from vchat_tui.broadcast_models import BroadcastContent, BroadcastState
from vchat_tui.models import MessageError, Status
from vchat_tui.store import conversations, deliveries, index, people
from vchat_tui.store.changes import BROADCASTS, CONVERSATION, MESSAGE, Changes

NOT_SENT = MessageError(code="not_sent")
_encode = msgspec.json.Encoder().encode


class Job(NamedTuple):
    """A broadcast as the feeder needs it."""

    id: int
    inbox_id: int
    client_id: str
    content: BroadcastContent
    author: str | None
    quiet: str | None


def create(
    db: sqlite3.Connection, name: str, inbox_id: int, client_id: str, content: BroadcastContent,
    author: str | None, quiet: str | None, changes: Changes,
) -> int:  # fmt: skip
    """A new draft; the same client id again answers the one that is there."""
    db.execute(
        "INSERT INTO broadcast (name, inbox_id, client_id, state, content, author, created_at,"
        " quiet) VALUES (?, ?, ?, 'draft', ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (name, inbox_id, client_id, _encode(content).decode(), author, changes.now, quiet),
    )
    changes.note(BROADCASTS)
    found: int = db.execute(
        "SELECT id FROM broadcast WHERE client_id = ?", (client_id,)
    ).fetchone()[0]
    return found


def delete(db: sqlite3.Connection, broadcast_id: int, changes: Changes) -> None:
    """Removes a draft with its recipients."""
    db.execute("DELETE FROM broadcast WHERE id = ? AND state = 'draft'", (broadcast_id,))
    changes.note(BROADCASTS)


def _last_number(db: sqlite3.Connection, broadcast_id: int) -> int:
    found: int = db.execute(
        "SELECT coalesce(max(number), 0) FROM broadcast_recipient WHERE broadcast_id = ?",
        (broadcast_id,),
    ).fetchone()[0]
    return found


def add_users(db: sqlite3.Connection, broadcast_id: int, user_ids: Iterable[int]) -> None:
    """Adds users by id; one who is in it already stays where they are."""
    number = _last_number(db, broadcast_id)
    for user_id in user_ids:
        number += 1
        db.execute(
            "INSERT INTO broadcast_recipient (broadcast_id, number, user_id, state)"
            " SELECT ?1, ?2, id, 'pending' FROM user WHERE id = ?3 ON CONFLICT DO NOTHING",
            (broadcast_id, number, user_id),
        )


def add_matching(db: sqlite3.Connection, broadcast_id: int, text: str) -> None:
    """Adds all users whom a search of the users screen finds; all there are, where it is empty."""
    clause, values = people.search_clause(text) if text.strip() else ("1", [])
    _add_where(db, broadcast_id, clause, values)


def add_on(db: sqlite3.Connection, broadcast_id: int, channels: Sequence[str]) -> None:
    """Adds all users whom inboxes of these channels know."""
    marks = ", ".join("?" * len(channels))
    clause = (
        "EXISTS (SELECT 1 FROM identity i JOIN inbox b ON b.id = i.inbox_id"
        f" WHERE i.user_id = u.id AND b.channel IN ({marks}))"
    )
    _add_where(db, broadcast_id, clause, channels)


def _add_where(
    db: sqlite3.Connection, broadcast_id: int, clause: str, values: Sequence[str]
) -> None:
    db.execute(
        "INSERT INTO broadcast_recipient (broadcast_id, number, user_id, state)"
        " SELECT ?, ? + row_number() OVER (ORDER BY u.name COLLATE NOCASE, u.id), u.id, 'pending'"
        f" FROM user u WHERE {clause} ORDER BY u.name COLLATE NOCASE, u.id ON CONFLICT DO NOTHING",
        (broadcast_id, _last_number(db, broadcast_id), *values),
    )


def add_typed(
    db: sqlite3.Connection, broadcast_id: int, user_id: int | None, address: str,
    address_key: str | None, reason: str | None,
) -> None:  # fmt: skip
    """Adds somebody from a typed list; what cannot be written to, or is there twice, is kept with
    the reason.

    Args:
        user_id: who it is, where known.
        address_key: of the number, where it is one.
        reason: why this is nobody.
    """
    number = _last_number(db, broadcast_id) + 1
    written = db.execute(
        "INSERT INTO broadcast_recipient (broadcast_id, number, user_id, address, address_key, state,"
        " reason) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            broadcast_id, number, user_id, address, address_key,
            "skipped" if reason else "pending", reason,
        ),
    )  # fmt: skip
    if not written.rowcount:
        db.execute(
            "INSERT INTO broadcast_recipient (broadcast_id, number, address, state, reason)"
            " VALUES (?, ?, ?, 'skipped', 'duplicate')",
            (broadcast_id, number, address),
        )


def set_state(
    db: sqlite3.Connection, broadcast_id: int, state: BroadcastState, changes: Changes
) -> None:
    """Writes a state with its time; the reason of a pause goes."""
    db.execute(
        "UPDATE broadcast SET state = ?1, reason = NULL,"
        " started_at = CASE WHEN ?1 = 'running' THEN coalesce(started_at, ?2) ELSE started_at END,"
        " ended_at = CASE WHEN ?1 IN ('done', 'cancelled') THEN ?2 END WHERE id = ?3",
        (str(state), changes.now, broadcast_id),
    )
    changes.note(BROADCASTS)


def schedule(db: sqlite3.Connection, broadcast_id: int, at: int, changes: Changes) -> None:
    """It starts by itself at this time."""
    set_state(db, broadcast_id, BroadcastState.SCHEDULED, changes)
    db.execute("UPDATE broadcast SET scheduled_at = ? WHERE id = ?", (at, broadcast_id))


def pause(
    db: sqlite3.Connection, broadcast_id: int, reason: MessageError | None, changes: Changes
) -> None:
    """Stops one that runs; what is not under way goes back to `pending`.

    Args:
        reason: the error that stopped it; None: a person did.
    """
    state = db.execute("SELECT state FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()[0]
    if state != BroadcastState.RUNNING:
        return
    set_state(db, broadcast_id, BroadcastState.PAUSED, changes)
    if reason is not None:
        db.execute(
            "UPDATE broadcast SET reason = ? WHERE id = ?",
            (_encode(reason).decode(), broadcast_id),
        )
    take_back(db, broadcast_id, changes)


def cancel(db: sqlite3.Connection, broadcast_id: int, changes: Changes) -> None:
    """Ends one for good: whoever has not been written to will not be."""
    set_state(db, broadcast_id, BroadcastState.CANCELLED, changes)
    take_back(db, broadcast_id, changes)
    # A failed message that was to go again stays failed.
    db.execute(
        "UPDATE broadcast_recipient SET state = 'queued' WHERE broadcast_id = ? AND state = 'pending'"
        " AND message_id NOT NULL",
        (broadcast_id,),
    )
    db.execute(
        "UPDATE broadcast_recipient SET state = 'skipped', reason = 'cancelled'"
        " WHERE broadcast_id = ? AND state = 'pending'",
        (broadcast_id,),
    )


def take_back(db: sqlite3.Connection, broadcast_id: int, changes: Changes) -> None:
    """Takes what waits in the outbox back: its recipients are `pending` again.

    A message that was never tried leaves no trace; one that was tried (and certainly did not go)
    is a failed one, which goes again.
    """
    rows = db.execute(
        "SELECT r.number, o.message_id,"
        " EXISTS (SELECT 1 FROM attempt a WHERE a.message_id = o.message_id) FROM outbox o"
        " CROSS JOIN broadcast_recipient r ON r.message_id = o.message_id"
        " WHERE o.bulk = 1 AND o.state = 'queued' AND r.broadcast_id = ?",
        (broadcast_id,),
    ).fetchall()
    for number, message_id, tried in rows:
        db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
        if tried:
            _fail(db, message_id, changes)
        else:
            forget_message(db, message_id, changes)
        db.execute(
            "UPDATE broadcast_recipient SET state = 'pending', queued_at = NULL, message_id = ?"
            " WHERE broadcast_id = ? AND number = ?",
            (message_id if tried else None, broadcast_id, number),
        )


def _fail(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    (error,) = db.execute("SELECT error FROM message WHERE id = ?", (message_id,)).fetchone()
    deliveries.set_status(db, message_id, Status.FAILED, None if error else NOT_SENT, changes)


def forget_message(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """A message that was never tried leaves no trace."""
    conversation_id, text, filename = db.execute(
        "SELECT conversation_id, text, filename FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    index.delete_message(db, message_id, text, filename)
    db.execute("DELETE FROM message WHERE id = ?", (message_id,))
    conversations.recompute_last(db, conversation_id)
    changes.note(MESSAGE, conversation_id, message_id)
    changes.note(CONVERSATION, conversation_id)


_JOB = "id, inbox_id, client_id, content, author, quiet"


def running(db: sqlite3.Connection) -> list[Job]:
    """All that run."""
    rows = db.execute(f"SELECT {_JOB} FROM broadcast WHERE state = 'running'")
    return [_job(row) for row in rows]


def job(db: sqlite3.Connection, broadcast_id: int) -> Job | None:
    """One broadcast, whatever its state."""
    row = db.execute(f"SELECT {_JOB} FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    return _job(row) if row else None


def _job(row: tuple[int, int, str, str, str | None, str | None]) -> Job:
    content = msgspec.json.decode(row[3], type=BroadcastContent)
    return Job(row[0], row[1], row[2], content, *row[4:])


def running_on(db: sqlite3.Connection, inbox_id: int) -> list[int]:
    """Those that run on an inbox."""
    rows = db.execute(
        "SELECT id FROM broadcast WHERE state = 'running' AND inbox_id = ?", (inbox_id,)
    )
    return [row[0] for row in rows]


def start_scheduled(db: sqlite3.Connection, changes: Changes) -> None:
    """Starts those whose time has come."""
    for (broadcast_id,) in db.execute(
        "SELECT id FROM broadcast WHERE state = 'scheduled' AND scheduled_at <= ?", (changes.now,)
    ).fetchall():
        set_state(db, broadcast_id, BroadcastState.RUNNING, changes)


def next_start(db: sqlite3.Connection) -> int | None:
    """When the next one starts by itself."""
    row = db.execute("SELECT min(scheduled_at) FROM broadcast WHERE state = 'scheduled'").fetchone()
    found: int | None = row[0]
    return found


def of_message(db: sqlite3.Connection, message_id: int) -> tuple[int, int] | None:
    """The broadcast that a message belongs to, and the number of its recipient there."""
    found: tuple[int, int] | None = db.execute(
        "SELECT broadcast_id, number FROM broadcast_recipient WHERE message_id = ?", (message_id,)
    ).fetchone()
    return found


def inbox_of(db: sqlite3.Connection, message_id: int) -> int:
    """The inbox of a message."""
    found: int = db.execute("SELECT inbox_id FROM message WHERE id = ?", (message_id,)).fetchone()[
        0
    ]
    return found


def has_message_in(db: sqlite3.Connection, broadcast_id: int, conversation_id: int) -> bool:
    """Whether a conversation has a message of a broadcast already: two recipients may turn out to
    be one person."""
    row = db.execute(
        "SELECT 1 FROM message m JOIN broadcast_recipient r ON r.message_id = m.id"
        " WHERE m.conversation_id = ? AND r.broadcast_id = ? LIMIT 1",
        (conversation_id, broadcast_id),
    ).fetchone()
    return row is not None


def queued(
    db: sqlite3.Connection, broadcast_id: int, number: int, user_id: int | None, message_id: int,
    changes: Changes,
) -> None:  # fmt: skip
    """A recipient's message is in the outbox."""
    db.execute(
        "UPDATE broadcast_recipient SET state = 'queued', message_id = ?, queued_at = ?"
        " WHERE broadcast_id = ? AND number = ?",
        (message_id, changes.now, broadcast_id, number),
    )
    # Another recipient may be this user already (two numbers of one person).
    db.execute(
        "UPDATE OR IGNORE broadcast_recipient SET user_id = ? WHERE broadcast_id = ? AND number = ?",
        (user_id, broadcast_id, number),
    )


def skipped(db: sqlite3.Connection, broadcast_id: int, number: int, reason: str) -> None:
    """A recipient gets nothing."""
    db.execute(
        "UPDATE broadcast_recipient SET state = 'skipped', reason = ?, message_id = NULL,"
        " queued_at = NULL"
        " WHERE broadcast_id = ? AND number = ?",
        (reason, broadcast_id, number),
    )


def waiting(db: sqlite3.Connection, broadcast_id: int) -> int:
    """How many of its messages wait in the outbox or are under way."""
    found: int = db.execute(
        "SELECT count(*) FROM outbox o"  # CROSS: from the few there, not from all recipients
        " CROSS JOIN broadcast_recipient r ON r.message_id = o.message_id"
        " WHERE r.broadcast_id = ? AND o.state <> 'unknown'",
        (broadcast_id,),
    ).fetchone()[0]
    return found


def stragglers(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """Broadcasts that do not run and have messages in the outbox: they were under way when it was
    stopped, and came back to be tried again. With their states."""
    rows = db.execute(
        "SELECT DISTINCT b.id, b.state FROM outbox o JOIN broadcast_recipient r"
        " ON r.message_id = o.message_id JOIN broadcast b ON b.id = r.broadcast_id"
        " WHERE o.bulk = 1 AND o.state = 'queued' AND b.state <> 'running'"
    )
    return rows.fetchall()


def take_back_stragglers(db: sqlite3.Connection, changes: Changes) -> None:
    """Takes those back."""
    for broadcast_id, state in stragglers(db):
        if state == BroadcastState.CANCELLED:
            cancel(db, broadcast_id, changes)
        else:
            take_back(db, broadcast_id, changes)


def failed_again(db: sqlite3.Connection, broadcast_id: int, withheld_before: int) -> int:
    """Recipients with a failed message whom trying again may reach become `pending`; answers how
    many.

    Args:
        withheld_before: whom the provider withheld marketing since then is left alone.
    """
    cursor = db.execute(
        "UPDATE broadcast_recipient SET state = 'pending' WHERE broadcast_id = ?1"
        " AND state = 'queued' AND message_id IN (SELECT m.id FROM message m"
        " JOIN broadcast_recipient r ON r.message_id = m.id"
        " JOIN conversation c ON c.id = m.conversation_id JOIN identity i ON i.id = c.identity_id"
        " WHERE r.broadcast_id = ?1 AND m.status = 'failed' AND i.opted_out_at IS NULL"
        " AND i.unreachable_at IS NULL AND coalesce(i.withheld_at, 0) < ?2)",
        (broadcast_id, withheld_before),
    )
    return cursor.rowcount


def joined(db: sqlite3.Connection, gone: int, stays: int) -> None:
    """Two users turned out to be one person: one message is enough for them."""
    db.execute(
        "UPDATE OR IGNORE broadcast_recipient SET user_id = ? WHERE user_id = ?", (stays, gone)
    )
    for one, other in ((gone, stays), (stays, gone)):
        db.execute(
            "UPDATE broadcast_recipient AS r SET state = 'skipped', reason = 'duplicate'"
            " WHERE r.user_id = ?1 AND r.state = 'pending' AND r.message_id IS NULL"
            " AND EXISTS (SELECT 1 FROM broadcast_recipient s WHERE s.broadcast_id = r.broadcast_id"
            " AND s.user_id = ?2 AND (s.state = 'queued' OR ?1 = ?3))",
            (one, other, gone),
        )
