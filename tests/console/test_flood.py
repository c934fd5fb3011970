"""So much changes at once that no event names it: what is on the screen is read again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from driving import drawn, open_screen, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, Disconnected, GetDiagnostics
from vchat_tui.events import DiagnosticsChanged, ManyChanged
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.main import MainScreen
from vchat_tui.screens.settings import SettingsScreen
from vchat_tui.screens.user_card import UserCardScreen
from vchat_tui.screens.users import UsersScreen

WIDE = (140, 40)


async def test_the_users_are_read_again(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        desk.users[19] = replace(desk.users[19], name="Ahmed Renamed")
        desk.push(ManyChanged())
        await until(pilot, lambda: "Ahmed Renamed" in drawn(pilot))


async def test_the_card_is_read_again(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UserCardScreen(19), "Ahmed Hassan")
        desk.users[19] = replace(desk.users[19], name="Ahmed Renamed")
        desk.push(ManyChanged())
        await until(pilot, lambda: "Ahmed Renamed" in drawn(pilot))


async def test_the_open_conversation_is_read_again(app: VchatApp, desk: StubDesk) -> None:
    """A customer whose window was closed wrote in the middle of the flood."""
    for key, row in desk.conversations.items():
        desk.conversations[key] = replace(row, window_ends_at=NOW - timedelta(hours=1))
    async with app.run_test(size=WIDE) as pilot:
        screen = app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.conversations.total)
        await pilot.press("enter")
        await until(pilot, lambda: screen.chat.conversation is not None)
        opened = screen.chat.conversation
        assert opened is not None
        desk.conversations[opened.id] = replace(opened, window_ends_at=NOW + timedelta(hours=24))
        desk.push(ManyChanged(arrived=70))
        await until(pilot, lambda: screen.chat.conversation != opened)


async def test_a_flood_rings_once(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=WIDE) as pilot:
        screen = app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.conversations.total)
        for _ in range(20):
            desk.push(ManyChanged(arrived=70))
        desk.conversations[1] = replace(desk.conversations[1], title="The last")
        desk.push(ManyChanged())
        await until(pilot, lambda: "The last" in drawn(pilot))
    assert len(rung) == 1


async def test_after_a_cut_everything_is_read_again(app: VchatApp, desk: StubDesk) -> None:
    """What happened meanwhile comes with no event."""
    async with app.run_test(size=WIDE) as pilot:
        screen = app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.conversations.total)
        await pilot.press("enter")
        await until(pilot, lambda: screen.chat.conversation is not None)
        opened = screen.chat.conversation
        assert opened is not None
        desk.conversations[2] = replace(desk.conversations[2], title="Meanwhile renamed")
        last = desk.timelines[opened.id][-1]
        said = replace(last.message, text="Said meanwhile")
        desk.timelines[opened.id][-1] = replace(last, message=said)
        desk.push(resync=True)
        await until(pilot, lambda: "Meanwhile renamed" in drawn(pilot))
        await until(pilot, lambda: "Said meanwhile" in drawn(pilot))


@pytest.mark.parametrize("page", [DiagnosticsScreen, SettingsScreen])
async def test_a_page_is_read_once_for_many_changes(
    page: type[DiagnosticsScreen | SettingsScreen], app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, page(), "Ventas")
        before = len(desk.of(GetDiagnostics))
        desk.inboxes[1] = replace(desk.inboxes[1], name="Renamed")
        for _ in range(50):
            desk.push(ManyChanged(arrived=70), DiagnosticsChanged())
        await until(pilot, lambda: "Renamed" in drawn(pilot))
    assert len(desk.of(GetDiagnostics)) - before < 10


async def test_many_calls_that_fail_alike_are_told_once(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        for _ in range(20):
            app.say_error(Disconnected())
        app.say_error(DeskError("There is no such message"))
        await until(pilot, lambda: "There is no such message" in drawn(pilot))
        assert drawn(pilot).count("cannot be reached now") == 1
