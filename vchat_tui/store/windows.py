"""What providers say of windows: a refusal closes one until the customer writes again."""

from __future__ import annotations

import sqlite3

from vchat_tui.store.changes import CONVERSATION, Changes
from vchat_tui.store.conversations import SILENT_SQL


def refuse(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """The provider refused free text: the window that the customer's messages had opened before
    this one was sent is closed. One that came later opens it again, in whatever order we hear.

    Args:
        message_id: what was refused.
    """
    conversation_id, sent_at = db.execute(
        "SELECT conversation_id, coalesce((SELECT max(started_at) FROM attempt a"
        " WHERE a.message_id = m.id), received_at) FROM message m WHERE id = ?",
        (message_id,),
    ).fetchone()
    row = db.execute(
        "SELECT order_at FROM message WHERE conversation_id = ? AND direction = 'in'"
        f" AND type NOT IN {SILENT_SQL} AND received_at <= ? ORDER BY order_at DESC LIMIT 1",
        (conversation_id, sent_at),
    ).fetchone()
    db.execute(
        "UPDATE conversation SET window_refused_at = max(coalesce(window_refused_at, 0), ?1),"
        " window_ends_at = CASE WHEN (SELECT last_inbound_at FROM identity i"
        " WHERE i.id = conversation.identity_id) > ?1 THEN window_ends_at END WHERE id = ?2",
        (row[0] if row else 0, conversation_id),
    )
    changes.note(CONVERSATION, conversation_id)
