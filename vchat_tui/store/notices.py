"""Notices: what is to be decided, what was decided, and what became of it.

A notice is claimed (`sending` is on the disk) before it leaves; one whose sending was cut off is
`unknown` and goes again only when a person says so.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

import msgspec

from vchat_tui.models import MessageError, Status
from vchat_tui.notice_models import Notice, NoticeState
from vchat_tui.notice_rules import Audience, Decision, Rule, Way
from vchat_tui.store.changes import DIAGNOSTICS, Changes
from vchat_tui.store.conversations import SILENT_SQL
from vchat_tui.store.people import address_key
from vchat_tui.store.times import from_ms, optional

BUNDLE = "notice-"
"""Begins the data of ours that comes back in a provider's status of a notice."""

NEXT = 2**62
"""In place of the id of a message that is still to come."""

TOGETHER = 500
"""Messages of which one text tells, at most; what is beyond follows in the next."""

_PERSON = "audience = ? AND recipient_id = ? AND way = ?"

_encode = msgspec.json.Encoder().encode
_decode_error = msgspec.json.Decoder(MessageError).decode


def note_arrived(db: sqlite3.Connection, message_ids: list[int]) -> None:
    """Customers' messages came in: agents are to be told, where that is switched on."""
    if message_ids and _is_on(db, "agents_sms", "agents_email"):
        _note(db, message_ids)


def note_written(db: sqlite3.Connection, message_id: int) -> None:
    """An agent wrote: the customer is to be told, where that is switched on."""
    if _is_on(db, "users_sms", "users_email"):
        _note(db, [message_id])


def _is_on(db: sqlite3.Connection, *switches: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM part_setting WHERE part = 'notices' AND key IN (?, ?) AND value = 'true'",
        switches,
    ).fetchone()
    return row is not None


def _note(db: sqlite3.Connection, message_ids: list[int]) -> None:
    """Only of messages that are there: a fact that failed has taken its message back."""
    db.executemany(
        "INSERT INTO notice_due SELECT id FROM message WHERE id = ? ON CONFLICT DO NOTHING",
        [(message_id,) for message_id in message_ids],
    )


def wrote_before(db: sqlite3.Connection, conversation_id: int, message_id: int) -> bool:
    """Whether a customer wrote in a conversation before this message of theirs."""
    row = db.execute(
        "SELECT 1 FROM message WHERE conversation_id = ? AND direction = 'in' AND id < ?"
        f" AND type NOT IN {SILENT_SQL} LIMIT 1",
        (conversation_id, message_id),
    ).fetchone()
    return row is not None


def undecided(db: sqlite3.Connection, limit: int) -> list[int]:
    """Messages of which it is to be decided who is told, oldest first."""
    rows = db.execute("SELECT message_id FROM notice_due ORDER BY message_id LIMIT ?", (limit,))
    return [message_id for (message_id,) in rows]


def decided(
    db: sqlite3.Connection,
    message_id: int,
    decisions: list[tuple[Decision, int]],
    changes: Changes,
) -> None:
    """Writes what was decided of a message, each with the time at which it may go."""
    db.execute("DELETE FROM notice_due WHERE message_id = ?", (message_id,))
    for decision, next_at in decisions:
        add(db, message_id, decision, next_at, changes)


def add(
    db: sqlite3.Connection, message_id: int | None, decision: Decision, next_at: int,
    changes: Changes,
) -> int:  # fmt: skip
    """Writes one decision; answers its id, 0 where it was there already."""
    state = NoticeState.PENDING if decision.send else NoticeState.SKIPPED
    cursor = db.execute(
        "INSERT INTO notice (message_id, audience, recipient_id, name, way, address, rule, state,"
        " next_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (message_id, decision.audience, decision.recipient_id, decision.name, decision.way,
         decision.address, decision.rule, state, next_at, changes.now),
    )  # fmt: skip
    changes.note(DIAGNOSTICS)
    return cursor.lastrowid or 0 if cursor.rowcount else 0


def not_before(db: sqlite3.Connection, decision: Decision, bundle_ms: int, now: int) -> int:
    """When a notice may go: not soon after the last one to the same person, and not before those
    that wait for them already, so that they go together.

    Args:
        bundle_ms: milliseconds that lie between two notices to a person.
    """
    person = (decision.audience, decision.recipient_id, decision.way)
    told, waiting = db.execute(
        f"SELECT (SELECT max(sent_at) FROM notice WHERE {_PERSON}),"
        f" (SELECT max(next_at) FROM notice WHERE {_PERSON} AND state = 'pending')",
        person * 2,
    ).fetchone()
    return max(now, told + bundle_ms if told is not None else 0, waiting or 0)


