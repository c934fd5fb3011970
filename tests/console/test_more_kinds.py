"""The menu of other kinds of message, and the forms of the interactive ones."""

from __future__ import annotations

from driving import drawn, open_screen, until
from stub_desk import StubDesk
from textual.widgets import Input, TextArea

from vchat_tui.app import VchatApp
from vchat_tui.screens.interactive_form import InteractiveForm
from vchat_tui.screens.interactive_kinds import KINDS
from vchat_tui.screens.more_kinds import MoreKinds


async def test_the_menu_opens_a_form_for_the_open_conversation(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Write an answer" in drawn(pilot))
        await pilot.press("alt+m")
        await until(pilot, lambda: isinstance(app.screen, MoreKinds))
        await until(pilot, lambda: "Several products" in drawn(pilot))
        await pilot.press("l", "i", "s", "t", "enter")
        await until(pilot, lambda: isinstance(app.screen, InteractiveForm))
        await until(pilot, lambda: "Choices" in drawn(pilot))
        assert "List · Ana Belén Ríos" in drawn(pilot)


async def test_the_preview_follows_what_is_typed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(
            pilot, InteractiveForm(desk.conversations[1], KINDS["button"]), "Button 1"
        )
        app.screen.query_one(TextArea).text = "¿Lo reservamos?"
        app.screen.query_one("#row-button_1 Input", Input).value = "Sí, por favor"
        await until(pilot, lambda: "▐ Sí, por favor" in drawn(pilot))
        assert "¿Lo reservamos?" in drawn(pilot)
