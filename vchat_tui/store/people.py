"""Users and their identities: who wrote, under whatever number or id they appear.

The same person may come as a phone number in several spellings, as a business-scoped id, or as
both. A webhook that names both joins them; where both are known and belong to different people,
the number decides and nothing is merged.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, NamedTuple

from vchat_tui.channels.facts import Party
from vchat_tui.fold import fold_key
from vchat_tui.models import Identity, User
from vchat_tui.phones import digits, phone_key, pretty
from vchat_tui.store import conversations, index
from vchat_tui.store.changes import USER, Changes
from vchat_tui.store.times import optional

_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
_IDENTITY = "id, user_id, address_key, business_scoped_id, address, profile_at"


class Known(NamedTuple):
    """An identity as found."""

    id: int
    user_id: int
    address_key: str | None
    business_scoped_id: str | None
    address: str | None
    profile_at: int


def normalise(party: Party) -> Party:
    """Some webhooks write the business-scoped id where the number belongs: put it right."""
    address = party.address
    if address and _BUSINESS_SCOPED.fullmatch(address):
        return Party(
            business_scoped_id=party.business_scoped_id or address,
            parent_business_scoped_id=party.parent_business_scoped_id,
            username=party.username,
            profile_name=party.profile_name,
            country=party.country,
        )
    return party


def find(db: sqlite3.Connection, inbox_id: int, party: Party) -> tuple[Known | None, Known | None]:
    """The identity with this address, and the one with this business-scoped id."""
    by_address = by_scoped = None
    if party.address:
        row = db.execute(
            f"SELECT {_IDENTITY} FROM identity WHERE inbox_id = ? AND address_key = ?",
            (inbox_id, address_key(party.address)),
        ).fetchone()
        by_address = Known(*row) if row else None
    if party.business_scoped_id:
        row = db.execute(
            f"SELECT {_IDENTITY} FROM identity WHERE inbox_id = ? AND business_scoped_id = ?",
            (inbox_id, party.business_scoped_id),
        ).fetchone()
        by_scoped = Known(*row) if row else None
    return by_address, by_scoped


def address_key(address: str) -> str:
    """One key for all spellings of an address."""
    return phone_key(address) or address


def resolve(
    db: sqlite3.Connection, inbox_id: int, party: Party, at: int, changes: Changes
) -> tuple[int, int]:
    """The identity and user of whoever wrote; made where they are new.

    Args:
        at: when the webhook was true, in milliseconds: newer names replace older ones.
    """
    party = normalise(party)
    by_address, by_scoped = find(db, inbox_id, party)
    known = by_address or by_scoped
    if by_address and by_scoped and by_address.id != by_scoped.id:
        if by_address.business_scoped_id is None and by_scoped.address is None:
            _merge(db, by_scoped, by_address, changes)
    elif by_scoped and by_address is None and party.address and by_scoped.address:
        known = None  # the id is known under another number: the number decides
        party = _without_scoped_id(party)
    if known is None:
        return _create(db, inbox_id, party, at, changes)
    _learn(db, known, party, at, changes)
    return known.id, known.user_id


def _without_scoped_id(party: Party) -> Party:
    return Party(address=party.address, username=party.username, profile_name=party.profile_name)


def _create(
    db: sqlite3.Connection, inbox_id: int, party: Party, at: int, changes: Changes
) -> tuple[int, int]:
    key = address_key(party.address) if party.address else None
    user_id = _same_person_elsewhere(db, key) or _create_user(db, party, key, changes)
    cursor = db.execute(
        "INSERT INTO identity (user_id, inbox_id, address, address_key, business_scoped_id,"
        " parent_business_scoped_id, username, profile_name, profile_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            user_id, inbox_id, party.address, key, party.business_scoped_id,
            party.parent_business_scoped_id, party.username, party.profile_name,
            at if party.profile_name or party.username else 0, changes.now,
        ),
    )  # fmt: skip
    refresh_search_key(db, user_id)
    assert cursor.lastrowid is not None
    return cursor.lastrowid, user_id


def _same_person_elsewhere(db: sqlite3.Connection, key: str | None) -> int | None:
    """The user whom another inbox of ours knows under the same number."""
    if key is None:
        return None
    row = (
        db.execute(
            "SELECT user_id FROM identity WHERE address_key = ? ORDER BY id LIMIT 1", (key,)
        ).fetchone()
        or db.execute(
            "SELECT id FROM user WHERE phone_key = ? ORDER BY id LIMIT 1", (key,)
        ).fetchone()
    )
    return row[0] if row else None


def _create_user(db: sqlite3.Connection, party: Party, key: str | None, changes: Changes) -> int:
    number = digits(party.address) if party.address else None
    name = (
        party.profile_name or party.username or (pretty(party.address) if party.address else None)
    )
    cursor = db.execute(
        "INSERT INTO user (name, phone, phone_key, country, search_key, created_at, last_seen_at)"
        " VALUES (?, ?, ?, ?, '', ?, ?)",
        (
            name or party.business_scoped_id or "?",
            f"+{number}" if number else None,
            key if number else None,
            party.country,
            changes.now,
            changes.now,
        ),
    )
    assert cursor.lastrowid is not None
    changes.note(USER, None, cursor.lastrowid)
    return cursor.lastrowid


def _learn(db: sqlite3.Connection, known: Known, party: Party, at: int, changes: Changes) -> None:
    """Adds what this webhook says and we did not know; newer names replace older ones."""
    changed = False
    if party.business_scoped_id and known.business_scoped_id != party.business_scoped_id:
        taken = db.execute(
            "SELECT 1 FROM identity WHERE inbox_id = (SELECT inbox_id FROM identity WHERE id = ?)"
            " AND business_scoped_id = ?",
            (known.id, party.business_scoped_id),
        ).fetchone()
        if not taken and (known.business_scoped_id is None or at >= known.profile_at):
            db.execute(
                "UPDATE identity SET business_scoped_id = ?, parent_business_scoped_id = ? WHERE id = ?",
                (party.business_scoped_id, party.parent_business_scoped_id, known.id),
            )
            changed = True
    if party.address and known.address is None:
        set_address(db, known.id, known.user_id, party.address)
        changed = True
    if (party.profile_name or party.username) and at >= known.profile_at:
        cursor = db.execute(
            "UPDATE identity SET profile_name = coalesce(?, profile_name),"
            " username = coalesce(?, username), profile_at = ? WHERE id = ?"
            " AND (profile_at < ? OR profile_name IS NOT coalesce(?, profile_name)"
            " OR username IS NOT coalesce(?, username))",
            (
                party.profile_name, party.username, at, known.id, at, party.profile_name,
                party.username,
            ),
        )  # fmt: skip
        if cursor.rowcount and party.profile_name:
            renamed = db.execute(
                "UPDATE user SET name = ? WHERE id = ? AND named_by_us = 0 AND name IS NOT ?",
                (party.profile_name, known.user_id, party.profile_name),
            )
            changed = changed or renamed.rowcount > 0
    if changed:
        refresh_search_key(db, known.user_id)
        changes.note(USER, None, known.user_id)


def set_address(db: sqlite3.Connection, identity_id: int, user_id: int, address: str) -> None:
    """Gives an identity a (new) number, and the user too where theirs came from it."""
    key, number = address_key(address), digits(address)
    old = db.execute("SELECT address_key FROM identity WHERE id = ?", (identity_id,)).fetchone()[0]
    db.execute(
        "UPDATE identity SET address = ?, address_key = ? WHERE id = ?", (address, key, identity_id)
    )
    if number:
        db.execute(
            "UPDATE user SET phone = ?, phone_key = ? WHERE id = ? AND (phone_key IS NULL OR phone_key = ?)",
            (f"+{number}", key, user_id, old),
        )


def _merge(db: sqlite3.Connection, gone: Known, stays: Known, changes: Changes) -> None:
    """Two halves of one person (id only, number only) become one identity."""
    conversations.merge(db, gone.id, stays.id, changes)
    db.execute("DELETE FROM identity WHERE id = ?", (gone.id,))
    if gone.user_id != stays.user_id:
        left = db.execute("SELECT 1 FROM identity WHERE user_id = ?", (gone.user_id,)).fetchone()
        if not left:
            index.delete_user(db, gone.user_id)
            changes.note(USER, None, gone.user_id)


def refresh_search_key(db: sqlite3.Connection, user_id: int) -> None:
    """Recomputes what the users' search looks at."""
    name, first, last, email, phone = db.execute(
        "SELECT name, first_name, last_name, email, phone FROM user WHERE id = ?", (user_id,)
    ).fetchone()
    words = [name, first, last, email, digits(phone) if phone else None]
    for address, username, profile in db.execute(
        "SELECT address, username, profile_name FROM identity WHERE user_id = ?", (user_id,)
    ):
        words += [digits(address) or address if address else None, username, profile]
    unique = dict.fromkeys(fold_key(word) for word in words if word)
    index.set_user(db, user_id, " ".join(unique))


