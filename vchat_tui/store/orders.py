"""Orders on their way to the shops' own systems: one row an order, kept with its message."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

import msgspec

from vchat_tui.orders import OrderDelivery, OrderState
from vchat_tui.store.changes import DIAGNOSTICS, Changes
from vchat_tui.store.times import from_ms, optional

_COLUMNS = (
    "p.message_id, p.delivery_id, p.state, p.tries, p.next_at, p.created_at, p.http_status,"
    " p.answer, p.error, p.detail, m.conversation_id, b.name, u.name"
)
_TABLES = (
    "order_post p JOIN message m ON m.id = p.message_id JOIN inbox b ON b.id = m.inbox_id"
    " JOIN conversation c ON c.id = m.conversation_id JOIN user u ON u.id = c.user_id"
)


class DuePost(NamedTuple):
    """An order to post now, with what the shop is told of it."""

    message_id: int
    delivery_id: str
    tries: int
    give_up_at: int
    inbox_id: int
    conversation_id: int
    received_at: int
    order: dict[str, Any]
    user: dict[str, Any]


def add(
    db: sqlite3.Connection, message_id: int, delivery_id: str, give_up_at: int, changes: Changes
) -> None:
    """An order that a shop wants to hear of; in the transaction that writes its message."""
    db.execute(
        "INSERT INTO order_post (message_id, delivery_id, state, next_at, give_up_at, created_at)"
        " VALUES (?, ?, 'pending', ?, ?, ?) ON CONFLICT DO NOTHING",
        (message_id, delivery_id, changes.now, give_up_at, changes.now),
    )
    changes.note(DIAGNOSTICS)


def due(db: sqlite3.Connection, now: int, limit: int) -> list[DuePost]:
    """The orders whose time has come, the longest due first."""
    rows = db.execute(
        "SELECT p.message_id, p.delivery_id, p.tries, p.give_up_at, m.inbox_id, m.conversation_id,"
        " m.received_at, m.content, u.id, u.name, u.phone, u.email, u.language"
        " FROM order_post p JOIN message m ON m.id = p.message_id"
        " JOIN conversation c ON c.id = m.conversation_id JOIN user u ON u.id = c.user_id"
        " WHERE p.state = 'pending' AND p.next_at <= ? ORDER BY p.next_at LIMIT ?",
        (now, limit),
    )
    return [_due(row) for row in rows]


def _due(row: tuple[Any, ...]) -> DuePost:
    content = msgspec.json.decode(row[7]) if row[7] else {}
    names = ("id", "name", "phone", "email", "language")
    user = {name: value for name, value in zip(names, row[8:], strict=True) if value is not None}
    return DuePost(
        message_id=row[0], delivery_id=row[1], tries=row[2], give_up_at=row[3], inbox_id=row[4],
        conversation_id=row[5], received_at=row[6], order=content.get("order") or {}, user=user,
    )  # fmt: skip


def next_due_at(db: sqlite3.Connection) -> int | None:
    """When the next order is to be posted."""
    found: int | None = db.execute(
        "SELECT min(next_at) FROM order_post WHERE state = 'pending'"
    ).fetchone()[0]
    return found


class Tried(NamedTuple):
    """How a try ended. `next_at`: when it goes again, where it does."""

    state: OrderState
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    detail: str | None = None
    next_at: int = 0


def record(db: sqlite3.Connection, message_id: int, tried: Tried, changes: Changes) -> None:
    """Keeps what became of a try."""
    db.execute(
        "UPDATE order_post SET state = ?, tries = tries + 1, next_at = ?, http_status = ?,"
        " answer = ?, error = ?, detail = ? WHERE message_id = ?",
        (tried.state, tried.next_at, tried.http_status, tried.answer, tried.error, tried.detail,
         message_id),
    )  # fmt: skip
    changes.note(DIAGNOSTICS)


def resend(db: sqlite3.Connection, message_id: int, give_up_at: int, changes: Changes) -> bool:
    """A person wants an order posted (again) now; False where it is not there."""
    cursor = db.execute(
        "UPDATE order_post SET state = 'pending', next_at = ?, give_up_at = ? WHERE message_id = ?",
        (changes.now, give_up_at, message_id),
    )
    changes.note(DIAGNOSTICS)
    return cursor.rowcount > 0


def resend_dead(db: sqlite3.Connection, give_up_at: int, changes: Changes) -> int:
    """Posts all given-up orders again; answers how many."""
    cursor = db.execute(
        "UPDATE order_post SET state = 'pending', next_at = ?, give_up_at = ? WHERE state = 'dead'",
        (changes.now, give_up_at),
    )
    changes.note(DIAGNOSTICS)
    return cursor.rowcount


def listing(db: sqlite3.Connection, limit: int) -> list[OrderDelivery]:
    """What is not settled first, then the newest."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES}"
        " ORDER BY p.state = 'done', p.created_at DESC, p.message_id DESC LIMIT ?",
        (limit,),
    )
    return [_delivery(row) for row in rows]


def get(db: sqlite3.Connection, message_id: int) -> OrderDelivery | None:
    """One delivery."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE p.message_id = ?", (message_id,)
    ).fetchone()
    return _delivery(row) if row else None


def _delivery(row: tuple[Any, ...]) -> OrderDelivery:
    return OrderDelivery(
        message_id=row[0], delivery_id=row[1], state=OrderState(row[2]), tries=row[3],
        next_at=optional(row[4]) if row[2] == OrderState.PENDING else None,
        created_at=from_ms(row[5]), http_status=row[6], answer=row[7], error=row[8], detail=row[9],
        conversation_id=row[10], inbox=row[11], customer=row[12],
    )  # fmt: skip


def counts(db: sqlite3.Connection) -> tuple[int, int]:
    """How many wait, and how many were given up."""
    found = dict(
        db.execute(
            "SELECT state, count(*) FROM order_post WHERE state IN ('pending', 'dead')"
            " GROUP BY state"
        ).fetchall()
    )
    return found.get("pending", 0), found.get("dead", 0)