def emailed_since(db: sqlite3.Connection, user_id: int, since: int) -> bool:
    """Whether a customer got an e-mail since a time, or one waits."""
    person = (Audience.USER, user_id, Way.EMAIL)
    found: int = db.execute(
        f"SELECT EXISTS (SELECT 1 FROM notice WHERE {_PERSON} AND sent_at >= ?)"
        f" OR EXISTS (SELECT 1 FROM notice WHERE {_PERSON} AND state = 'pending')",
        (*person, since, *person),
    ).fetchone()[0]
    return bool(found)


class Due(NamedTuple):
    """Somebody who is to be told now, in one way. `ids`: all that waits for them."""

    audience: Audience
    recipient_id: int
    name: str
    way: Way
    address: str
    ids: tuple[int, ...]
    messages: tuple[int, ...]
    tries: int
    rule: Rule


def due(db: sqlite3.Connection, now: int, limit: int) -> list[Due]:
    """Who is to be told now, the longest due first; everything that waits for them together."""
    people = db.execute(
        "SELECT audience, recipient_id, way FROM notice WHERE state = 'pending' AND next_at <= ?"
        " GROUP BY audience, recipient_id, way ORDER BY min(next_at) LIMIT ?",
        (now, limit),
    ).fetchall()
    return [_due(db, *person) for person in people]


def _due(db: sqlite3.Connection, audience: str, recipient_id: int, way: str) -> Due:
    rows = db.execute(
        "SELECT id, message_id, name, address, tries, rule FROM notice"
        f" WHERE {_PERSON} AND state = 'pending' ORDER BY id LIMIT ?",
        (audience, recipient_id, way, TOGETHER),
    ).fetchall()
    last = rows[-1]
    return Due(
        Audience(audience), recipient_id, last[2], Way(way), last[3],
        tuple(row[0] for row in rows), tuple(row[1] for row in rows if row[1] is not None),
        max(row[4] for row in rows), Rule(last[5]),
    )  # fmt: skip


def next_due_at(db: sqlite3.Connection) -> int | None:
    """When the next notice may go."""
    found: int | None = db.execute(
        "SELECT min(next_at) FROM notice WHERE state = 'pending'"
    ).fetchone()[0]
    return found


def claim(
    db: sqlite3.Connection, ids: tuple[int, ...], bundle: str, channel: str, changes: Changes
) -> bool:
    """Takes notices for one sending; False where one of them is no longer waiting."""
    marks = ",".join("?" * len(ids))
    waiting = db.execute(
        f"SELECT count(*) FROM notice WHERE state = 'pending' AND id IN ({marks})", ids
    ).fetchone()[0]
    if waiting != len(ids):
        return False
    db.execute(
        "UPDATE notice SET state = 'sending', bundle = ?, channel = ?, tries = tries + 1,"
        f" sent_at = ? WHERE id IN ({marks})",
        (bundle, channel, changes.now, *ids),
    )
    changes.note(DIAGNOSTICS)
    return True


def put_off(db: sqlite3.Connection, due: Due, until: int) -> None:
    """What is left waiting for somebody, who is told of the rest now, waits for the next time."""
    db.execute(
        f"UPDATE notice SET next_at = ? WHERE {_PERSON} AND state = 'pending' AND next_at < ?",
        (until, due.audience, due.recipient_id, due.way, until),
    )


def settle(
    db: sqlite3.Connection, bundle: str, state: NoticeState, changes: Changes,
    *, error: MessageError | None = None, next_at: int = 0,
) -> None:  # fmt: skip
    """Keeps what became of a sending. What certainly did not leave has no time of leaving."""
    left = state in (NoticeState.SENT, NoticeState.UNKNOWN)
    db.execute(
        "UPDATE notice SET state = ?, error = ?, next_at = ?,"
        " sent_at = CASE WHEN ? THEN sent_at END WHERE bundle = ? AND state = 'sending'",
        (state, _encode(error).decode() if error else None, next_at, left, bundle),
    )
    changes.note(DIAGNOSTICS)


def skip(db: sqlite3.Connection, ids: tuple[int, ...], rule: Rule, changes: Changes) -> None:
    """A rule decided, before they left, that they do not go."""
    marks = ",".join("?" * len(ids))
    db.execute(
        f"UPDATE notice SET state = 'skipped', rule = ? WHERE state = 'pending' AND id IN ({marks})",
        (rule, *ids),
    )
    changes.note(DIAGNOSTICS)