_USER = (
    "u.id, u.name, u.first_name, u.last_name, u.email, u.phone, u.language, u.country,"
    " u.created_at, u.last_seen_at,"
    " (SELECT count(*) FROM conversation c WHERE c.user_id = u.id)"
)


def _user(row: tuple[Any, ...]) -> User:
    (user_id, name, first, last, email, phone, language, country, created, seen, count) = row
    return User(
        id=user_id, name=name, first_name=first, last_name=last, email=email, phone=phone,
        language=language, country=country, created_at=optional(created),
        last_seen_at=optional(seen), conversations=count,
    )  # fmt: skip


def get_user(db: sqlite3.Connection, user_id: int) -> User | None:
    """One user."""
    row = db.execute(f"SELECT {_USER} FROM user u WHERE u.id = ?", (user_id,)).fetchone()
    return _user(row) if row else None


def search_clause(text: str) -> tuple[str, list[str]]:
    """The SQL condition on `u` (a user) for what was typed, with its parameters.

    Something like a phone number matches by its digits, however it is written.
    """
    folded = fold_key(text)
    if re.fullmatch(r"[\d\s+()./-]+", folded) and any(c.isdigit() for c in folded):
        folded = "".join(c for c in folded if c.isdigit())
    if len(folded) >= 3:
        phrase = folded.replace('"', '""')
        return "u.id IN (SELECT rowid FROM user_search WHERE search_key MATCH ?)", [f'"{phrase}"']
    like = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return "u.search_key LIKE ? ESCAPE '\\'", [f"%{like}%"]


