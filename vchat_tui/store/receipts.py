"""What a customer may be told of: that their newest message was read."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from vchat_tui.store.conversations import SILENT_SQL

OLDEST_MS = 30 * 24 * 3600 * 1000
"""Meta takes receipts for messages of the last 30 days (Meta, Cloud API, "Mark messages as read")."""


class Unread(NamedTuple):
    """A customer's message, and what the settings of its inbox say."""

    inbox_id: int
    provider_id: str
    read_receipts: bool
    typing_indicator: bool


def newest(
    db: sqlite3.Connection, conversation_id: int, up_to: int | None, now: int
) -> Unread | None:
    """The customer's newest message, of those up to one."""
    row = db.execute(
        "SELECT m.inbox_id, m.provider_id, b.settings FROM message m JOIN inbox b"
        " ON b.id = m.inbox_id WHERE m.conversation_id = ?1 AND m.direction = 'in'"
        f" AND m.type NOT IN {SILENT_SQL} AND m.provider_id IS NOT NULL"
        " AND (?2 IS NULL OR m.id <= ?2) AND m.received_at > ?3"
        " ORDER BY m.order_at DESC, m.id DESC LIMIT 1",
        (conversation_id, up_to, now - OLDEST_MS),
    ).fetchone()
    if row is None:
        return None
    settings = json.loads(row[2])
    return Unread(
        row[0], row[1], bool(settings.get("read_receipts")), bool(settings.get("typing_indicator"))
    )
