"""What the provider last said of each inbox's account, and what of an inbox has been seen to work."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from vchat_tui.channels.account import AccountReport
from vchat_tui.models import AccountCheck
from vchat_tui.store.changes import DIAGNOSTICS, INBOXES, Changes
from vchat_tui.store.times import from_ms

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AccountReport).decode


class Known(NamedTuple):
    """A report, and when it was made (milliseconds)."""

    checked_at: int
    report: AccountReport


class Proofs(NamedTuple):
    """When the last message came in and an answer arrived, in milliseconds; None: never."""

    received_at: int | None
    delivered_at: int | None


def save(db: sqlite3.Connection, inbox_id: int, report: AccountReport, changes: Changes) -> None:
    """Keeps what the provider said. Consoles hear of it where something differs from before."""
    before = get(db, inbox_id)
    db.execute(
        "INSERT INTO account_check VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
        " SET checked_at = excluded.checked_at, report = excluded.report",
        (inbox_id, changes.now, _encode(report).decode()),
    )
    if before is None or before.report != report:
        changes.note(INBOXES)
        changes.note(DIAGNOSTICS)


def forget(db: sqlite3.Connection, inbox_id: int) -> None:
    """Drops what the provider said: the inbox has other credentials now."""
    db.execute("DELETE FROM account_check WHERE inbox_id = ?", (inbox_id,))


def get(db: sqlite3.Connection, inbox_id: int) -> Known | None:
    """What the provider last said."""
    row = db.execute(
        "SELECT checked_at, report FROM account_check WHERE inbox_id = ?", (inbox_id,)
    ).fetchone()
    return Known(row[0], _decode(row[1])) if row else None


def proven(db: sqlite3.Connection) -> set[int]:
    """The inboxes to whose own address the provider adds the header that we asked for."""
    rows = db.execute(
        "SELECT inbox_id FROM account_check WHERE json_extract(report, '$.subscription.proven')"
    )
    return {inbox_id for (inbox_id,) in rows}


def summary(db: sqlite3.Connection, inbox_id: int) -> AccountCheck | None:
    """The part of it that is shown beside an inbox everywhere."""
    known = get(db, inbox_id)
    if known is None:
        return None
    subscription = known.report.subscription
    return AccountCheck(
        at=from_ms(known.checked_at),
        token_state=known.report.token.state,
        token_expires_at=known.report.token.expires_at,
        subscribed=subscription.subscribed if subscription else None,
    )


def proofs(db: sqlite3.Connection, inbox_id: int) -> Proofs:
    """Whether an inbox has received and delivered, from indexes alone where it has."""
    received = db.execute(
        "SELECT max(last_inbound_at) FROM identity WHERE inbox_id = ?", (inbox_id,)
    ).fetchone()[0]
    delivered = db.execute(
        "SELECT m.delivered_at FROM identity i JOIN conversation c ON c.identity_id = i.id"
        " JOIN message m ON m.conversation_id = c.id WHERE i.inbox_id = ? AND m.direction = 'out'"
        " AND m.delivered_at IS NOT NULL LIMIT 1",
        (inbox_id,),
    ).fetchone()
    return Proofs(received, delivered[0] if delivered else None)
