"""What somebody who opted out may still be sent: one rule for every way of sending."""

from __future__ import annotations

import sqlite3

from vchat_tui.channels.registry import capabilities
from vchat_tui.models import Content, MessageError
from vchat_tui.store import templates

OPTED_OUT = MessageError(code="opted_out")
STOPPED = MessageError(code="stopped")


def refusal(
    db: sqlite3.Connection, inbox_id: int, content: Content, *, bulk: bool
) -> MessageError | None:
    """Why this may not go to somebody who opted out; None where it still may.

    Args:
        bulk: part of a broadcast.
    """
    (channel,) = db.execute("SELECT channel FROM inbox WHERE id = ?", (inbox_id,)).fetchone()
    if capabilities(channel).opt_out_stops_all:
        return STOPPED
    marketing = bulk or templates.is_marketing(db, inbox_id, content)
    return OPTED_OUT if marketing else None