def list_users(
    db: sqlite3.Connection, text: str, offset: int, limit: int
) -> tuple[list[User], int]:
    """A page of users by name, and how many there are."""
    clause, values = search_clause(text) if text.strip() else ("1", [])
    total = db.execute(f"SELECT count(*) FROM user u WHERE {clause}", values).fetchone()[0]
    rows = db.execute(
        f"SELECT {_USER} FROM user u WHERE {clause} ORDER BY u.name COLLATE NOCASE, u.id LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return [_user(row) for row in rows], total


def identities_of(db: sqlite3.Connection, user_id: int) -> list[Identity]:
    """A user's identities."""
    rows = db.execute(
        "SELECT i.id, i.user_id, i.inbox_id, b.name, b.channel, i.address, i.business_scoped_id,"
        " i.username, i.profile_name, i.last_inbound_at FROM identity i JOIN inbox b ON b.id = i.inbox_id"
        " WHERE i.user_id = ? ORDER BY i.id",
        (user_id,),
    )
    return [
        Identity(
            id=row[0], user_id=row[1], inbox_id=row[2], inbox=row[3], channel=row[4], address=row[5],
            business_scoped_id=row[6], username=row[7], profile_name=row[8],
            last_inbound_at=optional(row[9]),
        )
        for row in rows
    ]  # fmt: skip


def save_user(
    db: sqlite3.Connection, user_id: int, fields: dict[str, str | None], changes: Changes
) -> None:
    """Changes what an agent typed; a name given by us is no longer replaced by profile names."""
    columns = {"name", "email", "phone", "language"}
    for key, value in fields.items():
        assert key in columns
        db.execute(f"UPDATE user SET {key} = ? WHERE id = ?", (value, user_id))
    if "name" in fields:
        db.execute("UPDATE user SET named_by_us = 1 WHERE id = ?", (user_id,))
    if "phone" in fields:
        phone = fields["phone"]
        db.execute(
            "UPDATE user SET phone_key = ? WHERE id = ?",
            (phone_key(phone) if phone else None, user_id),
        )
    refresh_search_key(db, user_id)
    changes.note(USER, None, user_id)
    for row in db.execute("SELECT id FROM conversation WHERE user_id = ?", (user_id,)):
        changes.note("conversation", row[0], None)


def seen(db: sqlite3.Connection, user_id: int, at: int) -> None:
    """A user wrote at this time."""
    db.execute(
        "UPDATE user SET last_seen_at = max(coalesce(last_seen_at, 0), ?) WHERE id = ?",
        (at, user_id),
    )


def move(
    db: sqlite3.Connection, identity_id: int, user_id: int, to: Party, changes: Changes
) -> None:
    """A customer has a new number or a new business-scoped id; taken ones are left alone."""
    to = normalise(to)
    inbox_id = db.execute("SELECT inbox_id FROM identity WHERE id = ?", (identity_id,)).fetchone()[
        0
    ]
    by_address, by_scoped = find(db, inbox_id, to)
    if to.address and by_address is None:
        set_address(db, identity_id, user_id, to.address)
    if to.business_scoped_id and by_scoped is None:
        db.execute(
            "UPDATE identity SET business_scoped_id = ?, parent_business_scoped_id = ? WHERE id = ?",
            (to.business_scoped_id, to.parent_business_scoped_id, identity_id),
        )
    refresh_search_key(db, user_id)
    changes.note(USER, None, user_id)
