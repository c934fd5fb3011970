"""Pictures of the screens around interactive messages and orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driving import drawn, until
from stub_desk import StubDesk, make_item
from test_more_kinds import fill
from test_order_deliveries import with_orders
from test_snapshots_main import ready
from test_snapshots_screens import LARGE, SMALL, settled
from textual.pilot import Pilot

from vchat_tui import i18n, interactive
from vchat_tui.app import VchatApp
from vchat_tui.models import Direction, Reply, Status
from vchat_tui.screens.catalogue_answer import SendPreview, contents_of
from vchat_tui.screens.interactive_form import InteractiveForm
from vchat_tui.screens.interactive_kinds import KINDS
from vchat_tui.screens.more_kinds import MoreKinds, offered
from vchat_tui.screens.order_deliveries import OrderDeliveriesScreen
from vchat_tui.shortcodes import parse

MakeApp = Callable[..., VchatApp]
SIZES = [(SMALL, "es"), (LARGE, "en")]


@pytest.mark.parametrize(("size", "language"), SIZES)
def test_a_list_in_the_making(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)

    async def show(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(InteractiveForm(desk.conversations[1], KINDS["list"]))
        await settled(pilot)
        rows = "# Botas\n38 | azul\n39 | negro\n# Zapatos\nUn título demasiado largo aquí"
        fill(pilot, body="¿Qué talla?", button="Tallas", rows=rows)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ “" in drawn(pilot))  # the problem scrolls into view
        await settled(pilot)

    assert snap_compare(make_app(desk), terminal_size=size, run_before=show)


@pytest.mark.parametrize(("size", "language"), SIZES)
def test_orders_to_the_shop(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)
    with_orders(desk)

    async def show(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(OrderDeliveriesScreen())
        await settled(pilot)

    assert snap_compare(make_app(desk), terminal_size=size, run_before=show)


@pytest.mark.parametrize(("size", "language"), SIZES)
def test_products_before_they_go(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)
    app = make_app(desk)
    parsed = parse(
        'Mire: {catalog id="9" header="Botas" body="Elija la suya" footer="IVA incluido"'
        ' section_1="Piel" product_id_1_1="BOTA-38" product_id_1_2="BOTA-39" colour="x"}'
    )
    contents = contents_of(parsed, desk.conversations[1], app.clock)

    async def show(pilot: Pilot[Any]) -> None:
        await ready(pilot, 1)
        await pilot.app.push_screen(SendPreview(contents, parsed.ignored))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)


def test_the_menu_of_more_kinds(snap_compare: Any, make_app: MakeApp, desk: StubDesk) -> None:
    i18n.use("es")

    async def show(pilot: Pilot[Any]) -> None:
        await ready(pilot, 1)
        await pilot.app.push_screen(MoreKinds(offered(desk.conversations[1])))
        await settled(pilot)
        for box in pilot.app.screen.query("Input"):
            box.cursor_blink = False
        await pilot.pause()

    assert snap_compare(make_app(desk), terminal_size=SMALL, run_before=show)


@pytest.mark.parametrize(("size", "language"), SIZES)
def test_what_was_asked_chosen_and_ordered(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)
    asked = interactive.choice_list(
        {"header": "Botas", "body": "¿Qué talla le va bien?", "button": "Tallas",
         "rows": "# Piel\n38 | azul\n39 | negro"}
    )  # fmt: skip
    items = [
        ("BOTA-38 [/red]\x1b[2J", 2, "89.5", "EUR"), ("CERA", 1, 7, "EUR"), ("LAZO", "x", 1, "USD"),
    ]  # fmt: skip
    order = {
        "product_items": [
            {"product_retailer_id": p, "quantity": q, "item_price": price, "currency": currency}
            for p, q, price, currency in items
        ]
    }
    desk.timelines[1] = [
        make_item(1, "", minutes=30, type="interactive", interactive=asked, status=Status.READ,
                  direction=Direction.OUT),
        make_item(2, None, minutes=20, type="interactive", reply=Reply(id="38", title="38")),
        make_item(3, "Llamen antes", minutes=10, type="order", order=order),
    ]  # fmt: skip
    assert snap_compare(make_app(desk), terminal_size=size, run_before=lambda p: ready(p, 1))
