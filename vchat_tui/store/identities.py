"""Who wrote, under whatever number or id they appear: from a webhook's names to one identity.

The same person may come as a phone number in several spellings, as a business-scoped id, or as
both. A webhook that names both joins them; where both are known and belong to different people,
the number decides and nothing is merged. Webhooks come in any order, so each name is kept with
the time at which it was said, and an older one never replaces a newer one.
"""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

from vchat_tui.channels.facts import Party
from vchat_tui.phones import digits
from vchat_tui.store import broadcasts, joining, people
from vchat_tui.store.changes import Changes
from vchat_tui.store.people import address_key

_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


class Known(NamedTuple):
    """An identity as found; the times say when each name was told, in milliseconds."""

    id: int
    user_id: int
    inbox_id: int
    address: str | None
    address_at: int
    business_scoped_id: str | None
    parent_business_scoped_id: str | None
    scoped_at: int
    profile_name: str | None
    profile_at: int
    username: str | None
    username_at: int


_COLUMNS = ", ".join(Known._fields)
_NAMES = Known._fields[3:]  # what a webhook may change
_TIMES = tuple(name for name in _NAMES if name.endswith("_at"))


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
        key = address_key(party.address)
        by_address = _one(db, "inbox_id = ? AND address_key = ?", inbox_id, key)
    if party.business_scoped_id:
        by_scoped = _one(
            db, "inbox_id = ? AND business_scoped_id = ?", inbox_id, party.business_scoped_id
        )
    return by_address, by_scoped


def _one(db: sqlite3.Connection, where: str, *values: object) -> Known | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM identity WHERE {where}", values).fetchone()
    return Known(*row) if row else None


def _by_id(db: sqlite3.Connection, identity_id: int) -> Known:
    found = _one(db, "id = ?", identity_id)
    assert found is not None
    return found


def resolve(
    db: sqlite3.Connection, inbox_id: int, party: Party, at: int, changes: Changes
) -> tuple[int, int]:
    """The identity and user of whoever wrote; made where they are new.

    Args:
        at: when the webhook was true, in milliseconds; 0: a person typed it.
    """
    party = normalise(party)
    by_address, by_scoped = find(db, inbox_id, party)
    known = by_address or by_scoped
    if by_address and by_scoped and by_address.id != by_scoped.id:
        if by_address.business_scoped_id is None and by_scoped.address is None:
            known = _merge(db, by_scoped, by_address, changes)
    elif by_scoped and by_address is None and party.address and by_scoped.address:
        known = None  # the id is known under another number: the number decides
        party = _without_scoped_id(party)
    if known is None:
        return _create(db, inbox_id, party, at, changes)
    return known.id, _learn(db, known, party, at, changes)


def _without_scoped_id(party: Party) -> Party:
    return Party(address=party.address, username=party.username, profile_name=party.profile_name)


def _create(
    db: sqlite3.Connection, inbox_id: int, party: Party, at: int, changes: Changes
) -> tuple[int, int]:
    key = address_key(party.address) if party.address else None
    elsewhere = people.with_number(db, key) if key else None
    user_id = elsewhere or people.create(db, party.country, changes)
    cursor = db.execute(
        "INSERT INTO identity (user_id, inbox_id, created_at) VALUES (?, ?, ?)",
        (user_id, inbox_id, changes.now),
    )
    assert cursor.lastrowid is not None
    _learn(db, _by_id(db, cursor.lastrowid), party, at, changes)
    return cursor.lastrowid, user_id


def learn_recipient(
    db: sqlite3.Connection, identity_id: int, party: Party, at: int, changes: Changes
) -> None:
    """Adds what the provider made of the recipient of a message of ours.

    Its own spelling of a number is the one that customers' webhooks will carry. A name that
    another identity has already is left alone, unless the two are halves of one person.
    """
    party = normalise(party)
    known = _by_id(db, identity_id)
    by_address, by_scoped = find(db, known.inbox_id, party)
    if by_scoped and by_scoped.id != known.id:
        if by_scoped.address is None and known.business_scoped_id is None:
            known = _merge(db, by_scoped, known, changes)
        else:
            party = _without_scoped_id(party)
    if by_address and by_address.id != known.id:
        if known.address is None and by_address.business_scoped_id is None:
            known = _merge(db, known, by_address, changes)
        else:
            party = Party(business_scoped_id=party.business_scoped_id)
    _learn(db, known, party, at, changes)


