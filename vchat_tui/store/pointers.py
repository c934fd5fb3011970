"""Notes in one conversation that stand for a message in another of the same person."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from vchat_tui.models import Elsewhere, MessageError, Status
from vchat_tui.store.changes import MESSAGE, Changes

_decode_error = msgspec.json.Decoder(MessageError).decode


def add(db: sqlite3.Connection, note_id: int, target_id: int) -> None:
    """A note stands for a message."""
    db.execute("INSERT INTO pointer (message_id, target_id) VALUES (?, ?)", (note_id, target_id))


def read(db: sqlite3.Connection, message_ids: Sequence[int]) -> dict[int, Elsewhere]:
    """How messages of ours stand in their own conversations."""
    if not message_ids:
        return {}
    marks = ",".join("?" * len(message_ids))
    rows = db.execute(
        "SELECT m.id, m.conversation_id, b.name, b.channel, m.status, m.recipient, m.error"
        f" FROM message m JOIN inbox b ON b.id = m.inbox_id WHERE m.id IN ({marks})",
        (*message_ids,),
    )
    return {row[0]: _elsewhere(row) for row in rows}


def _elsewhere(row: tuple[Any, ...]) -> Elsewhere:
    message_id, conversation_id, inbox, channel, status, to, error = row
    return Elsewhere(
        conversation_id=conversation_id, message_id=message_id, inbox=inbox, channel=channel,
        status=Status(status), to=to, error=_decode_error(error) if error else None,
    )  # fmt: skip


def note(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """A message changed: so did what shows how it stands, its notes and the held answers that it
    tells of."""
    for conversation_id, shown_by in db.execute(
        "SELECT conversation_id, message_id FROM held WHERE notice_id = ?1"
        " UNION ALL SELECT conversation_id, message_id FROM held WHERE sms_id = ?1"
        " UNION ALL SELECT m.conversation_id, m.id FROM pointer p JOIN message m ON m.id = p.message_id"
        " WHERE p.target_id = ?1",
        (message_id,),
    ):
        changes.note(MESSAGE, conversation_id, shown_by)
