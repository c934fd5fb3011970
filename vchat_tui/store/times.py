"""Milliseconds in the database, datetimes in the models."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = 1_230_768_000_000  # 2009: before WhatsApp there is nothing to order
FUTURE_SLACK = 5 * 60 * 1000


def now_ms() -> int:
    """Now, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """A moment in milliseconds, exact."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """A moment from milliseconds, exact."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def optional(milliseconds: int | None) -> datetime | None:
    """A moment that may be missing."""
    return None if milliseconds is None else from_ms(milliseconds)


def place(sent_at: datetime | None, received_at: int) -> int:
    """The time by which a message is ordered: the provider's, within 2009 … received + 5 min.

    Args:
        sent_at: what the provider says.
        received_at: when we got it, in milliseconds.
    """
    if sent_at is None:
        return received_at
    if received_at < EARLIEST:
        return max(to_ms(sent_at), EARLIEST)  # our own clock is wrong: it says nothing
    return min(max(to_ms(sent_at), EARLIEST), received_at + FUTURE_SLACK)
