"""The open conversation: what its channel allows, and what holds its messages up."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from driving import drawn, type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk, make_item
from textual.pilot import Pilot
from textual.screen import Screen

from vchat_tui.app import VchatApp
from vchat_tui.channels import whatsapp_cloud
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Reply
from vchat_tui.models import Direction, Status
from vchat_tui.screens.main import MainScreen

WIDE = (120, 40)


async def open_first(pilot: Pilot[Any]) -> MainScreen:
    """Open the first conversation of the list."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    await until(pilot, lambda: screen.conversations.total)
    await pilot.press("enter")
    await until(pilot, lambda: pilot.app.focused is screen.chat.composer.editor)
    return screen


async def test_numbers_are_shown_as_people_write_them(app: VchatApp, desk: StubDesk) -> None:
    desk.conversations[1] = replace(desk.conversations[1], address="573005550101")
    async with app.run_test(size=WIDE) as pilot:
        await open_first(pilot)
        assert "Ventas · +57 300 555 0101" in drawn(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "Ana Belén Ríos  +57 300 555 0101" in drawn(pilot))


async def test_the_channel_says_what_may_be_sent(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(whatsapp_cloud.CAPABILITIES, max_text=5, window_hours=None)
    monkeypatch.setattr(whatsapp_cloud, "CAPABILITIES", other)
    desk.conversations[1] = replace(desk.conversations[1], window_ends_at=None)
    async with app.run_test(size=WIDE) as pilot:
        await open_first(pilot)
        assert "closed" not in drawn(pilot)
        await type_text(pilot, "seis00")
        await pilot.press("enter")
        await until(pilot, lambda: "Too long by 1 characters" in drawn(pilot))
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: desk.of(Reply))
    assert desk.of(Reply)[0].text == "seis0"


async def test_a_message_behind_one_in_doubt_says_what_it_waits_for(
    app: VchatApp, desk: StubDesk
) -> None:
    out = Direction.OUT
    desk.timelines[1] += [
        make_item(801, "uno", minutes=2, direction=out, status=Status.UNKNOWN),
        make_item(802, "dos", minutes=1, direction=out, status=Status.QUEUED),
    ]
    async with app.run_test(size=WIDE) as pilot:
        await open_first(pilot)
        await until(pilot, lambda: drawn(pilot).count("waits for the one above") == 1)
        await type_text(pilot, "tres")
        await pilot.press("enter")
        await until(pilot, lambda: drawn(pilot).count("waits for the one above") == 2)
        desk.change(801, status=Status.DELIVERED)
        await until(pilot, lambda: "waits for the one above" not in drawn(pilot))


async def test_an_empty_conversation_says_so_until_something_is_written(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.timelines[1] = []
    desk.conversations[1] = replace(desk.conversations[1], window_ends_at=None)
    async with app.run_test(size=WIDE) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.conversations.total)
        await pilot.press("enter")
        await until(pilot, lambda: "no message yet" in drawn(pilot))
        assert "has not written yet" in drawn(pilot)
        desk.arrive(1, "Hola, ¿están?")
        await until(pilot, lambda: "Hola, ¿están?" in drawn(pilot))
        assert "no message yet" not in drawn(pilot) and "has not written" not in drawn(pilot)


async def test_today_becomes_yesterday_and_hoy(
    app: VchatApp,
) -> None:
    time = [NOW]
    app.clock = Clock(now=lambda: time[0], zone=UTC)
    async with app.run_test(size=WIDE) as pilot:
        screen = await open_first(pilot)
        await until(pilot, lambda: "── Today ──" in drawn(pilot))
        await app.run_action("switch_language")
        await until(pilot, lambda: "── Hoy ──" in drawn(pilot) and "── nuevos ──" in drawn(pilot))
        time[0] += timedelta(days=1)
        screen._grow_older()
        await until(pilot, lambda: "── Ayer ──" in drawn(pilot))


async def test_the_newest_message_stays_at_the_bottom_in_every_frame(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The composer grows by the reason why nothing can be sent; the messages move with it at once."""
    async with app.run_test(size=(80, 24)) as pilot:
        chat = (await open_first(pilot)).chat
        newest = chat.timeline.views[-1]
        gaps: list[int] = []
        draw = Screen._compositor_refresh

        def noting(screen: Screen[Any]) -> None:
            gaps.append(chat.composer.region.y - newest.region.bottom)
            draw(screen)

        await until(pilot, lambda: chat.timeline.at_tail)
        monkeypatch.setattr(Screen, "_compositor_refresh", noting)
        chat.composer.block("The window is closed. " * 8)
        await until(pilot, lambda: "The window is closed" in drawn(pilot))
        chat.composer.block("")
        await until(pilot, lambda: "The window is closed" not in drawn(pilot))
    assert len(gaps) > 1 and len(set(gaps)) == 1
