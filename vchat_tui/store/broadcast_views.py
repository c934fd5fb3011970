"""Broadcasts as people see them: with counts by state, and recipient by recipient."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from vchat_tui.broadcast_models import (
    WAITING,
    Broadcast,
    BroadcastContent,
    BroadcastState,
    Recipient,
    RecipientPage,
)
from vchat_tui.models import MessageError
from vchat_tui.store import turns
from vchat_tui.store.times import now_ms, optional

RATE_WINDOW = 10_000  # milliseconds over which the rate is measured

_STATE = "CASE WHEN r.state = 'queued' THEN m.status ELSE r.state END"
_JOINED = "broadcast_recipient r LEFT JOIN message m ON m.id = r.message_id"
_COLUMNS = (
    "b.id, b.name, b.inbox_id, i.name, i.channel, b.state, b.content, b.author, b.reason,"
    " b.scheduled_at, b.created_at, b.started_at, b.ended_at, b.quiet"
)


def get(db: sqlite3.Connection, broadcast_id: int) -> Broadcast | None:
    """One broadcast."""
    found = _select(db, "b.id = ?", (broadcast_id,))
    return found[0] if found else None


def newest(db: sqlite3.Connection, limit: int) -> list[Broadcast]:
    """The newest broadcasts first."""
    return _select(db, "1 ORDER BY b.id DESC LIMIT ?", (limit,))


def _select(db: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Broadcast]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM broadcast b JOIN inbox i ON i.id = b.inbox_id WHERE {where}",
        values,
    ).fetchall()
    return [_broadcast(db, row) for row in rows]


def _broadcast(db: sqlite3.Connection, row: tuple[Any, ...]) -> Broadcast:
    counts = counts_of(db, row[0])
    rate = _rate(db, row[0], counts) if row[5] == BroadcastState.RUNNING else None
    waiting, until = turns.quiet(db, row[0], now_ms()) if row[13] else (0, None)
    left = sum(counts.get(key, 0) for key in WAITING) - waiting
    return Broadcast(
        id=row[0], name=row[1], inbox_id=row[2], inbox=row[3], channel=row[4],
        state=BroadcastState(row[5]), content=msgspec.json.decode(row[6], type=BroadcastContent),
        author=row[7], reason=msgspec.json.decode(row[8], type=MessageError) if row[8] else None,
        scheduled_at=optional(row[9]), created_at=optional(row[10]), started_at=optional(row[11]),
        ended_at=optional(row[12]), total=sum(counts.values()), counts=counts, rate=rate,
        seconds_left=left / rate if rate else None,
        quiet=row[13], in_quiet_hours=waiting, quiet_until=optional(until),
    )  # fmt: skip


def counts_of(db: sqlite3.Connection, broadcast_id: int) -> dict[str, int]:
    """Recipients by state; of each exactly one."""
    rows = db.execute(
        f"SELECT {_STATE}, count(*) FROM {_JOINED} WHERE r.broadcast_id = ? GROUP BY 1",
        (broadcast_id,),
    )
    return dict(rows.fetchall())


def skipped_by_reason(db: sqlite3.Connection, broadcast_id: int) -> dict[str, int]:
    """How many get nothing, and why."""
    rows = db.execute(
        "SELECT coalesce(reason, ''), count(*) FROM broadcast_recipient"
        " WHERE broadcast_id = ? AND state = 'skipped' GROUP BY 1",
        (broadcast_id,),
    )
    return dict(rows.fetchall())


def _rate(db: sqlite3.Connection, broadcast_id: int, counts: dict[str, int]) -> float | None:
    """Messages a second that left lately: as many as came into the outbox, which is kept full."""
    since = now_ms() - RATE_WINDOW
    count, first = db.execute(
        "SELECT count(*), min(queued_at) FROM broadcast_recipient"
        " WHERE broadcast_id = ? AND state = 'queued' AND queued_at > ?",
        (broadcast_id, since),
    ).fetchone()
    left = count - sum(counts.get(key, 0) for key in ("queued", "sending"))
    if left <= 0:
        return None
    measured = max(1000, min(RATE_WINDOW, now_ms() - first))
    return float(left * 1000 / measured)


def recipients(
    db: sqlite3.Connection, broadcast_id: int, state: str | None, offset: int, limit: int
) -> RecipientPage:
    """A page of the results, in the order of sending; `state` as in the counts, or all."""
    where = f"r.broadcast_id = ?1 AND (?2 IS NULL OR {_STATE} = ?2)"
    total = db.execute(
        f"SELECT count(*) FROM {_JOINED} WHERE {where}", (broadcast_id, state)
    ).fetchone()[0]
    rows = db.execute(
        f"SELECT r.number, {_STATE}, r.user_id, u.name, coalesce(i.address, r.address, u.phone),"
        " r.reason, r.message_id, m.conversation_id, m.error, r.queued_at, m.delivered_at, m.read_at"
        f" FROM {_JOINED} LEFT JOIN user u ON u.id = r.user_id"
        " LEFT JOIN conversation c ON c.id = m.conversation_id"
        f" LEFT JOIN identity i ON i.id = c.identity_id WHERE {where}"
        " ORDER BY r.number LIMIT ?3 OFFSET ?4",
        (broadcast_id, state, limit, offset),
    ).fetchall()
    return RecipientPage(rows=tuple(map(_recipient, rows)), total=total, offset=offset)


def _recipient(row: tuple[Any, ...]) -> Recipient:
    return Recipient(
        number=row[0], state=row[1], user_id=row[2], name=row[3], address=row[4], reason=row[5],
        message_id=row[6], conversation_id=row[7],
        error=msgspec.json.decode(row[8], type=MessageError) if row[8] else None,
        queued_at=optional(row[9]), delivered_at=optional(row[10]), read_at=optional(row[11]),
    )  # fmt: skip


def reach(db: sqlite3.Connection, inbox_id: int) -> int | None:
    """How many people the provider lets us write to first in 24 hours, as its last event says;
    None where none said. Meta, Webhooks: `business_capability_update`, `phone_number_quality_update`."""
    rows = db.execute(
        "SELECT raw FROM account_event WHERE inbox_id = ? AND field IN ('business_capability_update',"
        " 'phone_number_quality_update') ORDER BY coalesce(at, 0) DESC, id DESC LIMIT 20",
        (inbox_id,),
    )
    for (raw,) in rows:
        value = msgspec.json.decode(raw)
        for key in ("max_daily_conversations_per_business", "current_limit"):
            if (limit := read_limit(value.get(key))) is not None:
                return limit
    return None


UNLIMITED = 1_000_000_000


def read_limit(value: Any) -> int | None:
    """A messaging limit as Meta writes it: 2000, "TIER_2K", "TIER_250", "TIER_UNLIMITED"; None
    where it is none of these."""
    if isinstance(value, int) and not isinstance(value, bool):
        return UNLIMITED if value < 0 else value
    if not isinstance(value, str) or not value.startswith("TIER_"):
        return None
    word = value.removeprefix("TIER_")
    if word == "UNLIMITED":
        return UNLIMITED
    number, thousands = word.removesuffix("K"), word.endswith("K")
    if not number.isascii() or not number.isdecimal() or len(number) > 6:
        return None
    return int(number) * (1000 if thousands else 1)


def reached(db: sqlite3.Connection, inbox_id: int, since: int) -> int:
    """How many people were sent a template since then, at the most: some may have written first.

    Ids rise with time, so the first message of the time is found by halving.
    """
    low, high = 1, (db.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0] + 1)
    while low < high:
        middle = (low + high) // 2
        row = db.execute(
            "SELECT received_at FROM message WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is None or row[0] >= since:
            high = middle
        else:
            low = middle + 1
    found: int = db.execute(
        "SELECT count(DISTINCT conversation_id) FROM message WHERE id >= ? AND inbox_id = ?"
        " AND direction = 'out' AND type = 'template'"
        " AND status IN ('accepted', 'sent', 'delivered', 'read')",
        (low, inbox_id),
    ).fetchone()[0]
    return found
