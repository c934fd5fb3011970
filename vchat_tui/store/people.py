"""Users: what we know of a customer, over all inboxes."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from vchat_tui.fold import fold_key
from vchat_tui.models import Identity, User
from vchat_tui.phones import digits, phone_key, pretty
from vchat_tui.store import index
from vchat_tui.store.changes import CONVERSATION, USER, Changes
from vchat_tui.store.times import optional


def address_key(address: str) -> str:
    """One key for all spellings of an address."""
    return phone_key(address) or address


def holder_of(db: sqlite3.Connection, key: str, other_than: int | None = None) -> int | None:
    """The user whom an inbox of ours knows under a number.

    Args:
        key: of the number, as `address_key` makes it.
        other_than: a user who is not meant.
    """
    row = db.execute(
        "SELECT user_id FROM identity WHERE address_key = ? AND user_id IS NOT ? ORDER BY id LIMIT 1",
        (key, other_than),
    ).fetchone()
    return row[0] if row else None


def with_number(db: sqlite3.Connection, key: str) -> int | None:
    """The user whom an inbox knows under a number, else one for whom an agent typed it."""
    found = holder_of(db, key)
    if found is None:
        row = db.execute(
            "SELECT id FROM user WHERE phone_key = ? ORDER BY id LIMIT 1", (key,)
        ).fetchone()
        found = row[0] if row else None
    return found


def create(db: sqlite3.Connection, country: str | None, changes: Changes) -> int:
    """A user of whom nothing is known yet; `refresh` gives the name."""
    cursor = db.execute(
        "INSERT INTO user (name, country, search_key, created_at) VALUES ('', ?, '', ?)",
        (country, changes.now),
    )
    assert cursor.lastrowid is not None
    changes.note(USER, None, cursor.lastrowid)
    return cursor.lastrowid


def join(db: sqlite3.Connection, gone: int, stays: int, changes: Changes) -> None:
    """Two users turn out to be one person: everything of one goes to the other.

    What an agent typed is kept; where both have a value, the one that stays keeps its own.
    """
    for table in ("identity", "conversation"):
        db.execute(f"UPDATE {table} SET user_id = ? WHERE user_id = ?", (stays, gone))
    db.execute(
        "UPDATE user SET"
        " name = CASE WHEN user.named_by_us < other.named_by_us THEN other.name ELSE user.name END,"
        " named_by_us = max(user.named_by_us, other.named_by_us),"
        " first_name = coalesce(user.first_name, other.first_name),"
        " last_name = coalesce(user.last_name, other.last_name),"
        " email = coalesce(user.email, other.email),"
        " phone = CASE WHEN user.phone_by_us < other.phone_by_us THEN other.phone ELSE user.phone END,"
        " phone_key = CASE WHEN user.phone_by_us < other.phone_by_us THEN other.phone_key"
        " ELSE user.phone_key END,"
        " phone_by_us = max(user.phone_by_us, other.phone_by_us),"
        " language = coalesce(user.language, other.language),"
        " country = coalesce(user.country, other.country),"
        " details = CASE user.details WHEN '{}' THEN other.details ELSE user.details END,"
        " created_at = min(user.created_at, other.created_at),"
        " last_seen_at = max(coalesce(user.last_seen_at, other.last_seen_at),"
        " coalesce(other.last_seen_at, user.last_seen_at))"
        " FROM user AS other WHERE user.id = ? AND other.id = ?",
        (stays, gone),
    )
    index.delete_user(db, gone)
    changes.note(USER, None, gone)
    changes.note(USER, None, stays)


def refresh(db: sqlite3.Connection, user_id: int, changes: Changes) -> None:
    """After a change of identities: the user's phone, name and search key, and word to consoles.

    The phone is the number that they last had, the name what they last called themselves, else
    what we have of an address; what an agent typed stays.
    """
    number, key = _number(db, user_id)
    db.execute(
        "UPDATE user SET phone = ?, phone_key = ? WHERE id = ? AND phone_by_us = 0",
        (number, key, user_id),
    )
    db.execute(
        "UPDATE user SET name = ? WHERE id = ? AND named_by_us = 0", (_name(db, user_id), user_id)
    )
    refresh_search_key(db, user_id)
    note(db, user_id, changes)


def _number(db: sqlite3.Connection, user_id: int) -> tuple[str | None, str | None]:
    """The phone number that a user last had, with its key."""
    for (address,) in db.execute(
        "SELECT address FROM identity WHERE user_id = ? AND address NOT NULL"
        " ORDER BY address_at DESC, address DESC",
        (user_id,),
    ):
        if number := digits(address):
            return f"+{number}", address_key(address)
    return None, None


def _name(db: sqlite3.Connection, user_id: int) -> str:
    for column in ("profile_name", "username"):
        at = "profile_at" if column == "profile_name" else "username_at"
        row = db.execute(
            f"SELECT {column} FROM identity WHERE user_id = ? AND {column} IS NOT NULL"
            f" ORDER BY {at} DESC, {column} DESC LIMIT 1",
            (user_id,),
        ).fetchone()
        if row:
            return str(row[0])
    row = db.execute(
        "SELECT coalesce(u.phone, max(i.address)), max(i.business_scoped_id) FROM user u"
        " LEFT JOIN identity i ON i.user_id = u.id WHERE u.id = ?",
        (user_id,),
    ).fetchone()
    return pretty(row[0]) if row[0] else row[1] or "?"


def note(db: sqlite3.Connection, user_id: int, changes: Changes) -> None:
    """The user changed, and with them the title of their conversations."""
    changes.note(USER, None, user_id)
    for (conversation_id,) in db.execute(
        "SELECT id FROM conversation WHERE user_id = ?", (user_id,)
    ):
        changes.note(CONVERSATION, conversation_id)


def refresh_search_key(db: sqlite3.Connection, user_id: int) -> None:
    """Recomputes what the users' search looks at."""
    name, first, last, email, phone = db.execute(
        "SELECT name, first_name, last_name, email, phone FROM user WHERE id = ?", (user_id,)
    ).fetchone()
    words = [name, first, last, email, *_numbers(phone)]
    for address, username, profile in db.execute(
        "SELECT address, username, profile_name FROM identity WHERE user_id = ?", (user_id,)
    ):
        words += [*_numbers(address), username, profile]
    unique = dict.fromkeys(fold_key(word) for word in words if word)
    index.set_user(db, user_id, " ".join(unique))


