"""Taking rows of the outbox for sending: the last look at a message before it leaves."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from vchat_tui.models import Content, MessageError, Status
from vchat_tui.store import broadcasts, deliveries, opt_outs, uploads
from vchat_tui.store.changes import BROADCASTS, Changes
from vchat_tui.store.deliveries import Claimed


class _Waiting(NamedTuple):
    """What the outbox knows of a message that waits."""

    conversation_id: int
    inbox_id: int
    client_id: str
    address: str | None
    business_scoped_id: str | None
    attempt: int
    bulk: bool
    opted_out_at: int | None
    last_number: int  # of the tries so far


def claim(
    db: sqlite3.Connection, message_ids: list[int], boot_id: str, changes: Changes
) -> list[Claimed]:
    """Takes rows for sending; the first byte may leave only after this is committed.

    What somebody does not want any more is not taken, however long it has waited.
    """
    claimed = []
    for message_id in message_ids:
        content = uploads.sendable(db, message_id, changes.now)
        row = content and _waiting(db, message_id)
        if not content or not row:
            continue
        refusal = _refusal(db, row, content)
        if refusal is not None:
            _drop(db, message_id, row, refusal, changes)
        else:
            claimed.append(_take(db, message_id, row, content, boot_id, changes))
    return claimed


def _waiting(db: sqlite3.Connection, message_id: int) -> _Waiting | None:
    row = db.execute(
        "SELECT o.conversation_id, o.inbox_id, m.client_id, i.address, i.business_scoped_id,"
        " o.attempt, o.bulk, i.opted_out_at,"
        " (SELECT coalesce(max(number), 0) FROM attempt a WHERE a.message_id = o.message_id)"
        " FROM outbox o JOIN message m ON m.id = o.message_id"
        " JOIN conversation c ON c.id = m.conversation_id JOIN identity i ON i.id = c.identity_id"
        " WHERE o.message_id = ? AND o.state = 'queued'",
        (message_id,),
    ).fetchone()
    return _Waiting(*row) if row else None


def _refusal(db: sqlite3.Connection, row: _Waiting, content: Content) -> MessageError | None:
    if row.opted_out_at is None:
        return None
    return opt_outs.refusal(db, row.inbox_id, content, bulk=bool(row.bulk))


def _drop(
    db: sqlite3.Connection, message_id: int, row: _Waiting, refusal: MessageError, changes: Changes
) -> None:
    """It does not go. A broadcast's that was never tried leaves no trace but its recipient's
    reason; any other has failed."""
    db.execute("DELETE FROM outbox WHERE message_id = ?", (message_id,))
    untried = row.bulk and not row.last_number
    recipient = broadcasts.of_message(db, message_id) if untried else None
    if recipient is None:
        deliveries.set_status(db, message_id, Status.FAILED, refusal, changes)
        return
    broadcasts.skipped(db, *recipient, "opted_out")
    broadcasts.forget_message(db, message_id, changes)
    changes.note(BROADCASTS)


def _take(
    db: sqlite3.Connection, message_id: int, row: _Waiting, content: Content, boot_id: str,
    changes: Changes,
) -> Claimed:  # fmt: skip
    db.execute(
        "UPDATE outbox SET state = 'sending', attempt = attempt + 1, boot_id = ?, changed_at = ?"
        " WHERE message_id = ?",
        (boot_id, changes.now, message_id),
    )
    number = row.last_number + 1
    callback_data = f"{row.client_id}:{number}"
    db.execute(
        "INSERT INTO attempt (message_id, number, started_at, callback_data) VALUES (?, ?, ?, ?)",
        (message_id, number, changes.now, callback_data),
    )
    deliveries.set_status(db, message_id, Status.SENDING, None, changes)
    return Claimed(
        message_id, row.conversation_id, row.inbox_id, row.attempt + 1, callback_data, content,
        row.address, row.business_scoped_id,
    )  # fmt: skip
