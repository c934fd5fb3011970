"""Full-text search over all messages, newest first."""

from __future__ import annotations

import sqlite3

from vchat_tui.fold import fts_query
from vchat_tui.models import SearchHit, SearchPage
from vchat_tui.store import conversations, messages


def search(
    db: sqlite3.Connection, text: str, before: tuple[int, int] | None, limit: int
) -> SearchPage:
    """Messages that hold every word of `text` (the last one may be unfinished).

    Args:
        before: the `order` of the last hit of the page before.
    """
    query = fts_query(text)
    if query is None:
        return SearchPage(hits=())
    below = before[1] if before else 2**62
    ids = [
        row[0]
        for row in db.execute(
            "SELECT rowid FROM message_search WHERE message_search MATCH ? AND rowid < ?"
            " ORDER BY rowid DESC LIMIT ?",
            (query, below, limit + 1),
        )
    ]
    found = messages.several(db, ids[:limit])
    rows = conversations.several(db, {message.conversation_id for message in found.values()})
    hits = [
        SearchHit(
            message=found[message_id],
            conversation=rows[found[message_id].conversation_id],
            order=(0, message_id),
        )
        for message_id in ids[:limit]
        if message_id in found
    ]
    return SearchPage(hits=tuple(hits), more=len(ids) > limit)
