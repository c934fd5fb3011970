"""What providers say of our messages, and the sends themselves.

Every reported status is kept; a message shows the highest. A status may come before the answer
to our own request, so it is looked up by the provider's id and by the data we sent along.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from vchat_tui.models import Content, MessageError, Status
from vchat_tui.store import effects, messages, pointers, templates
from vchat_tui.store.changes import DIAGNOSTICS, MESSAGE, Changes

_encode = msgspec.json.Encoder().encode
_decode_error = msgspec.json.Decoder(MessageError).decode


class Reported(NamedTuple):
    """A status as a webhook reports it."""

    inbox_id: int
    provider_id: str
    status: Status
    at: int
    error: MessageError | None
    callback_data: str | None


class _Shown(NamedTuple):
    """A message of ours, and the status that it shows."""

    id: int
    conversation_id: int
    status: str


class Claimed(NamedTuple):
    """A message that the sender has taken; `sending` is on the disk."""

    message_id: int
    conversation_id: int
    inbox_id: int
    attempt: int
    callback_data: str
    content: Content
    address: str | None
    business_scoped_id: str | None


def report(db: sqlite3.Connection, reported: Reported, changes: Changes) -> bool:
    """Keeps a status and shows it on its message; False where it was known already.

    One that is reported twice with different times holds since the earlier one.
    """
    cursor = db.execute(
        "INSERT INTO delivery (inbox_id, provider_id, status, at, error) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = excluded.at, error = excluded.error WHERE excluded.at < at",
        (
            reported.inbox_id, reported.provider_id, reported.status, reported.at,
            _encode(reported.error).decode() if reported.error else None,
        ),
    )  # fmt: skip
    if not cursor.rowcount:
        return False
    found = db.execute(
        "SELECT id, conversation_id, status FROM message"
        " WHERE inbox_id = ? AND provider_id = ? AND direction = 'out'",
        (reported.inbox_id, reported.provider_id),
    ).fetchone()
    if found:
        _advance(db, _Shown(*found), reported, changes)
    else:
        _apply_to_attempt(db, reported, changes)
    return True


def message_of(
    db: sqlite3.Connection, inbox_id: int, provider_id: str, callback_data: str | None
) -> int | None:
    """The message that a status is about; None where it is none of ours."""
    row = (
        db.execute(
            "SELECT id FROM message WHERE inbox_id = ? AND provider_id = ?", (inbox_id, provider_id)
        ).fetchone()
        or db.execute(
            "SELECT message_id FROM attempt WHERE callback_data = ?", (callback_data,)
        ).fetchone()
    )
    return row[0] if row else None


def _apply_to_attempt(db: sqlite3.Connection, reported: Reported, changes: Changes) -> None:
    """The message may be known by what we sent along (our answer is still to come), or by the id
    of an earlier attempt."""
    row = db.execute(
        "SELECT a.message_id, a.number, a.provider_id, m.provider_id,"
        " (SELECT max(number) FROM attempt b WHERE b.message_id = a.message_id)"
        " FROM attempt a JOIN message m ON m.id = a.message_id"
        " WHERE (a.callback_data = ?1 OR a.provider_id = ?2) AND m.inbox_id = ?3"
        " ORDER BY a.number DESC LIMIT 1",
        (reported.callback_data, reported.provider_id, reported.inbox_id),
    ).fetchone()
    if row is None:
        return  # kept in `delivery` until its message appears
    message_id, number, known_as, provider_id, latest = row
    arrived = reported.status.rank >= Status.DELIVERED.rank
    if number == latest and provider_id is None and (known_as is None or arrived):
        confirm(db, message_id, number, reported.provider_id, changes)
    elif arrived:
        _advance(
            db, _shown(db, message_id), reported, changes
        )  # an earlier try did arrive after all


def confirm(
    db: sqlite3.Connection, message_id: int, attempt: int, provider_id: str, changes: Changes
) -> None:
    """The provider has the message under this id: settles the send and applies what was reported."""
    db.execute(
        "UPDATE attempt SET outcome = 'accepted', provider_id = ? WHERE message_id = ? AND number = ?",
        (provider_id, message_id, attempt),
    )
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    messages.forget_echo(db, message_id, provider_id, changes)
    db.execute(
        "UPDATE message SET provider_id = ?, sent_at = coalesce(sent_at, ?), error = NULL WHERE id = ?",
        (provider_id, changes.now, message_id),
    )
    if status_of(db, message_id).rank < Status.DELIVERED.rank:  # by an earlier try
        set_status(db, message_id, Status.ACCEPTED, None, changes)
    apply_reported(db, message_id, changes)


def status_of(db: sqlite3.Connection, message_id: int) -> Status:
    """How far a message of ours has come."""
    return Status(_shown(db, message_id).status)


def _shown(db: sqlite3.Connection, message_id: int) -> _Shown:
    row = db.execute(
        "SELECT id, conversation_id, status FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    return _Shown(*row)


def apply_reported(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """Applies statuses that came before their message was known under the provider's id."""
    inbox_id, provider_id = db.execute(
        "SELECT inbox_id, provider_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    rows = db.execute(
        "SELECT status, at, error FROM delivery WHERE inbox_id = ? AND provider_id = ?",
        (inbox_id, provider_id),
    ).fetchall()
    for status, at, error in rows:
        known = _decode_error(error) if error else None
        _advance(
            db,
            _shown(db, message_id),
            Reported(inbox_id, provider_id, Status(status), at, known, None),
            changes,
        )


