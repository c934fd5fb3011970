"""Until when we asked a provider for webhooks that we missed."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from vchat_tui.store.changes import DIAGNOSTICS, Changes
from vchat_tui.store.times import optional, to_ms


def looked_at(db: sqlite3.Connection, inbox_id: int) -> datetime | None:
    """When an inbox's provider was last asked; None: never."""
    row = db.execute(
        "SELECT looked_at FROM reconciliation WHERE inbox_id = ?", (inbox_id,)
    ).fetchone()
    return optional(row[0]) if row else None


def set_looked_at(
    db: sqlite3.Connection, inbox_id: int, at: datetime, found: int, changes: Changes
) -> None:
    """The provider was asked; `found` webhooks had been missed."""
    db.execute(
        "INSERT INTO reconciliation (inbox_id, looked_at, found) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET looked_at = ?2, found = found + ?3",
        (inbox_id, to_ms(at), found),
    )
    if found:
        changes.note(DIAGNOSTICS)
