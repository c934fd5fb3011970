"""`{catalog ...}` typed in an answer: seen before it goes, sent in order, nothing lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from driving import drawn, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk
from textual.pilot import Pilot

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import Disconnected, Reply, Send
from vchat_tui.screens.catalogue_answer import SendPreview
from vchat_tui.widgets.composer import Editor

CODE = (
    'Mire estas: {catalog id="9" header="Botas" body="Elija" section_1="Piel" '
    'product_id_1_1="BOTA-38" product_id_1_2="BOTA-39"} ¿Cuál prefiere?'
)


async def type_answer(pilot: Pilot[Any], text: str) -> Editor:
    """Opens the first conversation and puts a text in the box."""
    await until(pilot, lambda: "Ana Belén" in drawn(pilot))
    await pilot.press("enter")
    await until(pilot, lambda: "Write an answer" in drawn(pilot))
    editor = pilot.app.screen.query_one(Editor)
    editor.text = text
    editor.focus()
    await pilot.press("enter")
    return editor


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_is_seen_and_goes_in_order(
    app: VchatApp, desk: StubDesk, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        editor = await type_answer(pilot, CODE)
        await until(pilot, lambda: isinstance(app.screen, SendPreview))
        await until(pilot, lambda: "BOTA-39" in drawn(pilot))
        assert not desk.of(Send)
        await pilot.press("enter")
        await until(pilot, lambda: len(desk.of(Send)) == 3)
        await until(pilot, lambda: editor.text == "")
    first, products, last = [call.content for call in desk.of(Send)]
    assert (first.text, last.text) == ("Mire estas:", "¿Cuál prefiere?")
    assert products.interactive["type"] == "product_list"
    assert "• BOTA-38" in products.text
    assert len({call.client_id for call in desk.of(Send)}) == 3
    assert not desk.of(Reply)


async def test_cancel_sends_nothing_and_keeps_what_was_typed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        editor = await type_answer(pilot, CODE)
        await until(pilot, lambda: isinstance(app.screen, SendPreview))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, SendPreview))
        assert editor.text == CODE
        await pilot.press("enter")  # and it can be sent all the same
        await until(pilot, lambda: isinstance(app.screen, SendPreview))
    assert not desk.of(Send)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{catalog id="9"', "At character 1: The code is not closed"),
        ('Mire {catalog id="9"}', "At character 6: “product_id” is missing."),
        ('{catalog id="9" header="' + "x" * 61 + '" body="b" section_1="s" product_id_1_1="p"}',
         "60"),
    ],
)  # fmt: skip
async def test_a_mistake_is_told_below_the_text(
    app: VchatApp, desk: StubDesk, text: str, says: str
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        editor = await type_answer(pilot, text)
        await until(pilot, lambda: says in drawn(pilot))
        assert editor.text == text
    assert not desk.of(Send)


async def test_again_after_a_lost_server_each_message_keeps_its_id(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.refuse[Send] = Disconnected()
    async with app.run_test(size=(80, 24)) as pilot:
        editor = await type_answer(pilot, CODE)
        await until(pilot, lambda: isinstance(app.screen, SendPreview))
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be reached" in drawn(pilot))
        assert editor.text == CODE
        (lost,) = desk.of(Send)
        del desk.refuse[Send]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SendPreview))
        await pilot.press("enter")
        await until(pilot, lambda: len(desk.of(Send)) == 4)
        assert desk.of(Send)[1].client_id == lost.client_id


async def test_not_when_the_window_closed_meanwhile(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Write an answer" in drawn(pilot))
        editor = app.screen.query_one(Editor)
        editor.text = CODE
        desk.conversations[1] = replace(
            desk.conversations[1], window_ends_at=NOW - timedelta(minutes=1)
        )
        editor.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "The window is closed" in drawn(pilot))
    assert not desk.of(Send)