_TIMES = {
    Status.SENT: "sent_at = ?1,",
    Status.DELIVERED: "delivered_at = min(coalesce(delivered_at, ?1), ?1),",
    Status.READ: "read_at = min(coalesce(read_at, ?1), ?1),",
    Status.PLAYED: "read_at = min(coalesce(read_at, ?1), ?1),",
}


def _advance(db: sqlite3.Connection, message: _Shown, reported: Reported, changes: Changes) -> None:
    """A status only moves forward; its time and its error are kept in any order of arrival."""
    status = reported.status
    forward = status.rank > Status(message.status).rank
    error = _encode(reported.error).decode() if reported.error else None
    db.execute(
        # While it was only accepted, an error is a note on why it may not go: it went.
        f"UPDATE message SET {_TIMES.get(status, '')} status = ?3,"
        " error = coalesce(?2, iif(status = 'accepted', NULL, error)) WHERE id = ?4",
        (reported.at, error, status if forward else message.status, message.id),
    )
    if forward:
        _show(db, message.conversation_id, message.id, status, changes)
    changes.note(MESSAGE, message.conversation_id, message.id)


def set_status(
    db: sqlite3.Connection,
    message_id: int,
    status: Status,
    error: MessageError | None,
    changes: Changes,
) -> None:
    """Writes a status as it is, on the message and where the list shows it."""
    if error is not None:
        db.execute(
            "UPDATE message SET error = ? WHERE id = ?", (_encode(error).decode(), message_id)
        )
    db.execute("UPDATE message SET status = ? WHERE id = ?", (status, message_id))
    conversation_id = _shown(db, message_id).conversation_id
    _show(db, conversation_id, message_id, status, changes)
    changes.note(MESSAGE, conversation_id, message_id)


def _show(
    db: sqlite3.Connection, conversation_id: int, message_id: int, status: Status, changes: Changes
) -> None:
    """Writes a message's new status where the list shows it."""
    pointers.note(db, message_id, changes)
    db.execute(
        "UPDATE conversation SET last_status = ? WHERE id = ? AND last_message_id = ?",
        (status, conversation_id, message_id),
    )
    if status in (Status.FAILED, Status.UNKNOWN):
        changes.note(DIAGNOSTICS)
    if status in (Status.FAILED, Status.QUEUED):
        effects.note_target(db, message_id, changes)
    if status is Status.FAILED:
        templates.message_failed(db, message_id)


def enqueue(
    db: sqlite3.Connection,
    message_id: int,
    conversation_id: int,
    inbox_id: int,
    changes: Changes,
    *,
    bulk: bool = False,
) -> None:
    """Puts a message in the outbox. `bulk`: everything else goes before it."""
    db.execute(
        "INSERT INTO outbox (message_id, conversation_id, inbox_id, state, next_at, changed_at, bulk,"
        " needs_files) SELECT id, ?, ?, 'queued', 0, ?, ?,"
        " coalesce(instr(content, '\"sha256\"') > 0, 0) FROM message WHERE id = ?",
        (conversation_id, inbox_id, changes.now, bulk, message_id),
    )
    set_status(db, message_id, Status.QUEUED, None, changes)


def _attempt_number(callback_data: str) -> int:
    return int(callback_data.rpartition(":")[2])


