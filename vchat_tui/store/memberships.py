"""Customers of a sandbox: when they joined it, and when the provider said that they are not in."""

from __future__ import annotations

import sqlite3

from vchat_tui import sandbox
from vchat_tui.channels.facts import MessageFact
from vchat_tui.store.changes import CONVERSATION, Changes


def heed(db: sqlite3.Connection, conversation_id: int, fact: MessageFact, at: int) -> None:
    """Notes that a message joins the sandbox, where it is one.

    Args:
        at: its time, in milliseconds.
    """
    if sandbox.is_sandbox(fact.channel, fact.account) and sandbox.is_join(fact.text):
        _set(db, "joined_at", conversation_id, at)


def refused(db: sqlite3.Connection, message_id: int, at: int, changes: Changes) -> None:
    """The provider refused a message because its customer is not in the sandbox."""
    (conversation_id,) = db.execute(
        "SELECT conversation_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    _set(db, "not_in_at", conversation_id, at)
    changes.note(CONVERSATION, conversation_id)


def _set(db: sqlite3.Connection, column: str, conversation_id: int, at: int) -> None:
    db.execute(
        f"UPDATE conversation SET {column} = max(coalesce({column}, 0), ?) WHERE id = ?",
        (at, conversation_id),
    )
