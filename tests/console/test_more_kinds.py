"""The menu of other kinds of message, and the forms of the interactive ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from driving import drawn, open_screen, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from vchat_tui.app import VchatApp
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import DeskError, Disconnected, Send
from vchat_tui.models import Direction, Reply
from vchat_tui.screens.interactive_form import InteractiveForm
from vchat_tui.screens.interactive_kinds import KINDS
from vchat_tui.screens.more_kinds import MoreKinds, offered
from vchat_tui.widgets.message_view import render_message


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


def fill(pilot: Pilot[Any], **values: str) -> None:
    """Types into the rows of the form."""
    for key, value in values.items():
        row = pilot.app.screen.query_one(f"#row-{key}")
        for editor in row.query("Input, TextArea"):
            if isinstance(editor, Input):
                editor.value = value
            elif isinstance(editor, TextArea):
                editor.text = value


async def test_a_list_is_sent_once_even_after_a_lost_server(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[Send] = Disconnected()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_screen(pilot, InteractiveForm(desk.conversations[1], KINDS["list"]), "Choices")
        fill(pilot, body="Elija", button="Tallas", rows="38 | azul\n39")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot be reached" in drawn(pilot))
        del desk.refuse[Send]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "On its way" in drawn(pilot))
    lost, sent = desk.of(Send)
    assert lost == sent
    assert sent.conversation_id == 1
    assert sent.content.interactive["action"]["sections"] == [
        {"rows": [{"id": "38", "title": "38", "description": "azul"}, {"id": "39", "title": "39"}]}
    ]
    assert sent.content.text == "Elija\n[Tallas]\n• 38 · azul\n• 39"


async def test_a_limit_stands_next_to_its_field_and_nothing_typed_is_lost(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InteractiveForm(desk.conversations[1], KINDS["list"]), "Choices")
        long = "Botas de ante de caña muy alta"
        fill(pilot, body="Elija", button="Tallas", rows=f"38\n{long}")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ “Botas de ante" in drawn(pilot))
        assert app.screen.query_one("#row-rows TextArea", TextArea).text == f"38\n{long}"
        assert app.focused is app.screen.query_one("#row-rows TextArea")
    assert not desk.of(Send)


async def test_a_refusal_of_the_desk_stands_next_to_its_field(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.refuse[Send] = DeskError("no {thing}", field="interactive.body.text", thing="[way/")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InteractiveForm(desk.conversations[1], KINDS["button"]), "Text")
        fill(pilot, body="Elija", button_1="Sí")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ no [way/" in drawn(pilot))


async def test_json_tells_where_it_is_wrong(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InteractiveForm(desk.conversations[1], KINDS["json"]), "object")
        fill(pilot, json='{\n"type": }')
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "line 2, column 9" in drawn(pilot))


async def test_the_menu_stays_shut_where_the_window_is(app: VchatApp, desk: StubDesk) -> None:
    desk.conversations[1] = replace(
        desk.conversations[1], window_ends_at=NOW - timedelta(minutes=1)
    )
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "hours after the customer" in drawn(pilot))
        await pilot.press("alt+m")
        await until(pilot, lambda: "The window is closed" in drawn(pilot))
        assert not isinstance(app.screen, MoreKinds)


async def test_where_there_is_only_text_the_form_shows_that_text(
    app: VchatApp, desk: StubDesk
) -> None:
    texting = replace(desk.conversations[1], channel="sms_twilio", language="es")
    labels = [entry.interactive for entry in offered(texting)]
    assert "button" in labels and not {"flow", "json", "location_request"} & set(labels)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InteractiveForm(texting, KINDS["button"]), "Button 1")
        fill(pilot, body="¿Lo reservamos?", button_1="Sí", button_2="No")
        await until(pilot, lambda: "2) No" in drawn(pilot))
        assert "Responda con el número." in drawn(pilot)


def test_an_answer_in_words_says_what_it_chose(desk: StubDesk) -> None:
    item = next(item for item in desk.timelines[1] if item.message.direction is Direction.IN)
    chose = replace(item.message, type="text", text="2", reply=Reply(title="Por la tarde"))
    lines = render_message(replace(item, message=chose), Clock(), "Ana").plain.splitlines()
    assert [line.strip() for line in lines[-3:]] == ["↳ Chose", "Por la tarde", "2"]
