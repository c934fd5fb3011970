"""Twilio's Content templates: read, filled in and sent through the desk, to the simulated Twilio."""

from __future__ import annotations

import json
import re
from typing import Any

import contracts
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sms_kit import Texting

from vchat_tui.channels.twilio_content import content_url
from vchat_tui.channels.twilio_content_types import RICHEST_FIRST, components_of
from vchat_tui.desk.calls import DeskError, ListTemplates, SendTemplateTo, SyncTemplates
from vchat_tui.models import Message, MessageError, Status
from vchat_tui.simulator import twilio_content
from vchat_tui.simulator.twilio_content import CONTENTS
from vchat_tui.templates import Template, fill, label_of, preview, read, unusable, variables

EVA = "+34600111222"


async def _templates(whatsapp: Texting) -> dict[str, Template]:
    await whatsapp.desk.call(SyncTemplates(inbox_id=whatsapp.inbox.id))
    page = await whatsapp.desk.call(ListTemplates(inbox_id=whatsapp.inbox.id, limit=100))
    assert page.error is None
    return {f"{row.name}/{row.language}": row for row in page.rows}


async def _send(whatsapp: Texting, name: str, language: str = "es", **values: str) -> Message:
    return await whatsapp.desk.call(
        SendTemplateTo(
            inbox="SMS", to=EVA, client_id="c-1", name=name, language=language,
            values={f"body.{key}": value for key, value in values.items()},
        )
    )  # fmt: skip


@pytest.mark.contract
async def test_all_pages_are_read_with_their_approval(whatsapp: Texting) -> None:
    rows = await _templates(whatsapp)
    assert len(rows) == len(CONTENTS)  # in pages of four
    first = rows["seguimos_en_contacto/es"]
    assert (first.provider_id, first.status, first.category) == (
        CONTENTS[0]["sid"],
        "APPROVED",
        "UTILITY",
    )
    unsendable = {name: problem.message for name, row in rows.items() if (problem := unusable(row))}
    assert set(unsendable) == {"rechazada/es", "elija_una_hora/es", "encuesta/es"}
    assert rows["rechazada/es"].reason == "PROMOTIONAL"


@pytest.mark.contract
async def test_a_template_opens_a_conversation_with_every_variable(whatsapp: Texting) -> None:
    await _templates(whatsapp)
    message = await _send(whatsapp, "pedido_listo", **{"1": "Ana, la de siempre", "2": "A-7"})
    await whatsapp.until_status(message.id, Status.DELIVERED)
    sent = whatsapp.twilio.messages[-1]
    assert (sent.to, sent.body) == (
        f"whatsapp:{EVA}",
        "Ana, la de siempre, tu pedido A-7 está listo.",
    )
    assert json.loads(sent.fields["ContentVariables"]) == {"1": "Ana, la de siempre", "2": "A-7"}
    assert not {"Body", "MediaUrl"} & set(sent.fields)
    assert message.text is not None
    assert "https://shop.example.com/p/A-7" in message.text  # what the customer sees is kept


@pytest.mark.contract
async def test_a_variable_left_out_is_refused_before_it_leaves(whatsapp: Texting) -> None:
    """Twilio would send its sample to the customer."""
    await _templates(whatsapp)
    with pytest.raises(DeskError) as refusal:
        await _send(whatsapp, "pedido_listo", **{"1": "Ana"})
    assert refusal.value.field == "body.2"
    assert whatsapp.twilio.messages == []


@pytest.mark.contract
async def test_a_template_that_is_gone_says_what_to_do(whatsapp: Texting) -> None:
    await _templates(whatsapp)
    whatsapp.twilio.contents = whatsapp.twilio.contents[1:]
    message = await _send(whatsapp, "seguimos_en_contacto", **{"1": "Ana"})
    failed = await whatsapp.until_status(message.id, Status.FAILED)
    assert failed.error == MessageError(code="21655", title="Refused by the simulator.")


@pytest.mark.contract
async def test_contents_of_the_same_name_are_all_there(whatsapp: Texting) -> None:
    double = CONTENTS[0] | {"sid": "HX" + "f" * 32}
    whatsapp.twilio.contents = (*CONTENTS, double)
    rows = await _templates(whatsapp)
    assert {name for name in rows if name.startswith("seguimos")} == {
        "seguimos_en_contacto (000001)/es",
        "seguimos_en_contacto (ffffff)/es",
        "seguimos_en_contacto/en",
    }


@pytest.mark.contract
@pytest.mark.parametrize(
    "following",
    ["https://evil.example.com/v1/ContentAndApprovals?Page=1", "{base}/2010-04-01/Accounts?x=1"],
)
async def test_no_page_of_another_place_is_read(
    whatsapp: Texting, monkeypatch: pytest.MonkeyPatch, following: str
) -> None:
    """The credentials go along with every request."""
    meta = {"next_page_url": following.format(base=whatsapp.twilio.base_url)}
    asked = []

    def one_page(*given: object) -> dict[str, Any]:
        asked.append(given)
        return {"contents": [], "meta": meta}

    monkeypatch.setattr(twilio_content, "page", one_page)
    page = await whatsapp.desk.call(SyncTemplates(inbox_id=whatsapp.inbox.id))
    assert page.error is not None and page.total == 0
    assert len(asked) == 1


