"""Choosing a template, filling it in and sending it, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from template_desk import TemplateDesk
from test_snapshots_held import held_items
from test_snapshots_main import ready
from textual.pilot import Pilot
from textual.widgets import Input

from vchat_tui.app import VchatApp
from vchat_tui.channels.base import Problem
from vchat_tui.desk.calls import (
    DeskError,
    DiscardHeld,
    Disconnected,
    HideTemplate,
    SendTemplate,
    StoredFile,
    SyncTemplates,
)
from vchat_tui.models import MessageError, TemplateUse
from vchat_tui.screens.template_form import TemplateForm, TemplateValues
from vchat_tui.screens.templates import TemplateList, TemplatesScreen
from vchat_tui.screens.user_card import UserCardScreen
from vchat_tui.templates import TemplatePage

SMALL = (80, 24)


@pytest.fixture
def desk() -> TemplateDesk:
    """The usual desk, with templates."""
    return TemplateDesk()


def typed(pilot: Pilot[Any]) -> list[str]:
    """What stands in the form."""
    return [field.value for field in pilot.app.screen.query(Input)]


async def open_chat(pilot: Pilot[Any]) -> None:
    """The first conversation, and from it the list of templates."""
    await pilot.press("enter")
    await until(pilot, lambda: "Ana Belén Ríos" in drawn(pilot))
    await pilot.press("ctrl+t")
    await until(pilot, lambda: "can be sent" in drawn(pilot))


async def test_from_a_conversation_to_a_template_that_is_sent(
    app: VchatApp, desk: TemplateDesk
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "Ana Belén Ríos" in drawn(pilot))
        await open_chat(pilot)
        assert "promo_invierno" not in drawn(pilot)  # paused
        await type_text(pilot, "order")
        await until(pilot, lambda: "{{1}}, your order {{2}} is {{3}}." in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "For example: Ann" in drawn(pilot))
        await pilot.press(*"{nombre_destinatario}", "tab")
        await until(pilot, lambda: "Ana Belén Ríos, your" in drawn(pilot))
        await pilot.press("4", "2", "enter", "o", "k", "ctrl+s")
        await until(pilot, lambda: desk.of(SendTemplate))
        (sent,) = desk.of(SendTemplate)
        assert desk.templates[sent.template_id].name == "order_update"
        assert sent.values == {"body.1": "{recipient_name}", "body.2": "42", "body.3": "ok"}
        await until(pilot, lambda: not isinstance(app.screen, TemplateForm))


async def test_what_is_wrong_stands_at_its_value_and_nothing_typed_is_lost(
    app: VchatApp, desk: TemplateDesk
) -> None:
    got: list[TemplateValues] = []

    async def submit(values: TemplateValues) -> None:
        got.append(values)

    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplateForm(desk.called("cupon"), submit), "Copiar")
        await pilot.press("A", "n", "a", "tab", *"X" * 21, "ctrl+s")
        await until(pilot, lambda: "at most 20" in drawn(pilot))
        assert typed(pilot) == ["Ana", "X" * 21] and got == []
        await pilot.press("backspace", "ctrl+s")
        await until(pilot, lambda: got)
        assert got[0].values == {"body.1": "Ana", "button.0": "X" * 20}


async def test_values_in_one_line_go_to_their_fields_before_they_are_sent(
    app: VchatApp, desk: TemplateDesk
) -> None:
    got: list[TemplateValues] = []

    async def submit(values: TemplateValues) -> None:
        got.append(values)

    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplateForm(desk.called("order_update"), submit), "Ann")
        await pilot.press(*"Ann\\, Bo, 42, ok", "ctrl+s")
        await until(pilot, lambda: typed(pilot) == ["Ann, Bo", "42", "ok"])
        assert got == []
        await until(pilot, lambda: "Ann, Bo, your order 42 is ok." in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: got)
        assert got[0].values == {"body.1": "Ann, Bo", "body.2": "42", "body.3": "ok"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DeskError("may not be empty", field="body.1"), "may not be empty"),
        (DeskError("Meta paused it: customers blocked or reported it."), "paused it"),
        (Disconnected(), "cannot be reached"),
    ],
)
async def test_a_refusal_leaves_the_form_as_it_was(
    app: VchatApp, desk: TemplateDesk, error: Exception, said: str
) -> None:
    async def submit(_values: TemplateValues) -> None:
        raise error

    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplateForm(desk.called("promo_primavera"), submit), "Lucía")
        await pilot.press("A", "n", "a", "tab", "5", "ctrl+s")
        await until(pilot, lambda: said in drawn(pilot))
        assert typed(pilot)[:2] == ["Ana", "5"]


async def test_the_same_again_after_a_lost_answer_is_one_message(
    app: VchatApp, desk: TemplateDesk
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "Ana Belén Ríos" in drawn(pilot))
        await open_chat(pilot)
        await type_text(pilot, "hello")
        await until(pilot, lambda: "This message shows" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "needs no values" in drawn(pilot))
        desk.refuse[SendTemplate] = Disconnected()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cannot be reached" in drawn(pilot))
        desk.refuse.clear()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(desk.of(SendTemplate)) == 2)
        first, second = desk.of(SendTemplate)
        assert first.client_id == second.client_id


async def test_escape_goes_from_the_form_to_the_list_to_the_conversation(
    app: VchatApp, desk: TemplateDesk
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "Ana Belén Ríos" in drawn(pilot))
        await open_chat(pilot)
        await type_text(pilot, "hello")
        await until(pilot, lambda: "This message shows" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "needs no values" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, TemplatesScreen))
        assert desk.of(SendTemplate) == []


async def test_a_file_is_brought_and_named_by_its_hash(
    app: VchatApp, desk: TemplateDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "foto {1}.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + bytes(100_000))
    text = tmp_path / "foto.png"
    text.write_text("no picture at all")

    def finish(_call: object) -> StoredFile:
        return StoredFile(
            sha256="ab" * 32, size=100_003, mime_type="image/jpeg", extension="jpg", kind="image"
        )

    pieces: list[bytes] = []

    def append(call: Any) -> int:
        assert call.offset == sum(map(len, pieces))
        pieces.append(call.data)
        return sum(map(len, pieces))

    def begin(_call: object) -> str:
        pieces.clear()
        return "u1"

    for name, answer in (("begin", begin), ("append", append), ("finish", finish)):
        monkeypatch.setattr(desk, f"_{name}_upload", answer, raising=False)
    got: list[TemplateValues] = []

    async def submit(values: TemplateValues) -> None:
        got.append(values)

    async with app.run_test(size=SMALL) as pilot:
        form = TemplateForm(
            desk.called("pedido_en_camino"), submit, values={"body.1": "A", "body.2": "B",
                                                             "button.0": "C"}
        )  # fmt: skip
        await open_screen(pilot, form, "JPEG or PNG")
        await pilot.press(*"/nowhere.jpg", "ctrl+s")
        await until(pilot, lambda: "cannot be read" in drawn(pilot))
        pilot.app.screen.query(Input).first().value = str(text)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "This file is text/plain" in drawn(pilot))
        pilot.app.screen.query(Input).first().value = str(photo)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: got)
        assert b"".join(pieces) == photo.read_bytes()
        assert got[0].values["header"] == "ab" * 32 + " foto (1).jpg"


@pytest.mark.parametrize(("name", "place"), [("order_update", "body.3"), ("hello_world", None)])
async def test_a_held_answer_goes_on_into_the_template_and_stays_held_unless_told(
    app: VchatApp, desk: TemplateDesk, name: str, place: str | None
) -> None:
    desk.timelines[11] = held_items(11)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot, 11)
        await pilot.press("n")
        await until(pilot, lambda: "can be sent" in drawn(pilot))
        await type_text(pilot, name)
        await until(pilot, lambda: app.screen.query_one(TemplateList).total == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "La oferta acaba hoy." in drawn(pilot))
        if place:
            await pilot.press("A", "tab", "7")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Keep the held answer" in drawn(pilot))
        (sent,) = desk.of(SendTemplate)
        assert sent.values.get(place or "") == ("La oferta acaba hoy." if place else None)
        await pilot.press(*(["tab", "enter"] if place else ["enter"]))
        await until(pilot, lambda: "Keep the held answer" not in drawn(pilot))
        assert len(desk.of(DiscardHeld)) == (1 if place else 0)


async def test_an_amount_and_a_date_are_offered_and_sent_as_chosen(
    app: VchatApp, desk: TemplateDesk
) -> None:
    got: list[TemplateValues] = []

    async def submit(values: TemplateValues) -> None:
        got.append(values)

    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplateForm(desk.called("order_update"), submit), "your order")
        await pilot.press("alt+k")
        await until(pilot, lambda: "For an amount type" in drawn(pilot))
        await type_text(pilot, "12,50 EUR")
        await until(pilot, lambda: "amount: 12.50 EUR" in drawn(pilot))
        await pilot.press("alt+k")
        await until(pilot, lambda: "Sent as an amount" in drawn(pilot))
        await until(pilot, lambda: "12.50 EUR, your order" in drawn(pilot))
        await pilot.press("tab")
        await type_text(pilot, "24/12/2026")
        await pilot.press("alt+k", "tab")
        await type_text(pilot, "1/2/2026")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: got)
        assert got[0].values == {
            "body.1": "currency:EUR:12.50", "body.2": "date:24/12/2026", "body.3": "1/2/2026",
        }  # fmt: skip


async def test_without_a_customer_merge_fields_stay_as_they_are(
    app: VchatApp, desk: TemplateDesk
) -> None:
    got: list[TemplateValues] = []

    async def submit(values: TemplateValues) -> None:
        got.append(values)

    async with app.run_test(size=SMALL) as pilot:
        form = TemplateForm(desk.called("codigo_acceso"), submit, action="Go on")
        await open_screen(pilot, form, "Go on")
        await pilot.press(*"{usuario:código}")
        await until(pilot, lambda: "{usuario:código} es tu" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: got)
        assert got[0].values == {"body.1": "{user:codigo}"}
        assert got[0].template_id == desk.called("codigo_acceso").id


# ---- the list -----------------------------------------------------------------------------------


async def test_all_of_them_with_the_reason_why_not(app: VchatApp, desk: TemplateDesk) -> None:
    async with app.run_test(size=SMALL) as pilot:
        results = await open_screen(pilot, TemplatesScreen(1), "can be sent")
        await pilot.press("alt+l")
        await type_text(pilot, "promo_invierno")
        await until(pilot, lambda: "✗ Meta paused it" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "It cannot be sent now" in drawn(pilot))
        assert results == []


async def test_hide_and_show(app: VchatApp, desk: TemplateDesk) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplatesScreen(1, manage=True), "all, with reasons")
        await type_text(pilot, "cupon")
        await until(pilot, lambda: "here is your coupon" in drawn(pilot))
        await pilot.press("alt+h")
        await until(pilot, lambda: "An administrator has" in drawn(pilot))
        await pilot.press("alt+h")
        await until(pilot, lambda: "An administrator has" not in drawn(pilot))
        assert [call.hidden for call in desk.of(HideTemplate)] == [True, False]


async def test_when_they_were_read_and_why_not_since(app: VchatApp, desk: TemplateDesk) -> None:
    desk.page = replace(desk.page, error=MessageError(code="190", title="no"))
    desk.fallback = Problem(field="x", message="There is no template “{name}” in this account.",
                            values={"name": "adiós"})  # fmt: skip
    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplatesScreen(1, manage=True), "access token has expired")
        assert "last read: 12:00" in drawn(pilot)
        await until(pilot, lambda: "no template “adiós”" in drawn(pilot))
        desk.page, desk.fallback = replace(desk.page, error=None), None
        await pilot.press("alt+r")
        await until(pilot, lambda: "access token" not in drawn(pilot))
        await until(pilot, lambda: "adiós" not in drawn(pilot))
        assert desk.of(SyncTemplates)


async def test_an_empty_list_says_what_to_do(app: VchatApp, desk: TemplateDesk) -> None:
    desk.templates, desk.page = {}, TemplatePage(rows=(), total=0)
    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplatesScreen(1), "None can be sent now")
        assert "not read yet" in drawn(pilot)
        await pilot.press("alt+l")
        await until(pilot, lambda: "WhatsApp Manager" in drawn(pilot))


async def test_hostile_definitions_are_drawn_harmless(app: VchatApp, desk: TemplateDesk) -> None:
    evil = replace(
        desk.called("cupon"),
        name="[bold]\x1b[2Jx",
        components=({"type": "BODY", "text": "\x1b]0;t\x07[@click=app.quit]a[/] {{1}}"},),
    )
    desk.templates = {evil.id: evil}
    async with app.run_test(size=SMALL) as pilot:
        await open_screen(pilot, TemplatesScreen(1), "[bold]␛[2Jx")
        await until(pilot, lambda: "[@click=app.quit]a" in drawn(pilot))
        await pilot.press("enter")


async def test_from_the_card_of_a_customer(
    app: VchatApp, desk: TemplateDesk, make_app: Callable[..., VchatApp]
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        results = await open_screen(pilot, UserCardScreen(1), "Addresses")
        await pilot.press("t")
        await until(pilot, lambda: "can be sent" in drawn(pilot))
        await type_text(pilot, "hello")
        await until(pilot, lambda: "This message shows" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "needs no values" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: results)
        assert results == [1] and len(desk.of(SendTemplate)) == 1


async def test_a_template_in_the_conversation(app: VchatApp, desk: TemplateDesk) -> None:
    use = TemplateUse(
        name="factura",
        language="es",
        components=(
            {"type": "header", "parameters": [{"type": "document", "document": {"id": "1"}}]},
            {"type": "body", "parameters": "rubbish"},
        ),
    )
    item = desk.timelines[1][-1]
    message = replace(item.message, type="template", text="Su factura vence hoy.", template=use)
    desk.timelines[1][-1] = replace(item, message=message)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "Ana Belén Ríos" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "▧ Template · factura · es" in drawn(pilot))
        assert "▤ Document" in drawn(pilot)
        assert "Su factura vence hoy." in drawn(pilot)
