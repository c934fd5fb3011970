"""Over a slow line several keys arrive at once: each acts in its turn, as they were pressed."""

from __future__ import annotations

from driving import open_screen, until
from stub_desk import StubDesk
from textual import events

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import Reply
from vchat_tui.screens.agent import AgentScreen
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.main import MainScreen
from vchat_tui.screens.users import UsersScreen

KEYS = "h e l p left backspace l right backspace o space home N"
RESULT = "Nhelo "


def press_at_once(app: VchatApp, keys: str) -> None:
    """What the terminal's driver does when it reads many keys in one piece."""
    names = {" ": "space"}
    for key in keys.split():
        character = " " if key == "space" else key if len(key) == 1 else None
        if key == "enter":
            character = "\r"
        app.post_message(events.Key(names.get(key, key), character))


async def open_chat(app: VchatApp, pilot: object) -> MainScreen:
    """The first conversation, with the cursor where one writes."""
    screen = app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    await until(pilot, lambda: screen.conversations.total)
    await pilot.press("enter")
    await until(pilot, lambda: app.focused is screen.chat.composer.editor)
    return screen


async def test_in_the_text_box(app: VchatApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        editor = (await open_chat(app, pilot)).chat.composer.editor
        press_at_once(app, KEYS)
        await until(pilot, lambda: "N" in editor.text)
        assert editor.text == RESULT
        assert editor.cursor_location == (0, 1)


async def test_what_follows_enter_is_not_sent_with_it(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        editor = (await open_chat(app, pilot)).chat.composer.editor
        press_at_once(app, "o k enter n e x t")
        await until(pilot, lambda: desk.of(Reply) and editor.text == "next")
        assert [call.text for call in desk.of(Reply)] == ["ok"]


async def test_in_a_filter(app: VchatApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        field = app.screen.query_one(CleanInput)
        press_at_once(app, KEYS)
        await until(pilot, lambda: "N" in field.value)
        assert field.value == RESULT


async def test_in_a_form(app: VchatApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        await open_screen(pilot, AgentScreen(None), "New agent")
        rows = list(app.screen.query(CleanInput))
        press_at_once(app, "A n a tab + 3 4 tab a shift+tab end 6")
        await until(pilot, lambda: rows[1].value == "+346")
        assert (rows[0].value, rows[2].value) == ("Ana", "a")