def _numbers(address: str | None) -> tuple[str, ...]:
    """How an address may be searched for: as the provider writes it, and as all spellings of it."""
    return (digits(address) or address, address_key(address)) if address else ()


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
        folded = address_key("".join(c for c in folded if c.isdigit()))
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
        " i.username, i.profile_name, i.last_inbound_at, i.opted_out_at, i.opted_out_by,"
        " i.unreachable_at FROM identity i JOIN inbox b ON b.id = i.inbox_id"
        " WHERE i.user_id = ? ORDER BY i.id",
        (user_id,),
    )
    return [
        Identity(
            id=row[0], user_id=row[1], inbox_id=row[2], inbox=row[3], channel=row[4], address=row[5],
            business_scoped_id=row[6], username=row[7], profile_name=row[8],
            last_inbound_at=optional(row[9]), opted_out_at=optional(row[10]), opted_out_by=row[11],
            unreachable_at=optional(row[12]),
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
            "UPDATE user SET phone_key = ?, phone_by_us = ? WHERE id = ?",
            (phone_key(phone) if phone else None, phone is not None, user_id),
        )
    refresh_search_key(db, user_id)
    note(db, user_id, changes)


def seen(db: sqlite3.Connection, user_id: int, at: int) -> None:
    """A user wrote at this time."""
    db.execute(
        "UPDATE user SET last_seen_at = max(coalesce(last_seen_at, 0), ?) WHERE id = ?",
        (at, user_id),
    )
