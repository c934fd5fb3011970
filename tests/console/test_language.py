"""The language changes while a page is open: everything that is shown speaks it at once."""

from __future__ import annotations

import pytest
from driving import drawn, open_screen, type_text, until
from stub_desk import StubDesk
from textual.screen import Screen
from textual.widgets import Input

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.desk import calls
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.failed import FailedScreen
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.search import SearchScreen
from vchat_tui.screens.settings import SettingsScreen
from vchat_tui.screens.users import UsersScreen
from vchat_tui.screens.webhook import WebhookScreen
from vchat_tui.widgets.bars import FolderTabs


@pytest.mark.parametrize(
    ("screen", "before", "after"),
    [
        (DiagnosticsScreen, "Journal", "Diario"),
        (FailedScreen, "failed", "fallido"),
        (SettingsScreen, "Server settings", "Ajustes del servidor"),
        (lambda: InboxScreen(1), "Configuration URL", "URL de configuración"),
        (UsersScreen, "1 conversation", "1 conversación"),
        (lambda: WebhookScreen(7), "not applied", "no aplicado"),
    ],
)
async def test_an_open_page_changes_too(
    screen: type[Screen[None]], before: str, after: str, app: VchatApp
) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, screen(), before)
        await app.run_action("app.switch_language")
        await until(pilot, lambda: after in drawn(pilot) and before not in drawn(pilot))


async def test_what_is_searched_for_stays(app: VchatApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, SearchScreen(), "Words in any message")
        await type_text(pilot, "thanks")
        await until(pilot, lambda: "that worked" in drawn(pilot))
        await app.run_action("app.switch_language")
        await until(pilot, lambda: "Buscar" in drawn(pilot) and "that worked" in drawn(pilot))
        assert isinstance(app.focused, Input) and app.focused.value == "thanks"


async def test_a_form_keeps_what_was_typed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Phone number ID")
        await pilot.press("end", "2")
        await app.run_action("app.switch_language")
        await pilot.pause()
        assert "Ventas2" in drawn(pilot)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_every_list_has_its_tab(
    app: VchatApp, desk: StubDesk, language: str, size: tuple[int, int]
) -> None:
    """The last one, which has no word, is where long words would push it out."""
    i18n.use(language)
    async with app.run_test(size=size) as pilot:
        tabs = app.screen.query_one(FolderTabs)
        line = drawn(pilot).splitlines()[tabs.region.y].split("│")[0]
        await pilot.click(tabs, offset=(line.index("◔") - tabs.region.x, 0))
        await until(
            pilot, lambda: any(call.filter.closing for call in desk.of(calls.ListConversations))
        )
