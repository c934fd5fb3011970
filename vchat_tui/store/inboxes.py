"""Inboxes, their secrets (sealed), their health, and the server's own settings."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from vchat_tui.models import Inbox, MessageError, SecretState
from vchat_tui.store import accounts
from vchat_tui.store.changes import DIAGNOSTICS, INBOXES, Changes
from vchat_tui.store.times import optional

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class SealedSecret(NamedTuple):
    """A secret as it lies in the database."""

    inbox_id: int
    key: str
    slot: str
    sealed: str
    fingerprint: str
    changed_at: int


class Health(NamedTuple):
    """What came in for an inbox."""

    last_good_at: int | None = None
    last_bad_at: int | None = None
    last_bad_reason: str | None = None
    handshake_at: int | None = None
    good: int = 0
    bad: int = 0
    last_error: MessageError | None = None


def _inbox(db: sqlite3.Connection, row: tuple[Any, ...]) -> Inbox:
    secrets = {
        key: SecretState(set=True, fingerprint=fingerprint, changed_at=optional(changed_at))
        for key, fingerprint, changed_at in db.execute(
            "SELECT key, fingerprint, changed_at FROM secret WHERE inbox_id = ? AND slot = 'current'",
            (row[0],),
        )
    }
    return Inbox(
        id=row[0], name=row[1], channel=row[2], settings=_decode(row[3]), secrets=secrets,
        paused=_decode(row[4], type=MessageError) if row[4] else None, created_at=optional(row[5]),
        check=accounts.summary(db, row[0]),
    )  # fmt: skip


_COLUMNS = "id, name, channel, settings, paused, created_at"


def everything(db: sqlite3.Connection) -> list[Inbox]:
    """All inboxes, by name."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM inbox ORDER BY name").fetchall()
    return [_inbox(db, row) for row in rows]


def get(db: sqlite3.Connection, inbox_id: int) -> Inbox | None:
    """One inbox."""
    row = db.execute(f"SELECT {_COLUMNS} FROM inbox WHERE id = ?", (inbox_id,)).fetchone()
    return _inbox(db, row) if row else None


def by_name(db: sqlite3.Connection, name: str) -> Inbox | None:
    """The inbox of that name."""
    row = db.execute(f"SELECT {_COLUMNS} FROM inbox WHERE name = ?", (name,)).fetchone()
    return _inbox(db, row) if row else None


def by_account(db: sqlite3.Connection, channel: str, account: str) -> tuple[int, str] | None:
    """Id and name of the inbox that a provider names by this id."""
    row: tuple[int, str] | None = db.execute(
        "SELECT id, name FROM inbox WHERE channel = ? AND account = ?", (channel, account)
    ).fetchone()
    return row


def behind_address(
    db: sqlite3.Connection, inbox_id: int, channel: str, account: str
) -> tuple[int, str] | None:
    """Id and name of the inbox whose address a webhook came to, unless that names another number.

    Args:
        account: a number (`+34…`), an id of the provider's, or nothing; no inbox of ours has it.
    """
    row: tuple[int, str] | None = db.execute(
        "SELECT id, name FROM inbox WHERE id = ? AND channel = ?"
        " AND NOT (substr(?, 1, 1) = '+' AND substr(account, 1, 1) = '+')",
        (inbox_id, channel, account),
    ).fetchone()
    return row


def by_business_account(
    db: sqlite3.Connection, channel: str, account: str
) -> tuple[int, str] | None:
    """Id and name of the first inbox of a business account: where its events are kept."""
    row: tuple[int, str] | None = db.execute(
        "SELECT id, name FROM inbox WHERE channel = ? AND business_account = ? ORDER BY id LIMIT 1",
        (channel, account),
    ).fetchone()
    return row


