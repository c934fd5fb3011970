"""Orders on their way to the shops' systems, as an admin looks at them."""

from __future__ import annotations

import sqlite3

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.order_posts import GIVE_UP_MS
from vchat_tui.desk.services import Services
from vchat_tui.orders import OrderDelivery
from vchat_tui.settings import _
from vchat_tui.store import orders
from vchat_tui.store.changes import Changes


async def list_deliveries(
    services: Services, call: calls.ListOrderDeliveries
) -> tuple[OrderDelivery, ...]:
    """Orders on their way to the shops' systems."""
    return tuple(await services.core.store.read(orders.listing, bounded(call.limit)))


async def resend_order(services: Services, call: calls.ResendOrder) -> OrderDelivery:
    """Posts an order (again) now."""

    def write(db: sqlite3.Connection, changes: Changes) -> OrderDelivery:
        orders.resend(db, call.message_id, changes.now + GIVE_UP_MS, changes)
        found = orders.get(db, call.message_id)
        if found is None:
            raise DeskError(_("This order is no longer there."))
        return found

    return await services.core.change(write)


async def resend_dead_orders(services: Services, call: calls.ResendDeadOrders) -> int:
    """Posts all given-up orders again."""
    return await services.core.change(
        lambda db, changes: orders.resend_dead(db, changes.now + GIVE_UP_MS, changes)
    )
