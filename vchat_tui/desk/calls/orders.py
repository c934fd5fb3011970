"""Orders on their way to the shops' own systems."""

from __future__ import annotations

from vchat_tui.desk.calls.base import Call
from vchat_tui.orders import OrderDelivery


class ListOrderDeliveries(
    Call[tuple[OrderDelivery, ...]], frozen=True, kw_only=True, tag="list_order_deliveries"
):
    """Those that are not settled first, then the newest."""

    limit: int = 200


class ResendOrder(Call[OrderDelivery], frozen=True, kw_only=True, tag="resend_order"):
    """Post an order (again) now, for another day if need be."""

    message_id: int


class ResendDeadOrders(Call[int], frozen=True, kw_only=True, tag="resend_dead_orders"):
    """Post all given-up orders again; answers how many."""