def save(
    db: sqlite3.Connection,
    inbox_id: int | None,
    name: str,
    channel: str,
    account: str,
    settings: dict[str, Any],
    changes: Changes,
) -> int:
    """Adds an inbox or changes one; answers its id. A change of name or account must be free."""
    around = settings.get("business_account_id") or settings.get("messaging_service_sid")
    values = (name, account, around, _encode(settings).decode())
    if inbox_id is None:
        cursor = db.execute(
            "INSERT INTO inbox (name, account, business_account, settings, channel, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*values, channel, changes.now),
        )
        assert cursor.lastrowid is not None
        inbox_id = cursor.lastrowid
    else:
        db.execute(
            "UPDATE inbox SET name = ?, account = ?, business_account = ?, settings = ? WHERE id = ?",
            (*values, inbox_id),
        )
    changes.note(INBOXES)
    return inbox_id


def learn_account(
    db: sqlite3.Connection, inbox_id: int, key: str, account: str, changes: Changes
) -> None:
    """The provider told what a setting says that nobody filled in; it stays as it is where another
    inbox has that account.

    Args:
        key: of the setting, see settings.ACCOUNT_FIELD.
    """
    cursor = db.execute(
        "UPDATE OR IGNORE inbox SET account = ?, settings = json_set(settings, '$.' || ?, ?)"
        " WHERE id = ? AND json_extract(settings, '$.' || ?) IS NULL",
        (account, key, account, inbox_id, key),
    )
    if cursor.rowcount:
        changes.note(INBOXES)


def only_default(db: sqlite3.Connection, inbox_id: int, channel: str) -> None:
    """Makes an inbox the one of its channel from which new conversations start."""
    db.execute(
        "UPDATE inbox SET settings = json_set(settings, '$.default_outbound', json('false'))"
        " WHERE channel = ? AND id <> ? AND json_extract(settings, '$.default_outbound')",
        (channel, inbox_id),
    )


def delete(db: sqlite3.Connection, inbox_id: int, changes: Changes) -> bool:
    """Removes an inbox that nobody wrote to; False where somebody did, or it is not there."""
    used = db.execute("SELECT 1 FROM identity WHERE inbox_id = ? LIMIT 1", (inbox_id,)).fetchone()
    if used:
        return False
    db.execute("DELETE FROM inbox_health WHERE inbox_id = ?", (inbox_id,))
    cursor = db.execute("DELETE FROM inbox WHERE id = ?", (inbox_id,))
    changes.note(INBOXES)
    return cursor.rowcount > 0


def follow_name(db: sqlite3.Connection, key: str, old: str, new: str) -> None:
    """An inbox has another name: the settings of others that name it under `key` go on meaning it."""
    db.execute(
        "UPDATE inbox SET settings = json_set(settings, ?1, ?3) WHERE settings ->> ?1 = ?2",
        (f"$.{key}", old, new),
    )


def save_secret(
    db: sqlite3.Connection, inbox_id: int, key: str, sealed: str, previous: str | None,
    fingerprint: str, now: int,
) -> None:  # fmt: skip
    """Stores a sealed secret. `previous`: the one it replaces, sealed for its new place."""
    if previous is not None:
        db.execute(
            "INSERT INTO secret (inbox_id, key, slot, sealed, fingerprint, changed_at)"
            " SELECT inbox_id, key, 'previous', ?, fingerprint, ? FROM secret"
            " WHERE inbox_id = ? AND key = ? AND slot = 'current'"
            " ON CONFLICT DO UPDATE SET sealed = excluded.sealed, fingerprint = excluded.fingerprint,"
            " changed_at = excluded.changed_at",
            (previous, now, inbox_id, key),
        )
    db.execute(
        "INSERT INTO secret (inbox_id, key, slot, sealed, fingerprint, changed_at)"
        " VALUES (?, ?, 'current', ?, ?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed,"
        " fingerprint = excluded.fingerprint, changed_at = excluded.changed_at",
        (inbox_id, key, sealed, fingerprint, now),
    )


