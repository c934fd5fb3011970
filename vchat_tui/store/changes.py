"""What a transaction changed, as numbered rows that consoles follow.

A function that changes something notes it here; `flush` writes the rows in the same transaction,
each thing once, so that a batch of a thousand statuses for ten messages is ten rows.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

ARRIVED = "arrived"  # a customer's message came in
MESSAGE = "message"
CONVERSATION = "conversation"
CONVERSATION_GONE = "conversation_gone"
USER = "user"
INBOXES = "inboxes"
DIAGNOSTICS = "diagnostics"
TEMPLATES = "templates"
BROADCASTS = "broadcasts"
AGENTS = "agents"


class ChangeRow(NamedTuple):
    """A numbered change: what kind, in which conversation, of which thing."""

    seq: int
    kind: str
    conversation_id: int | None
    subject_id: int | None


class Changes:
    """Collects what one transaction changes."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._noted: dict[tuple[str, int | None, int | None], None] = {}

    def note(
        self, kind: str, conversation_id: int | None = None, subject_id: int | None = None
    ) -> None:
        """Remembers a change; noting it twice is the same as once."""
        self._noted[kind, conversation_id, subject_id] = None

    def subjects(self, kind: str) -> list[int]:
        """The things of a kind that were noted since the last flush."""
        return [subject for noted, _, subject in self._noted if noted == kind and subject]

    def flush(self, db: sqlite3.Connection) -> None:
        """Writes what was noted, in order."""
        if self._noted:
            db.executemany(
                "INSERT INTO event (kind, conversation_id, subject_id, at) VALUES (?, ?, ?, ?)",
                [(*key, self.now) for key in self._noted],
            )
            self._noted.clear()


def last_seq(db: sqlite3.Connection) -> int:
    """The number of the newest change."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    return row[0] if row else 0


def since(db: sqlite3.Connection, seq: int, limit: int) -> list[ChangeRow]:
    """Changes after a number, oldest first."""
    rows = db.execute(
        "SELECT seq, kind, conversation_id, subject_id FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
        (seq, limit),
    )
    return [ChangeRow(*row) for row in rows]


def forget_before(db: sqlite3.Connection, seq: int) -> None:
    """Deletes changes that every console has long seen."""
    db.execute("DELETE FROM event WHERE seq <= ?", (seq,))
