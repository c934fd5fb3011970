"""What was typed and not sent."""

from __future__ import annotations

import sqlite3

from vchat_tui.store.changes import CONVERSATION, Changes


def get(db: sqlite3.Connection, conversation_id: int) -> tuple[str, tuple[int, int]] | None:
    """The draft of a conversation: text and cursor (row, column)."""
    row = db.execute(
        "SELECT text, cursor_row, cursor_column FROM draft WHERE conversation_id = ?",
        (conversation_id,),
    ).fetchone()
    return (row[0], (row[1], row[2])) if row else None


def save(
    db: sqlite3.Connection,
    conversation_id: int,
    text: str,
    cursor: tuple[int, int],
    changes: Changes,
) -> None:
    """Keeps a draft; an empty text removes it."""
    if text:
        db.execute(
            "INSERT INTO draft VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text,"
            " cursor_row = excluded.cursor_row, cursor_column = excluded.cursor_column,"
            " saved_at = excluded.saved_at",
            (conversation_id, text, *cursor, changes.now),
        )
    else:
        db.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
    changes.note(CONVERSATION, conversation_id)
