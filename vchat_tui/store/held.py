"""Answers written while the window was closed, and what keeps each from going."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from vchat_tui.models import Refused, Status
from vchat_tui.store import agents, conversations, deliveries, index
from vchat_tui.store.changes import CONVERSATION, MESSAGE, Changes

STALE, TAKEN_BACK = "stale", "taken_back"
_encode = msgspec.json.Encoder().encode


class Row(NamedTuple):
    """A held answer."""

    message_id: int
    conversation_id: int
    held_at: int
    release_at: int | None
    asks: str | None


_COLUMNS = "message_id, conversation_id, held_at, release_at, asks"


def add(db: sqlite3.Connection, message_id: int, conversation_id: int, changes: Changes) -> None:
    """Holds a message that is written already."""
    db.execute(
        "INSERT INTO held (message_id, conversation_id, held_at) VALUES (?, ?, ?)",
        (message_id, conversation_id, changes.now),
    )
    deliveries.set_status(db, message_id, Status.HELD, None, changes)


def get(db: sqlite3.Connection, message_id: int) -> Row | None:
    """A held answer; None where the message is not held (any more)."""
    row = db.execute(f"SELECT {_COLUMNS} FROM held WHERE message_id = ?", (message_id,)).fetchone()
    return Row(*row) if row else None


def of_conversation(db: sqlite3.Connection, conversation_id: int) -> list[Row]:
    """The held answers of a conversation, in the order in which they were written."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM held WHERE conversation_id = ? ORDER BY message_id",
        (conversation_id,),
    )
    return [Row(*row) for row in rows]


def has_notice(db: sqlite3.Connection, conversation_id: int) -> bool:
    """Whether the customer was told already that an answer waits."""
    row = db.execute(
        "SELECT 1 FROM held h JOIN message m ON m.id IN (h.notice_id, h.sms_id)"
        " WHERE h.conversation_id = ? AND m.status <> 'failed'",
        (conversation_id,),
    ).fetchone()
    return row is not None


def set_notice(db: sqlite3.Connection, message_id: int, notice_id: int) -> None:
    """A template tells the customer of a held answer."""
    db.execute("UPDATE held SET notice_id = ? WHERE message_id = ?", (notice_id, message_id))


def set_sms(db: sqlite3.Connection, message_id: int, sms_id: int, changes: Changes) -> None:
    """A text on another channel tells the customer of a held answer."""
    db.execute("UPDATE held SET sms_id = ? WHERE message_id = ?", (sms_id, message_id))
    _note(db, message_id, changes)


def set_why_not(
    db: sqlite3.Connection, message_id: int, reasons: Sequence[Refused], changes: Changes
) -> None:
    """Why nothing tells the customer of a held answer."""
    db.execute(
        "UPDATE held SET no_notice = ? WHERE message_id = ?",
        (_encode(reasons).decode(), message_id),
    )
    _note(db, message_id, changes)


class Untold(NamedTuple):
    """A held answer whose template failed, so that the customer does not know of it."""

    message_id: int
    conversation_id: int
    inbox_id: int
    notice_id: int
    author: str | None


def untold(db: sqlite3.Connection) -> list[Untold]:
    """Answers that wait for the customer whose template failed, where nothing else was tried."""
    rows = db.execute(
        "SELECT h.message_id, h.conversation_id, n.inbox_id, h.notice_id, m.author FROM held h"
        " JOIN message n ON n.id = h.notice_id JOIN message m ON m.id = h.message_id"
        " WHERE n.status = 'failed' AND h.sms_id IS NULL AND h.no_notice IS NULL"
        " AND h.release_at IS NULL AND h.asks IS NULL ORDER BY h.message_id"
    )
    return [Untold(*row) for row in rows]


def schedule(db: sqlite3.Connection, message_id: int, at: int | None, changes: Changes) -> None:
    """The answer goes then (None: it waits again)."""
    db.execute("UPDATE held SET release_at = ? WHERE message_id = ?", (at, message_id))
    _note(db, message_id, changes)


def ask(db: sqlite3.Connection, message_id: int, why: str, changes: Changes) -> None:
    """The answer does not go by itself any more: an agent decides."""
    db.execute(
        "UPDATE held SET release_at = NULL, asks = ? WHERE message_id = ?", (why, message_id)
    )
    _note(db, message_id, changes)


def due(db: sqlite3.Connection, now: int, longest: int) -> list[Row]:
    """What goes now, oldest first. One from too far ahead shows that the clock was set back since:
    when it may go is no longer known, so it goes.

    Args:
        longest: the most milliseconds that an answer may have to wait.
    """
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM held WHERE release_at <= ?1 OR release_at > ?2 ORDER BY message_id",
        (now, now + longest),
    )
    return [Row(*row) for row in rows]


def next_at(db: sqlite3.Connection) -> int | None:
    """When the next answer goes."""
    found: int | None = db.execute(
        "SELECT min(release_at) FROM held WHERE release_at IS NOT NULL"
    ).fetchone()[0]
    return found


def release(db: sqlite3.Connection, row: Row, changes: Changes) -> None:
    """From held to the outbox; its place in the conversation is where it goes, not where it was
    written."""
    db.execute("DELETE FROM held WHERE message_id = ?", (row.message_id,))
    inbox_id, status, author = db.execute(
        "SELECT inbox_id, status, author FROM message WHERE id = ?", (row.message_id,)
    ).fetchone()
    if status != Status.HELD:
        return  # an earlier try of it did arrive after all
    db.execute(
        "UPDATE message SET order_at = ?, received_at = ? WHERE id = ?",
        (changes.now, changes.now, row.message_id),
    )
    deliveries.enqueue(db, row.message_id, row.conversation_id, inbox_id, changes)
    agents.answered(db, row.conversation_id, author)
    conversations.recompute_last(db, row.conversation_id)
    changes.note(CONVERSATION, row.conversation_id)


def take_failed(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """A message that failed is held instead; what its send left behind goes."""
    conversation_id = db.execute(
        "SELECT conversation_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()[0]
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    db.execute(
        "UPDATE message SET provider_id = NULL, sent_at = NULL, error = NULL WHERE id = ?",
        (message_id,),
    )
    add(db, message_id, conversation_id, changes)


def delete(db: sqlite3.Connection, row: Row, changes: Changes) -> None:
    """The message was never sent and never will be: it is gone. What told the customer of it tells
    of the next that waits."""
    db.execute(
        "UPDATE held SET notice_id = gone.notice_id, sms_id = gone.sms_id, no_notice = gone.no_notice"
        " FROM held AS gone WHERE gone.message_id = ?1 AND held.notice_id IS NULL"
        " AND held.sms_id IS NULL AND (gone.notice_id NOT NULL OR gone.sms_id NOT NULL)"
        " AND held.message_id = (SELECT min(message_id) FROM held"
        " WHERE conversation_id = ?2 AND message_id <> ?1)",
        (row.message_id, row.conversation_id),
    )
    text, filename = db.execute(
        "SELECT text, filename FROM message WHERE id = ?", (row.message_id,)
    ).fetchone()
    index.delete_message(db, row.message_id, text, filename)
    db.execute("DELETE FROM message WHERE id = ?", (row.message_id,))
    conversations.recompute_last(db, row.conversation_id)
    changes.note(MESSAGE, row.conversation_id, row.message_id)
    changes.note(CONVERSATION, row.conversation_id)


def _note(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    row = get(db, message_id)
    if row is not None:
        changes.note(MESSAGE, row.conversation_id, message_id)
