"""Who a recipient of a broadcast is on its inbox: what decides whether they may be written to."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from vchat_tui.phones import digits


class Contact(NamedTuple):
    """A person on an inbox. Without `identity_id`: nobody wrote to or from this address yet."""

    identity_id: int | None
    user_id: int | None
    address: str | None
    business_scoped_id: str | None = None
    opted_out_at: int | None = None
    unreachable_at: int | None = None
    withheld_at: int | None = None
    conversation_id: int | None = None
    window_ends_at: int | None = None


_COLUMNS = (
    "i.id, i.user_id, i.address, i.business_scoped_id, i.opted_out_at, i.unreachable_at,"
    " i.withheld_at, c.id, c.window_ends_at"
)
_TABLES = "identity i LEFT JOIN conversation c ON c.identity_id = i.id"


def contact_of_user(
    db: sqlite3.Connection, user_id: int, inbox_id: int, key: str | None
) -> Contact | None:
    """A user on an inbox: under the number with this key, else where they last wrote from, else by
    their phone number; None where there is no way to them.

    Args:
        key: of the number that was typed for them, where one was.
    """
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE i.user_id = ? AND i.inbox_id = ?"
        " ORDER BY i.address_key IS ? DESC, i.last_inbound_at DESC, i.id LIMIT 1",
        (user_id, inbox_id, key),
    ).fetchone()
    if row:
        return Contact(*row)
    (phone, phone_key) = db.execute(
        "SELECT phone, phone_key FROM user WHERE id = ?", (user_id,)
    ).fetchone()
    if not phone or not phone_key:
        return None
    return contact_at(db, inbox_id, digits(phone) or phone, phone_key, user_id)


def contact_at(
    db: sqlite3.Connection, inbox_id: int, address: str, key: str, user_id: int | None = None
) -> Contact:
    """Whoever has an address on an inbox."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE i.inbox_id = ? AND i.address_key = ?",
        (inbox_id, key),
    ).fetchone()
    return Contact(*row) if row else Contact(None, user_id, address)


def with_scoped_id(db: sqlite3.Connection, inbox_id: int, scoped_id: str) -> int | None:
    """The user with a business-scoped id on an inbox."""
    row = db.execute(
        "SELECT user_id FROM identity WHERE inbox_id = ? AND business_scoped_id = ?",
        (inbox_id, scoped_id),
    ).fetchone()
    return row[0] if row else None
