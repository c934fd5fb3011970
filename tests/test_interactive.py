"""Interactive messages as the forms make them: what Meta takes, and readable as plain text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contracts import whatsapp_violations
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.base import Outgoing
from vchat_tui.channels.registry import check_content
from vchat_tui.channels.whatsapp_body import build_body
from vchat_tui.interactive import InteractiveError, any_kind, readable, sections_of
from vchat_tui.models import Content
from vchat_tui.screens.interactive_kinds import KINDS
from vchat_tui.simulator.checks.message import check_message
from vchat_tui.widgets.interactive import draw_interactive

CAROUSEL = {
    "type": "carousel",
    "body": {"text": "Nuestras botas"},
    "action": {
        "cards": [
            {"card_index": place, "type": "cta_url",
             "header": {"type": "image", "image": {"link": "https://example.com/bota.jpg"}},
             "action": {"name": "cta_url", "parameters": {
                 "display_text": "Ver", "url": "https://example.com"}}}
            for place in range(2)
        ]
    },
}  # fmt: skip

FILLED: dict[str, dict[str, str]] = {
    "button": {"body": "¿Lo reservamos?", "button_1": "Sí", "button_2": "No", "footer": "Gracias"},
    "list": {"body": "Elija", "button": "Tallas",
             "rows": "# Botas\n38 | azul\n39\n\n# Zapatos\n40 | negro | mate"},
    "cta_url": {"body": "Su factura", "display_text": "Abrir", "url": "https://example.com/f"},
    "product": {"catalog_id": "9", "product_id": "BOTA-38", "body": "Mire"},
    "product_list": {"header": "Botas", "body": "Elija", "catalog_id": "9",
                     "products": "# Piel\nBOTA-38\nBOTA-39\n# Ante\nBOTA-40"},
    "catalog_message": {"body": "Todo lo nuestro", "product_id": "BOTA-38"},
    "location_request": {"body": "¿Dónde está?"},
    "flow": {"body": "Pida cita", "flow": "123456", "flow_cta": "Cita", "flow_token": "t",
             "screen": "FIRST", "data": '{"día": "lunes"}'},
    "json": {"json": json.dumps(CAROUSEL)},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_each_form_makes_is_what_meta_takes(kind: str) -> None:
    made = KINDS[kind].build(FILLED[kind])
    content = Content(type="interactive", interactive=made, text=readable(made))
    assert check_content("whatsapp_cloud", content) is None
    body = build_body(Outgoing(content=content, callback_data="m-1", address="16505551234"))
    assert isinstance(body, dict)
    assert whatsapp_violations(body) == []
    assert check_message(body) == "interactive"


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_was_typed_can_be_read(kind: str) -> None:
    made = KINDS[kind].build(FILLED[kind])
    shown = "\n".join(line.plain for line in draw_interactive(made))
    for text in (shown, readable(made)):
        assert (FILLED[kind].get("body") or "Nuestras botas") in text
    for word in ("Sí", "Gracias", "Tallas", "azul", "Abrir", "BOTA-39", "Cita", "Ver"):
        if word in str(FILLED[kind].values()) or (kind == "json" and word == "Ver"):
            assert word in shown and word in readable(made)


@pytest.mark.parametrize(
    ("name", "changed", "row"),
    [
        ("button", {"button_2": "x" * 21}, "button_2"),
        ("button", {"button_2": "Sí"}, "button_2"),  # the same as the first
        ("button", {"header": "x" * 61}, "header"),
        ("list", {"rows": "\n".join(map(str, range(11)))}, "rows"),
        ("list", {"rows": "# a\n" + "x" * 25}, "rows"),
        ("list", {"button": "x" * 21}, "button"),
        ("cta_url", {"url": "example.com"}, "url"),
        ("product_list", {"products": "\n".join(map(str, range(31)))}, "products"),
        ("product_list", {"header": ""}, "header"),
        ("product", {"catalog_id": "x" * 300}, "catalog_id"),
        ("flow", {"flow_cta": "x" * 31}, "flow_cta"),
        ("json", {"json": '{"type": "hologram", "action": {}}'}, "json"),
    ],
)
def test_a_limit_is_told_at_its_row(name: str, changed: dict[str, str], row: str) -> None:
    kind = KINDS[name]
    made = kind.build(FILLED[name] | changed)
    problem = check_content("whatsapp_cloud", Content(type="interactive", interactive=made))
    assert problem is not None
    assert kind.row_of(problem.field) == row


@pytest.mark.parametrize(
    ("text", "field"),
    [("", "json"), ("{", "json"), ("[1]", "json"), ("[" * 3000, "json"), ("{}", "json"),
     ('{"type": "button"}', "json"), ("NaN", "json")],
)  # fmt: skip
def test_json_that_cannot_be_used_is_refused(text: str, field: str) -> None:
    with pytest.raises(InteractiveError) as refused:
        any_kind({"json": text})
    assert refused.value.field == field


def test_json_may_be_the_whole_message() -> None:
    inner = {"type": "button", "action": {"buttons": []}}
    assert any_kind({"json": json.dumps({"type": "interactive", "interactive": inner})}) == inner


def test_sections() -> None:
    assert sections_of("a\n\n# B \nb\n c\n#\nd") == [("", ["a"]), ("B", ["b", "c"]), ("", ["d"])]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "text", "action", "buttons", "sections", "rows", "cards", "body",
                         "header", "reply", "title", "parameters", "product_items"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["type", "header", "body", "footer", "action"]), anything))
def test_no_object_is_too_strange_to_draw(interactive: dict[str, Any]) -> None:
    readable(interactive)
    for line in draw_interactive(interactive):
        assert "\x1b" not in line.plain
