"""Full-text search over all messages, newest first."""

from __future__ import annotations

import sqlite3

from vchat_tui.fold import fts_query
from vchat_tui.models import Conversation, SearchHit, SearchPage
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
    hits = []
    rows: dict[int, Conversation | None] = {}
    for message_id in ids[:limit]:
        message = messages.get(db, message_id)
        if message is None:
            continue
        where = message.conversation_id
        if where not in rows:
            rows[where] = conversations.get(db, where)
        conversation = rows[where]
        if conversation is not None:
            hits.append(
                SearchHit(message=message, conversation=conversation, order=(0, message_id))
            )
    return SearchPage(hits=tuple(hits), more=len(ids) > limit)
