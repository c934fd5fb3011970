"""With several numbers each conversation shows its own, and a token that ends is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from driving import drawn, open_screen, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import ListConversations
from vchat_tui.events import InboxesChanged
from vchat_tui.models import AccountCheck
from vchat_tui.screens.diagnostics import DiagnosticsScreen


def rename(desk: StubDesk, number: int) -> None:
    row = desk.conversations[number]
    desk.conversations[number] = replace(row, inbox_label="Tienda", department="Pedidos")


async def test_the_name_of_the_number_is_on_its_conversations(
    app: VchatApp, desk: StubDesk
) -> None:
    rename(desk, 1)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Tienda" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Tienda · Pedidos" in drawn(pilot))


async def test_a_key_shows_one_number_after_the_other(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana" in drawn(pilot))
        for sign, inbox_id in (("▽ Soporte", 2), ("▽ Ventas", 1), (None, None)):
            await pilot.press("f")
            if sign:
                await until(pilot, lambda sign=sign: sign in drawn(pilot))
            else:
                await until(pilot, lambda: "▽" not in drawn(pilot))
            await until(
                pilot,
                lambda wanted=inbox_id: desk.of(ListConversations)[-1].filter.inbox_id == wanted,
            )


async def test_a_token_that_ends_soon_shows_everywhere(
    make_app: Callable[..., VchatApp], desk: StubDesk
) -> None:
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana" in drawn(pilot))
        check = AccountCheck(at=NOW, token_state="valid", token_expires_at=NOW + timedelta(days=3))
        desk.inboxes[1] = replace(desk.inboxes[1], check=check)
        desk.push(InboxesChanged())
        await until(pilot, lambda: "the token ends in 3 days" in drawn(pilot))
        lost = AccountCheck(at=NOW, token_state="valid", subscribed=False)
        desk.inboxes[2] = replace(desk.inboxes[2], check=lost)
        await open_screen(pilot, DiagnosticsScreen(), "the token ends in 3 days")
        await until(pilot, lambda: "not subscribed" in drawn(pilot))
        await until(pilot, lambda: "token valid for good" in drawn(pilot))
