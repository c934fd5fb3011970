"""What we said last in a conversation: a customer's few words may answer it."""

from __future__ import annotations

import sqlite3

from vchat_tui.models import Message
from vchat_tui.store import messages


def last_said(db: sqlite3.Connection, conversation_id: int, at: int) -> Message | None:
    """The last message of ours that left before a moment, among the last few of both."""
    row = db.execute(
        "SELECT id FROM (SELECT id, order_at, direction, status FROM message"
        "  WHERE conversation_id = ? AND order_at <= ? ORDER BY order_at DESC, id DESC LIMIT 50)"
        " WHERE direction = 'out' AND status NOT IN ('held', 'failed')"
        " ORDER BY order_at DESC, id DESC LIMIT 1",
        (conversation_id, at),
    ).fetchone()
    return messages.get(db, row[0]) if row else None
