"""Orders of customers: read as lines with totals, whatever the numbers look like; and what became
of an order that the shop's own system wants to hear of.

An order is foreign: its numbers come as numbers or as text, and may be nonsense (Meta, webhooks,
"messages", type `order`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from vchat_tui.models import Model

MOST_LINES = 1000
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_READABLE_LINES = 20


class Line(NamedTuple):
    """A product of an order. What is no sensible number is None; `currency` may be empty."""

    product: str
    quantity: Decimal | None
    price: Decimal | None
    currency: str

    @property
    def total(self) -> Decimal | None:
        """Quantity times price."""
        if self.quantity is None or self.price is None:
            return None
        return self.quantity * self.price


class Order(NamedTuple):
    """An order. `totals`: by currency; `complete`: no line is missing in them."""

    note: str
    lines: tuple[Line, ...]
    totals: dict[str, Decimal]
    complete: bool


def read(order: Mapping[str, Any]) -> Order:
    """An order as the provider sent it. Never raises."""
    items = order.get("product_items")
    found = items if isinstance(items, list) else []
    lines = tuple(_line(item) for item in found[:MOST_LINES] if isinstance(item, dict))
    totals: dict[str, Decimal] = {}
    for line in lines:
        if line.total is not None:
            totals[line.currency] = totals.get(line.currency, Decimal(0)) + line.total
    complete = len(lines) == len(found) and all(line.total is not None for line in lines)
    return Order(_text(order.get("text")), lines, totals, complete)


def _line(item: dict[str, Any]) -> Line:
    return Line(
        product=_text(item.get("product_retailer_id")) or "?",
        quantity=_number(item.get("quantity")),
        price=_number(item.get("item_price")),
        currency=_text(item.get("currency"))[:8].upper(),
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _number(value: object) -> Decimal | None:
    """A number of a sane size that is not negative; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = format(Decimal(str(value)), "f") if abs(value) < 1e12 else ""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def amount(value: Decimal) -> str:
    """A number for people: without needless decimals, two of them where there are any."""
    if value == value.to_integral_value():
        return f"{value:.0f}"
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def money(value: Decimal, currency: str) -> str:
    """An amount with its currency."""
    return f"{amount(value)} {currency}".rstrip()


def readable(order: Mapping[str, Any]) -> str:
    """The order in one line, in no language: `2 × BOTA-38, 1 × CERA = 185.50 EUR`."""
    told = read(order)
    parts = [
        f"{amount(line.quantity) if line.quantity is not None else '?'} × {line.product}"
        for line in told.lines[:_READABLE_LINES]
    ]
    if len(told.lines) > _READABLE_LINES:
        parts.append(f"+{len(told.lines) - _READABLE_LINES}")
    sums = " + ".join(money(total, currency) for currency, total in told.totals.items())
    return ", ".join(parts) + (f" = {sums}" if sums else "")


class OrderState(StrEnum):
    """What became of an order that a shop's own system wants to hear of."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class OrderDelivery(Model, frozen=True, kw_only=True):
    """An order on its way to the shop's own system.

    `error`: one word of `channels.order_hook`, or `not_configured`, `reply_refused`; `detail` says
    more where there is more. `answer`: the beginning of what the shop said.
    """

    message_id: int
    conversation_id: int
    delivery_id: str  # the same in every try
    inbox: str
    customer: str
    state: OrderState
    tries: int
    created_at: datetime
    next_at: datetime | None = None
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    detail: str | None = None
