"""Two conversations that turn out to be with the same person become one."""

from __future__ import annotations

import sqlite3

from vchat_tui.store.changes import CONVERSATION, CONVERSATION_GONE, MESSAGE, Changes
from vchat_tui.store.conversations import SILENT_SQL, recompute


def merge(db: sqlite3.Connection, gone_identity: int, identity: int, changes: Changes) -> None:
    """Moves the conversation of one identity into that of another of the same inbox."""
    gone = _of_identity(db, gone_identity)
    stays = _of_identity(db, identity)
    if gone is None:
        return
    if stays is None:
        db.execute(
            "UPDATE conversation SET identity_id = ?1,"
            " user_id = (SELECT user_id FROM identity WHERE id = ?1) WHERE id = ?2",
            (identity, gone),
        )
        changes.note(CONVERSATION, gone)
        return
    read_id, window_ms = _read_up_to(db, gone, stays), _window_of(db, gone, stays)
    for (message_id,) in db.execute("SELECT id FROM message WHERE conversation_id = ?", (gone,)):
        changes.note(MESSAGE, stays, message_id)
    for table in ("message", "outbox", "held", "page_link"):
        db.execute(
            f"UPDATE {table} SET conversation_id = ? WHERE conversation_id = ?", (stays, gone)
        )
    # What was typed on either side is kept, one below the other.
    db.execute(
        "INSERT INTO draft SELECT ?1, text, cursor_row, cursor_column, saved_at FROM draft"
        " WHERE conversation_id = ?2"
        " ON CONFLICT DO UPDATE SET text = draft.text || char(10) || excluded.text",
        (stays, gone),
    )
    db.execute(
        "UPDATE conversation SET read_id = ?1, folder = 'inbox', window_refused_at = (SELECT"
        " max(window_refused_at) FROM conversation WHERE id IN (?2, ?3)),"
        " agent_id = coalesce(conversation.agent_id, gone.agent_id),"
        " last_agent_id = coalesce(conversation.last_agent_id, gone.last_agent_id),"
        " department = coalesce(conversation.department, gone.department)"
        " FROM conversation gone WHERE gone.id = ?3 AND conversation.id = ?2",
        (read_id, stays, gone),
    )
    db.execute("DELETE FROM conversation WHERE id = ?", (gone,))
    recompute(db, stays, window_ms)
    changes.note(CONVERSATION_GONE, gone)
    changes.note(CONVERSATION, stays)


def _of_identity(db: sqlite3.Connection, identity_id: int) -> int | None:
    row = db.execute("SELECT id FROM conversation WHERE identity_id = ?", (identity_id,)).fetchone()
    return row[0] if row else None


def _read_up_to(db: sqlite3.Connection, *conversation_ids: int) -> int:
    """Up to where all of these are read, so that nothing unread becomes read."""
    marks = ", ".join("?" * len(conversation_ids))
    read_id: int
    (read_id,) = db.execute(
        "SELECT coalesce(min(m.id) - 1, (SELECT max(read_id) FROM conversation"
        f" WHERE id IN ({marks}))) FROM message m JOIN conversation c ON c.id = m.conversation_id"
        f" WHERE c.id IN ({marks}) AND m.id > c.read_id AND m.direction = 'in'"
        f" AND m.type NOT IN {SILENT_SQL}",
        (*conversation_ids, *conversation_ids),
    ).fetchone()
    return read_id


def _window_of(db: sqlite3.Connection, *conversation_ids: int) -> int | None:
    """How long these leave their window open after a message, in milliseconds."""
    marks = ", ".join("?" * len(conversation_ids))
    row = db.execute(
        "SELECT max(c.window_ends_at - i.last_inbound_at) FROM conversation c"
        f" JOIN identity i ON i.id = c.identity_id WHERE c.id IN ({marks})",
        conversation_ids,
    ).fetchone()
    found: int | None = row[0]
    return found