def test_where_the_content_api_is() -> None:
    assert content_url("https://api.twilio.com") == "https://content.twilio.com"
    assert content_url("http://127.0.0.1:8080") == "http://127.0.0.1:8080"


def _row(name: str) -> Template:
    [content] = [each for each in CONTENTS if each["friendly_name"] == name][:1]
    [(kind, body)] = list(content["types"].items())[:1]
    return Template(
        id=1, inbox_id=1, channel="whatsapp_twilio", provider_id=content["sid"], name=name,
        language="es", category=content["approval_requests"].get("category", ""), status="APPROVED",
        components=components_of(kind, body, content["variables"], "es"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kinds", "lines"),
    [
        ("seguimos_en_contacto", {"1": "text"}, ["respuesta para ti", "[Sí, por favor]"]),
        ("pedido_listo", {"1": "text", "2": "text"}, ["pedido <2>", "/p/<2>", "+15550783881"]),
        ("catalogo_de_otono", {"nombre": "text"}, ["Otoño", "Hola <nombre>", "Café Aurora"]),
        ("foto_del_pedido", {"1": "text", "2": "url_suffix"}, ["Así quedó, <1>."]),
        ("tarjetas", dict.fromkeys("123", "text"), ["1/2", "Hoy <2>", "[Quiero dos]"]),
        ("codigo_de_acceso", {"1": "code"}, ["código de verificación es <1>", "5 minutos"]),
        ("tarjeta", dict.fromkeys("123", "text"), ["Hola <1>", "hasta el <2>", "[Copiar]"]),
        ("elija_una_hora", {"1": "text"}, ["¿A qué hora, <1>?", "[10:00]", "[17:00]"]),
    ],
)
def test_every_type_in_our_own_form(name: str, kinds: dict[str, str], lines: list[str]) -> None:
    row = _row(name)
    asked = variables(row)
    assert {variable.place.removeprefix("body."): variable.kind for variable in asked} == kinds
    assert all(variable.required and variable.example for variable in asked)
    assert all(label_of(variable) for variable in asked)
    filled = fill(row, {variable.place: f"<{variable.name}>" for variable in asked})
    assert filled.use.provider_id == row.provider_id
    assert filled.use.variables == {key: f"<{key}>" for key in kinds}
    assert filled.use.components == ()
    assert [line for line in lines if line not in filled.text] == []
    assert preview(read(row), {}).header_kind == {
        "foto_del_pedido": "image", "tarjeta": "document", "catalogo_de_otono": "text",
    }.get(name, "")  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        {"twilio/text": "no object"},
        {"twilio/text": {"body": 7}},
        {"twilio/media": {"media": [None, {}]}},
        {"twilio/carousel": {"cards": [[], {"media": 3, "actions": ["x"]}]}},
        {"twilio/quick-reply": {"body": "{{}} {{ a }}", "actions": None}},
    ],
)
def test_odd_contents_break_nothing(content: dict[str, Any]) -> None:
    [(kind, body)] = content.items()
    parts = components_of(kind, body if isinstance(body, dict) else {}, {}, "es")
    row = msgspec.structs.replace(_row("rechazada"), components=parts)
    assert fill(row, {v.place: "x" for v in variables(row)}).use.provider_id == row.provider_id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12)
    | st.sampled_from(["{{1}}", "a {{2}} b", "{{ name }}", "https://x/{{1}}", "{{"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["body", "title", "media", "actions", "cards", "items", "item", "type", "url",
                         "subtitle", "footer", "header_text", "code", "phone"]), inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    kind=st.sampled_from((*RICHEST_FIRST, "twilio/flows")),
    content=st.dictionaries(
        st.sampled_from(["body", "title", "media", "actions", "cards", "items"]), JSON, max_size=4
    ),
    samples=st.dictionaries(st.sampled_from(["1", "2", "name"]), JSON, max_size=3),
)
def test_whatever_a_content_holds_every_variable_in_it_is_asked_and_sent(
    kind: str, content: dict[str, Any], samples: dict[str, Any]
) -> None:
    parts = components_of(kind, content, samples, "es")
    row = msgspec.structs.replace(_row("rechazada"), components=parts)
    asked = variables(row)
    if kind != "whatsapp/authentication":
        found = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", json.dumps(content, ensure_ascii=False)))
        assert {variable.name for variable in asked} >= found & {"1", "2", "name"}
    preview(read(row), {})
    if unusable(row) is None:
        given = {v.place: "https://x.example/" if v.kind == "link" else "x" for v in asked}
        assert set(fill(row, given).use.variables) == {variable.name for variable in asked}


@pytest.mark.contract
def test_the_simulated_contents_are_as_twilio_publishes_them() -> None:
    schema = json.loads((contracts.folder() / "twilio_content_v1.json").read_text("utf-8"))
    listed = schema["components"]["schemas"]["content.v1.content_and_approvals"]["properties"]
    types = schema["components"]["schemas"]["types"]["properties"]
    for content in CONTENTS:
        assert set(content) <= set(listed), content["friendly_name"]
        for kind, body in content["types"].items():
            rule = {**types[kind], "components": schema["components"]}
            problems = [error.message for error in Draft202012Validator(rule).iter_errors(body)]
            assert problems == [], content["friendly_name"]