def secrets(db: sqlite3.Connection) -> list[SealedSecret]:
    """Every sealed secret."""
    rows = db.execute("SELECT inbox_id, key, slot, sealed, fingerprint, changed_at FROM secret")
    return [SealedSecret(*row) for row in rows]


def pause(db: sqlite3.Connection, inbox_id: int, error: MessageError, changes: Changes) -> None:
    """Stops sending on an inbox until an admin acts; the first reason is the one that is kept."""
    cursor = db.execute(
        "UPDATE inbox SET paused = ? WHERE id = ? AND paused IS NULL",
        (_encode(error).decode(), inbox_id),
    )
    if cursor.rowcount:
        changes.note(INBOXES)
        changes.note(DIAGNOSTICS)


def pause_all(
    db: sqlite3.Connection, inbox_ids: Iterable[int], error: MessageError, changes: Changes
) -> None:
    """Stops sending on several inboxes for one cause."""
    for inbox_id in inbox_ids:
        pause(db, inbox_id, error, changes)


def resume(db: sqlite3.Connection, inbox_id: int, changes: Changes) -> None:
    """Sends again on an inbox; its waiting messages may go at once."""
    db.execute("UPDATE inbox SET paused = NULL WHERE id = ?", (inbox_id,))
    db.execute("UPDATE outbox SET next_at = 0 WHERE inbox_id = ? AND state = 'queued'", (inbox_id,))
    changes.note(INBOXES)
    changes.note(DIAGNOSTICS)


def add_health(db: sqlite3.Connection, seen: Mapping[int, Health], changes: Changes) -> None:
    """Adds what came in since the last time, by inbox."""
    if not seen:
        return
    db.executemany(
        "INSERT INTO inbox_health (inbox_id, last_good_at, last_bad_at, last_bad_reason, handshake_at,"
        " good, bad) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " last_good_at = coalesce(excluded.last_good_at, last_good_at),"
        " last_bad_at = coalesce(excluded.last_bad_at, last_bad_at),"
        " last_bad_reason = coalesce(excluded.last_bad_reason, last_bad_reason),"
        " handshake_at = coalesce(excluded.handshake_at, handshake_at),"
        " good = good + excluded.good, bad = bad + excluded.bad",
        [(inbox_id, *health[:6]) for inbox_id, health in seen.items()],
    )
    changes.note(DIAGNOSTICS)


def set_account_error(
    db: sqlite3.Connection, inbox_id: int, error: MessageError, changes: Changes
) -> None:
    """What the provider reports of the account, for the diagnostics."""
    db.execute(
        "INSERT INTO inbox_health (inbox_id, last_error) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET last_error = excluded.last_error",
        (inbox_id, _encode(error).decode()),
    )
    changes.note(DIAGNOSTICS)


def health(db: sqlite3.Connection) -> dict[int, Health]:
    """What came in, by inbox; 0: what matched none."""
    rows = db.execute(
        "SELECT inbox_id, last_good_at, last_bad_at, last_bad_reason, handshake_at, good, bad,"
        " last_error FROM inbox_health"
    )
    return {
        row[0]: Health(
            last_good_at=row[1],
            last_bad_at=row[2],
            last_bad_reason=row[3],
            handshake_at=row[4],
            good=row[5],
            bad=row[6],
            last_error=_decode(row[7], type=MessageError) if row[7] else None,
        )
        for row in rows
    }


def server_settings(db: sqlite3.Connection) -> dict[str, Any]:
    """The settings of the server itself."""
    return {key: _decode(value) for key, value in db.execute("SELECT key, value FROM setting")}


def save_server_settings(db: sqlite3.Connection, values: dict[str, Any], changes: Changes) -> None:
    """Changes settings of the server; None removes one."""
    for key, value in values.items():
        if value is None:
            db.execute("DELETE FROM setting WHERE key = ?", (key,))
        else:
            db.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (key, _encode(value).decode()),
            )
    changes.note(INBOXES)
