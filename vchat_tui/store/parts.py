"""Settings of parts of the server (notices, the mail server) with their sealed secrets."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from vchat_tui.models import SecretState
from vchat_tui.store.changes import INBOXES, Changes
from vchat_tui.store.times import optional

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


def settings(db: sqlite3.Connection, part: str) -> dict[str, Any]:
    """What is stored for a part; what stands at its default may be absent."""
    rows = db.execute("SELECT key, value FROM part_setting WHERE part = ?", (part,))
    return {key: _decode(value) for key, value in rows}


def save(db: sqlite3.Connection, part: str, values: Mapping[str, Any], changes: Changes) -> None:
    """Changes settings of a part; None removes one."""
    for key, value in values.items():
        if value is None:
            db.execute("DELETE FROM part_setting WHERE part = ? AND key = ?", (part, key))
        else:
            db.execute(
                "INSERT INTO part_setting VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value",
                (part, key, _encode(value).decode()),
            )
    changes.note(INBOXES)


def save_secret(
    db: sqlite3.Connection, part: str, key: str, sealed: str, fingerprint: str, changes: Changes
) -> None:
    """Stores a sealed secret of a part."""
    db.execute(
        "INSERT INTO part_secret VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " sealed = excluded.sealed, fingerprint = excluded.fingerprint,"
        " changed_at = excluded.changed_at",
        (part, key, sealed, fingerprint, changes.now),
    )
    changes.note(INBOXES)


def sealed_secret(db: sqlite3.Connection, part: str, key: str) -> str | None:
    """A secret as it lies in the database."""
    row = db.execute(
        "SELECT sealed FROM part_secret WHERE part = ? AND key = ?", (part, key)
    ).fetchone()
    return row[0] if row else None


def secrets(db: sqlite3.Connection, part: str) -> dict[str, SecretState]:
    """What may be known of a part's secrets."""
    rows = db.execute(
        "SELECT key, fingerprint, changed_at FROM part_secret WHERE part = ?", (part,)
    )
    return {
        key: SecretState(set=True, fingerprint=fingerprint, changed_at=optional(at))
        for key, fingerprint, at in rows
    }