def move(db: sqlite3.Connection, identity_id: int, to: Party, at: int, changes: Changes) -> None:
    """A customer has a new number or a new business-scoped id; taken ones are left alone."""
    to = normalise(to)
    known = _by_id(db, identity_id)
    by_address, by_scoped = find(db, known.inbox_id, to)
    free = Party(
        address=None if by_address else to.address,
        business_scoped_id=None if by_scoped else to.business_scoped_id,
        parent_business_scoped_id=to.parent_business_scoped_id,
    )
    # The message that tells of the change carries the old names: these must lose against the new.
    _learn(db, known, free, at + 1, changes)


def set_opt_out(
    db: sqlite3.Connection, identity_id: int, out: bool, by: str, at: int, changes: Changes
) -> None:
    """A person wants no marketing, or wants it again; what was said last counts, in any order of
    arrival, and of two things said at once the refusal.

    Args:
        by: who says so: `word` (the customer, in a message), `provider`, `agent`.
        at: when it was said, in milliseconds.
    """
    cursor = db.execute(
        "UPDATE identity SET opted_out_at = ?1, opted_out_by = ?2, opt_changed_at = ?3 WHERE id = ?4"
        " AND (opt_changed_at < ?3 OR opt_changed_at = ?3 AND opted_out_at IS NULL AND ?1 NOT NULL)",
        (at if out else None, by if out else None, at, identity_id),
    )
    if cursor.rowcount:
        _note_marks(db, identity_id, changes)


def mark_unreachable(db: sqlite3.Connection, identity_id: int, at: int, changes: Changes) -> None:
    """The provider says that a person is not on this channel; that holds until they write."""
    cursor = db.execute(
        "UPDATE identity SET unreachable_at = ?1 WHERE id = ?2 AND unreachable_at IS NOT ?1"
        " AND coalesce(last_inbound_at, 0) < ?1",
        (at, identity_id),
    )
    if cursor.rowcount:
        _note_marks(db, identity_id, changes)


def mark_withheld(db: sqlite3.Connection, identity_id: int, at: int) -> None:
    """The provider withheld a marketing message to a person."""
    db.execute(
        "UPDATE identity SET withheld_at = max(coalesce(withheld_at, 0), ?) WHERE id = ?",
        (at, identity_id),
    )


def _note_marks(db: sqlite3.Connection, identity_id: int, changes: Changes) -> None:
    (user_id,) = db.execute("SELECT user_id FROM identity WHERE id = ?", (identity_id,)).fetchone()
    people.note(db, user_id, changes)


def _latest(known: str | None, known_at: int, said: str | None, at: int) -> tuple[str | None, int]:
    """The name that was said last; two of the same time are told apart by their letters, so that
    the order of arrival does not matter."""
    if said is None or (known is not None and (at, said) <= (known_at, known)):
        return known, known_at
    return said, at


def _learn(db: sqlite3.Connection, known: Known, party: Party, at: int, changes: Changes) -> int:
    """Adds what this webhook says and we did not know; answers the user, who may be another now."""
    address, address_at = _latest(known.address, known.address_at, party.address, at)
    scoped, scoped_at = known.business_scoped_id, known.scoped_at
    parent = known.parent_business_scoped_id
    if not _taken(db, known, party.business_scoped_id):
        scoped, scoped_at = _latest(scoped, scoped_at, party.business_scoped_id, at)
        if scoped == party.business_scoped_id:
            parent = party.parent_business_scoped_id or parent
    profile = _latest(known.profile_name, known.profile_at, party.profile_name, at)
    username = _latest(known.username, known.username_at, party.username, at)
    learned = known._replace(
        address=address, address_at=address_at, business_scoped_id=scoped,
        parent_business_scoped_id=parent, scoped_at=scoped_at, profile_name=profile[0],
        profile_at=profile[1], username=username[0], username_at=username[1],
    )  # fmt: skip
    if learned == known:
        return known.user_id
    said_again = _words(learned) == _words(known)
    _write(db, learned, _TIMES if said_again else _NAMES)
    if said_again and not _called_otherwise(db, learned):
        return known.user_id
    user_id = known.user_id
    if address and known.address is None:
        user_id = _number_learned(db, known, address, changes)
    people.refresh(db, user_id, changes)
    return user_id


