"""Files of customers that are still to be fetched from their provider."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from vchat_tui.models import Content, Media, MessageError
from vchat_tui.store import files, messages
from vchat_tui.store.changes import MESSAGE, Changes
from vchat_tui.store.files import Kept

_encode = msgspec.json.Encoder().encode


class Due(NamedTuple):
    """A file to fetch. `tries`: how often it was tried."""

    message_id: int
    number: int
    inbox_id: int
    conversation_id: int
    kind: str  # of the message
    tries: int
    received_at: int
    asked: bool
    media: Media


def _to_fetch(content: Content) -> tuple[Media, ...]:
    """The files of a message; those of an edited caption are known by the message that it edits."""
    return () if content.type == "edit" else content.media


def pending(content: Content) -> Content:
    """The content as it is stored before its files are here."""
    if not _to_fetch(content):
        return content
    return replace(content, media=tuple(replace(file, state="pending") for file in content.media))


def want(db: sqlite3.Connection, message_id: int, inbox_id: int, content: Content) -> None:
    """The files of a message that has just come are to be fetched."""
    for number, _file in enumerate(_to_fetch(content)):
        db.execute(
            "INSERT INTO download (message_id, number, inbox_id, state, next_at)"
            " VALUES (?, ?, ?, 'pending', 0)",
            (message_id, number, inbox_id),
        )


def want_again(db: sqlite3.Connection, message_id: int, changes: Changes) -> int:
    """A person wants the files of a message that are not here; answers how many there are."""
    (inbox_id,) = db.execute("SELECT inbox_id FROM message WHERE id = ?", (message_id,)).fetchone()
    wanted = 0
    for number, file in enumerate(messages.content_of(db, message_id).media):
        if file.state != "ready":
            db.execute(
                "INSERT INTO download (message_id, number, inbox_id, state, next_at, asked)"
                " VALUES (?, ?, ?, 'pending', 0, 1) ON CONFLICT DO UPDATE SET state = 'pending',"
                " tries = 0, next_at = 0, asked = 1, error = NULL",
                (message_id, number, inbox_id),
            )
            _set(db, message_id, number, replace(file, state="pending", problem=None), changes)
            wanted += 1
    return wanted


def due(db: sqlite3.Connection, inbox_id: int, now: int, limit: int) -> list[Due]:
    """What may be fetched of an inbox now; what came last is looked at first."""
    rows = db.execute(
        "SELECT d.message_id, d.number, m.conversation_id, m.type, d.tries, m.received_at, d.asked"
        " FROM download d JOIN message m ON m.id = d.message_id"
        " WHERE d.inbox_id = ? AND d.state = 'pending' AND d.next_at <= ?"
        " ORDER BY d.next_at, d.message_id DESC LIMIT ?",
        (inbox_id, now, limit),
    ).fetchall()
    return [
        Due(message_id, number, inbox_id, conversation_id, kind, tries, received_at, bool(asked),
            messages.content_of(db, message_id).media[number])
        for message_id, number, conversation_id, kind, tries, received_at, asked in rows
    ]  # fmt: skip


def next_at(db: sqlite3.Connection, now: int) -> int | None:
    """When the next file that waits for its time may be tried."""
    row = db.execute(
        "SELECT min(next_at) FROM download WHERE state = 'pending' AND next_at > ?", (now,)
    ).fetchone()
    found: int | None = row[0]
    return found


def fetched(db: sqlite3.Connection, done: Due, kept: Kept, changes: Changes) -> None:
    """The file is here."""
    files.add(db, kept, changes.now)
    file = replace(
        done.media, state="ready", sha256=kept.sha256, size=kept.size,
        mime_type=kept.type.mime_type, url=None, problem=None,
    )  # fmt: skip
    _set(db, done.message_id, done.number, file, changes)
    db.execute(
        "DELETE FROM download WHERE message_id = ? AND number = ?", (done.message_id, done.number)
    )


def postponed(db: sqlite3.Connection, tried: Due, at: int, counts: bool) -> None:
    """It goes again later. `counts`: as one of the allowed tries."""
    db.execute(
        "UPDATE download SET tries = tries + ?, next_at = ? WHERE message_id = ? AND number = ?",
        (int(counts), at, tried.message_id, tried.number),
    )


def failed(db: sqlite3.Connection, tried: Due, error: MessageError, changes: Changes) -> None:
    """It is not tried again by itself; the message says why."""
    db.execute(
        "UPDATE download SET state = 'failed', error = ? WHERE message_id = ? AND number = ?",
        (_encode(error).decode(), tried.message_id, tried.number),
    )
    file = replace(tried.media, state="failed", problem=error)
    _set(db, tried.message_id, tried.number, file, changes)


def received_since(db: sqlite3.Connection, conversation_id: int, since: int) -> int:
    """Bytes of files that a customer sent, of messages placed after a time, as they are here."""
    row = db.execute(
        "SELECT coalesce(sum(json_extract(file.value, '$.size')), 0)"
        " FROM message m, json_each(m.content, '$.media') file"
        " WHERE m.conversation_id = ? AND m.order_at > ? AND m.direction = 'in'"
        " AND json_extract(file.value, '$.state') = 'ready'",
        (conversation_id, since),
    ).fetchone()
    found: int = row[0]
    return found


def _set(
    db: sqlite3.Connection, message_id: int, number: int, file: Media, changes: Changes
) -> None:
    db.execute(
        "UPDATE message SET content = json_set(content, '$.media[' || ? || ']', json(?)) WHERE id = ?",
        (number, _encode(file).decode(), message_id),
    )
    (conversation_id,) = db.execute(
        "SELECT conversation_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    changes.note(MESSAGE, conversation_id, message_id)
