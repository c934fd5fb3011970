"""What one message does to another: it reacts to it, edits it, revokes it."""

from __future__ import annotations

import sqlite3

from vchat_tui.models import Direction
from vchat_tui.store.changes import MESSAGE, Changes


def add_effect(
    db: sqlite3.Connection,
    message_id: int,
    inbox_id: int,
    target: str,
    kind: str,
    direction: Direction,
    at: int,
    value: str | None,
    changes: Changes,
) -> None:
    """Notes that a message reacts to, edits or revokes another, which may come later."""
    db.execute(
        "INSERT INTO effect (message_id, inbox_id, target, kind, direction, at, value)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (message_id, inbox_id, target, kind, direction, at, value),
    )
    row = db.execute(
        "SELECT conversation_id, id FROM message WHERE inbox_id = ? AND provider_id = ?",
        (inbox_id, target),
    ).fetchone()
    if row:
        changes.note(MESSAGE, row[0], row[1])


def note_target(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """What a message did to another may hold no longer, or again: that one is drawn anew."""
    for conversation_id, target in db.execute(
        "SELECT t.conversation_id, t.id FROM effect e JOIN message t"
        " ON t.inbox_id = e.inbox_id AND t.provider_id = e.target WHERE e.message_id = ?",
        (message_id,),
    ):
        changes.note(MESSAGE, conversation_id, target)