def _words(known: Known) -> tuple[str | None, ...]:
    return (
        known.address, known.business_scoped_id, known.parent_business_scoped_id,
        known.profile_name, known.username,
    )  # fmt: skip


def _called_otherwise(db: sqlite3.Connection, learned: Known) -> bool:
    """Whether another inbox gave the user a name or a number that may now be older than these."""
    number = digits(learned.address) if learned.address else None
    row = db.execute(
        "SELECT 1 FROM user WHERE id = ?"
        " AND (named_by_us = 0 AND name <> ? OR phone_by_us = 0 AND phone <> '+' || ?)",
        (learned.user_id, learned.profile_name, number),
    ).fetchone()
    return row is not None


def _taken(db: sqlite3.Connection, known: Known, scoped: str | None) -> bool:
    """Whether another identity of the inbox has this business-scoped id."""
    if scoped is None or scoped == known.business_scoped_id:
        return False
    return _one(db, "inbox_id = ? AND business_scoped_id = ?", known.inbox_id, scoped) is not None


def _write(db: sqlite3.Connection, learned: Known, columns: tuple[str, ...] = _NAMES) -> None:
    """Writes these columns alone: one that an index holds costs a page of that index, too."""
    values = {name: getattr(learned, name) for name in columns}
    if "address" in values:
        values["address_key"] = address_key(learned.address) if learned.address else None
    places = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"UPDATE identity SET {places} WHERE id = ?", (*values.values(), learned.id))


def _number_learned(db: sqlite3.Connection, known: Known, address: str, changes: Changes) -> int:
    """An identity without a number got one: whoever we know under it is the same person."""
    user_id = known.user_id
    other = people.holder_of(db, address_key(address), other_than=user_id)
    if other is None:
        return user_id
    gone, stays = max(user_id, other), min(user_id, other)
    broadcasts.joined(db, gone, stays)
    people.join(db, gone, stays, changes)
    return stays


def _merge(db: sqlite3.Connection, gone: Known, stays: Known, changes: Changes) -> Known:
    """Two halves of one person (id only, number only) become one identity."""
    joining.merge(db, gone.id, stays.id, changes)
    db.execute(
        "UPDATE identity SET last_inbound_at = max(coalesce(last_inbound_at, 0),"
        " (SELECT last_inbound_at FROM identity WHERE id = ?1)) WHERE id = ?2"
        " AND EXISTS (SELECT 1 FROM identity WHERE id = ?1 AND last_inbound_at IS NOT NULL)",
        (gone.id, stays.id),
    )
    # What was said last of marketing holds for the person, whichever half it was said to.
    db.execute(
        "UPDATE identity SET opted_out_at = o.opted_out_at, opted_out_by = o.opted_out_by,"
        " opt_changed_at = o.opt_changed_at FROM identity AS o"
        " WHERE o.id = ?1 AND identity.id = ?2 AND (o.opt_changed_at > identity.opt_changed_at"
        " OR o.opt_changed_at = identity.opt_changed_at AND o.opted_out_at NOT NULL)",
        (gone.id, stays.id),
    )
    db.execute("DELETE FROM identity WHERE id = ?", (gone.id,))
    profile = _latest(stays.profile_name, stays.profile_at, gone.profile_name, gone.profile_at)
    username = _latest(stays.username, stays.username_at, gone.username, gone.username_at)
    _write(
        db,
        stays._replace(
            business_scoped_id=stays.business_scoped_id or gone.business_scoped_id,
            parent_business_scoped_id=(
                stays.parent_business_scoped_id or gone.parent_business_scoped_id
            ),
            scoped_at=max(stays.scoped_at, gone.scoped_at),
            profile_name=profile[0], profile_at=profile[1],
            username=username[0], username_at=username[1],
        ),
    )  # fmt: skip
    if gone.user_id != stays.user_id:
        broadcasts.joined(db, gone.user_id, stays.user_id)
        people.join(db, gone.user_id, stays.user_id, changes)
    people.refresh(db, stays.user_id, changes)
    return _by_id(db, stays.id)
