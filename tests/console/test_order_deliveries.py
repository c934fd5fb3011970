"""The screen of orders on their way to the shop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from driving import drawn, open_screen, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, ResendDeadOrders, ResendOrder
from vchat_tui.orders import OrderDelivery, OrderState
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.order_deliveries import OrderDeliveriesScreen


def with_orders(desk: StubDesk) -> StubDesk:
    """One order that waits, one given up, one delivered."""
    waiting = OrderDelivery(
        message_id=1000, conversation_id=1, delivery_id="ord_" + "a" * 32, inbox="Ventas",
        customer="Ana Belén Ríos", state=OrderState.PENDING, tries=2,
        created_at=NOW - timedelta(minutes=3), next_at=NOW + timedelta(minutes=1),
        http_status=503, error="status", answer='{"error":"closed \x1b]0;x\x07"}',
    )  # fmt: skip
    dead = replace(
        waiting, message_id=2000, conversation_id=2, delivery_id="ord_" + "b" * 32, tries=40,
        state=OrderState.DEAD, error="private_address", detail="10.0.0.7", next_at=None,
        http_status=None, answer=None, customer="[red]Tom[/",
    )  # fmt: skip
    done = replace(
        waiting, message_id=3000, conversation_id=3, delivery_id="ord_" + "c" * 32, tries=1,
        state=OrderState.DONE, error=None, next_at=None, http_status=200, answer='{"reply":"ok"}',
        customer="Lucía Fernández",
    )  # fmt: skip
    desk.orders = {one.message_id: one for one in (waiting, dead, done)}
    desk.diagnostics = replace(desk.diagnostics, orders_waiting=1, orders_dead=1)
    return desk


async def test_it_tells_what_became_of_each_order(app: VchatApp, desk: StubDesk) -> None:
    with_orders(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, OrderDeliveriesScreen(), "waiting")
        screen = drawn(pilot)
        assert "The shop did not take it." in screen
        assert "HTTP 503" in screen
        assert "private network" in screen
        assert "10.0.0.7" in screen
        assert "[red]Tom[/" in screen
        assert "\x1b" not in screen


async def test_one_and_all_are_sent_again_by_key(app: VchatApp, desk: StubDesk) -> None:
    with_orders(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_screen(pilot, OrderDeliveriesScreen(), "waiting")
        await pilot.press("T")
        await until(pilot, lambda: desk.of(ResendDeadOrders))
        await until(pilot, lambda: "1 order goes again" in drawn(pilot))
        await pilot.press("down", "t")
        await until(pilot, lambda: desk.of(ResendOrder))
        assert desk.of(ResendOrder)[-1].message_id == 2000


async def test_a_refusal_stands_on_the_page(app: VchatApp, desk: StubDesk) -> None:
    with_orders(desk)
    desk.refuse[ResendOrder] = DeskError("This order is no longer there.")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, OrderDeliveriesScreen(), "waiting")
        await pilot.press("t")
        await until(pilot, lambda: "✗ This order is no longer there." in drawn(pilot))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_diagnostics_lead_there_and_on_to_the_order(
    app: VchatApp, desk: StubDesk, size: tuple[int, int]
) -> None:
    with_orders(desk)
    async with app.run_test(size=size) as pilot:
        results = await open_screen(
            pilot, DiagnosticsScreen(), "to the shop: 1 waiting, 1 given up"
        )
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, OrderDeliveriesScreen))
        await until(pilot, lambda: "given up" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: results == [(1, 1000)])


async def test_without_orders_it_says_what_to_do(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, OrderDeliveriesScreen(), "No order was posted to a shop yet")