def wants_no_sms(db: sqlite3.Connection, inbox_id: int, phone: str) -> bool:
    """Whether somebody told an inbox of ours, from this number, to stop."""
    row = db.execute(
        "SELECT 1 FROM identity WHERE inbox_id = ? AND address_key = ? AND opted_out_at NOT NULL",
        (inbox_id, address_key(phone)),
    ).fetchone()
    return row is not None


def interrupted(db: sqlite3.Connection, error: MessageError, changes: Changes) -> int:
    """What was being sent when the server stopped is of unknown fate; answers how many."""
    cursor = db.execute(
        "UPDATE notice SET state = 'unknown', error = ? WHERE state = 'sending'",
        (_encode(error).decode(),),
    )
    if cursor.rowcount:
        changes.note(DIAGNOSTICS)
    return cursor.rowcount


def report(
    db: sqlite3.Connection,
    bundle: str,
    status: Status,
    error: MessageError | None,
    changes: Changes,
) -> None:
    """What the provider says of a notice afterwards: it has it, or it did not arrive."""
    state = NoticeState.FAILED if status is Status.FAILED else NoticeState.SENT
    db.execute(
        "UPDATE notice SET state = ?, error = ? WHERE bundle = ? AND state IN ('sending', 'sent',"
        " 'unknown')",
        (state, _encode(error).decode() if error else None, bundle),
    )
    changes.note(DIAGNOSTICS)


def again(db: sqlite3.Connection, notice_id: int, changes: Changes) -> bool:
    """A person wants a notice that failed, or whose fate is not known, to go now."""
    cursor = db.execute(
        "UPDATE notice SET state = 'pending', tries = 0, error = NULL, bundle = NULL, sent_at = NULL,"
        " next_at = ? WHERE id = ? AND state IN ('failed', 'unknown')",
        (changes.now, notice_id),
    )
    changes.note(DIAGNOSTICS)
    return cursor.rowcount > 0


def in_trouble(db: sqlite3.Connection, since: int) -> int:
    """How many failed since a time, or are of unknown fate."""
    found: int = db.execute(
        "SELECT count(*) FROM notice WHERE created_at >= ? AND state IN ('failed', 'unknown')",
        (since,),
    ).fetchone()[0]
    return found


def forget_before(db: sqlite3.Connection, before: int) -> int:
    """Removes what is older, but nothing that is still to go; answers how many."""
    return db.execute(
        "DELETE FROM notice WHERE created_at < ? AND state NOT IN ('pending', 'sending')", (before,)
    ).rowcount


_COLUMNS = (
    "n.id, n.audience, n.recipient_id, n.name, n.way, n.address, n.rule, n.state, n.tries, n.error,"
    " n.message_id, n.created_at, n.next_at, n.sent_at, n.channel, m.conversation_id, u.name,"
    " CASE WHEN n.bundle IS NULL THEN 1 ELSE"
    " (SELECT count(*) FROM notice o WHERE o.bundle = n.bundle) END"
)
_TABLES = (
    "notice n LEFT JOIN message m ON m.id = n.message_id"
    " LEFT JOIN conversation c ON c.id = m.conversation_id LEFT JOIN user u ON u.id = c.user_id"
)


def listing(
    db: sqlite3.Connection, state: NoticeState | None, before_id: int | None, limit: int
) -> list[Notice]:
    """The newest first.

    Args:
        state: only those in it.
        before_id: only older ones.
    """
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE (?1 IS NULL OR n.state = ?1)"
        " AND (?2 IS NULL OR n.id < ?2) ORDER BY n.id DESC LIMIT ?3",
        (state, before_id, limit),
    )
    return [_notice(row) for row in rows]


def get(db: sqlite3.Connection, notice_id: int) -> Notice | None:
    """One notice."""
    row = db.execute(f"SELECT {_COLUMNS} FROM {_TABLES} WHERE n.id = ?", (notice_id,)).fetchone()
    return _notice(row) if row else None


def _notice(row: tuple[Any, ...]) -> Notice:
    (notice_id, audience, recipient_id, name, way, address, rule, state, tries, error, message_id,
     created, next_at, sent, channel, conversation_id, customer, together) = row  # fmt: skip
    return Notice(
        id=notice_id, audience=Audience(audience), recipient_id=recipient_id, name=name,
        way=Way(way), address=address, rule=Rule(rule), state=NoticeState(state), tries=tries,
        together=together, error=_decode_error(error) if error else None, message_id=message_id,
        conversation_id=conversation_id, customer=customer, created_at=from_ms(created),
        next_at=optional(next_at) if state == NoticeState.PENDING else None,
        sent_at=optional(sent), channel=channel,
    )  # fmt: skip