def accepted(
    db: sqlite3.Connection, sent: Claimed, provider_id: str, note: MessageError | None,
    changes: Changes,
) -> None:  # fmt: skip
    """The provider answered with an id. `note`: why it may still not arrive."""
    confirm(db, sent.message_id, _attempt_number(sent.callback_data), provider_id, changes)
    if note is not None and status_of(db, sent.message_id) is Status.ACCEPTED:
        set_status(db, sent.message_id, Status.ACCEPTED, note, changes)


def _still_ours(db: sqlite3.Connection, sent: Claimed) -> bool:
    """False where a webhook settled the send before its answer came, even if it goes again now."""
    row = db.execute(
        "SELECT 1 FROM outbox o WHERE o.message_id = ? AND o.state = 'sending' AND ? ="
        " (SELECT max(number) FROM attempt a WHERE a.message_id = o.message_id)",
        (sent.message_id, _attempt_number(sent.callback_data)),
    ).fetchone()
    return row is not None


def _end_attempt(db: sqlite3.Connection, sent: Claimed, outcome: str) -> None:
    db.execute(
        "UPDATE attempt SET outcome = ? WHERE callback_data = ? AND outcome IS NULL",
        (outcome, sent.callback_data),
    )


def failed(db: sqlite3.Connection, sent: Claimed, error: MessageError, changes: Changes) -> None:
    """It certainly was not sent, and trying again by itself is no use."""
    _end_attempt(db, sent, "rejected")
    if _still_ours(db, sent):
        db.execute("DELETE FROM outbox WHERE message_id = ?", (sent.message_id,))
        set_status(db, sent.message_id, Status.FAILED, error, changes)


def postponed(
    db: sqlite3.Connection, sent: Claimed, outcome: str, next_at: int, error: MessageError | None,
    counts: bool, changes: Changes,
) -> None:  # fmt: skip
    """It certainly was not sent; it goes again later. `counts`: as one of the allowed tries."""
    _end_attempt(db, sent, outcome)
    if _still_ours(db, sent):
        db.execute(
            "UPDATE outbox SET state = 'queued', next_at = ?, attempt = attempt - ?, changed_at = ?"
            " WHERE message_id = ?",
            (next_at, 0 if counts else 1, changes.now, sent.message_id),
        )
        set_status(db, sent.message_id, Status.QUEUED, error, changes)


def unclear(db: sqlite3.Connection, sent: Claimed, error: MessageError, changes: Changes) -> None:
    """It may have been sent: never repeated by itself; a status or a person settles it."""
    _end_attempt(db, sent, "unclear")
    if _still_ours(db, sent):
        db.execute(
            "UPDATE outbox SET state = 'unknown', changed_at = ? WHERE message_id = ?",
            (changes.now, sent.message_id),
        )
        set_status(db, sent.message_id, Status.UNKNOWN, error, changes)


def orphaned(db: sqlite3.Connection, boot_id: str, error: MessageError, changes: Changes) -> int:
    """Sends that an earlier run of the server began and never finished are of unknown fate."""
    rows = db.execute(
        "SELECT message_id FROM outbox WHERE state = 'sending' AND boot_id IS NOT ?", (boot_id,)
    ).fetchall()
    for (message_id,) in rows:
        db.execute("UPDATE outbox SET state = 'unknown' WHERE message_id = ?", (message_id,))
        db.execute(
            "UPDATE attempt SET outcome = 'unclear' WHERE message_id = ? AND outcome IS NULL",
            (message_id,),
        )
        set_status(db, message_id, Status.UNKNOWN, error, changes)
    return len(rows)


def is_ours(db: sqlite3.Connection, message_id: int) -> bool:
    """Whether a message was written here (and not in the phone app)."""
    row = db.execute("SELECT client_id FROM message WHERE id = ?", (message_id,)).fetchone()
    return row is not None and row[0] is not None


def retry(db: sqlite3.Connection, message_id: int, changes: Changes, *, bulk: bool = False) -> None:
    """A person wants a failed (or unknown) message sent again: a new attempt under a new number."""
    row = db.execute(
        "SELECT conversation_id, inbox_id FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    db.execute(
        "UPDATE message SET provider_id = NULL, sent_at = NULL, error = NULL WHERE id = ?",
        (message_id,),
    )
    enqueue(db, message_id, row[0], row[1], changes, bulk=bulk)


def arrived(db: sqlite3.Connection, message_id: int, changes: Changes) -> None:
    """A person says that a message of unknown fate did arrive."""
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    db.execute(
        "UPDATE attempt SET outcome = 'confirmed' WHERE message_id = ? AND outcome = 'unclear'",
        (message_id,),
    )
    set_status(db, message_id, Status.SENT, None, changes)
