"""A template and its values become exactly what Meta takes, and what the customer will read."""

from __future__ import annotations

from typing import Any

import pytest
from template_kit import COUPON, PHONE, QUICK, URL, body, buttons, definition, header

from vchat_tui.templates import FillError, fill, read, text_of, unsupported, variables
from vchat_tui.templates import preview as preview_of

SHA = "ab" * 32


def places(template: Any) -> list[tuple[str, str]]:
    return [(variable.place, variable.kind) for variable in variables(template)]


def test_text_in_header_body_and_footer() -> None:
    template = definition(
        header("TEXT", "Pedido {{1}}"),
        body("Hola {{1}}, sale {{2}}. Hasta {{2}}, {{1}}."),
        {"type": "FOOTER", "text": "Café Aurora"},
    )
    assert places(template) == [("header.1", "text"), ("body.1", "text"), ("body.2", "text")]
    filled = fill(template, {"header.1": "42", "body.1": "Ana", "body.2": "hoy"})
    assert filled.use.components == (
        {"type": "header", "parameters": [{"type": "text", "text": "42"}]},
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "hoy"}],
        },
    )
    assert filled.text == "Pedido 42\n\nHola Ana, sale hoy. Hasta hoy, Ana.\n\nCafé Aurora"


def test_named_variables_carry_their_names() -> None:
    template = definition(body("Hola {{nombre}}, pedido {{pedido}}"), named=True)
    assert places(template) == [("body.nombre", "text"), ("body.pedido", "text")]
    filled = fill(template, {"body.nombre": "Ana", "body.pedido": "42"})
    assert filled.use.components[0]["parameters"] == [
        {"type": "text", "text": "Ana", "parameter_name": "nombre"},
        {"type": "text", "text": "42", "parameter_name": "pedido"},
    ]


def test_examples_are_those_that_meta_was_given() -> None:
    positional = body("Hola {{1}}, {{2}}") | {"example": {"body_text": [["Ana", "42"]]}}
    named = body("Hola {{nombre}}") | {
        "example": {"body_text_named_params": [{"param_name": "nombre", "example": "Ana"}]}
    }
    title = header("TEXT", "Pedido {{1}}") | {"example": {"header_text": ["42"]}}
    examples = [[v.example for v in variables(definition(part))] for part in (positional, named)]
    assert examples == [["Ana", "42"], ["Ana"]]
    assert [v.example for v in variables(definition(title))] == ["42"]


def test_ten_variables_go_by_number_and_not_by_letter() -> None:
    wording = " ".join(f"{{{{{number}}}}}" for number in (10, 2, 1, 3, 4, 5, 6, 7, 8, 9))
    values = {f"body.{number}": f"v{number}" for number in range(1, 11)}
    parameters = fill(definition(body(wording)), values).use.components[0]["parameters"]
    assert [parameter["text"] for parameter in parameters] == [f"v{n}" for n in range(1, 11)]


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_file_in_the_header(kind: str) -> None:
    template = definition(header(kind.upper()), body("Mire"))
    assert places(template) == [("header", kind)]
    filled = fill(template, {"header": f"{SHA} carta de mayo.pdf"})
    file = (
        {"sha256": SHA, "filename": "carta de mayo.pdf"} if kind == "document" else {"sha256": SHA}
    )
    assert filled.use.components == (
        {"type": "header", "parameters": [{"type": kind, kind: file}]},
    )
    linked = fill(template, {"header": "https://shop.example.com/a.jpg"})
    assert linked.use.components[0]["parameters"][0][kind] == {
        "link": "https://shop.example.com/a.jpg"
    }


def test_a_place_in_the_header() -> None:
    template = definition(header("LOCATION"), body("Estamos aquí"))
    values = {
        "header.latitude": "19.4326",
        "header.longitude": "-99.1332",
        "header.name": "Café Aurora",
        "header.address": "Calle 1",
    }
    filled = fill(template, values)
    assert filled.use.components[0]["parameters"] == [
        {
            "type": "location",
            "location": {
                "latitude": 19.4326,
                "longitude": -99.1332,
                "name": "Café Aurora",
                "address": "Calle 1",
            },
        }
    ]
    assert filled.text.startswith("Café Aurora, Calle 1")


def test_amounts_and_dates() -> None:
    template = definition(body("Son {{1}} el {{2}}"))
    filled = fill(template, {"body.1": "currency:EUR:12.5", "body.2": "date:24 de diciembre"})
    assert filled.use.components[0]["parameters"] == [
        {
            "type": "currency",
            "currency": {"fallback_value": "12.5 EUR", "code": "EUR", "amount_1000": 12500},
        },
        {"type": "date_time", "date_time": {"fallback_value": "24 de diciembre"}},
    ]
    assert filled.text == "Son 12.5 EUR el 24 de diciembre"


def test_buttons_are_counted_over_all_of_them() -> None:
    template = definition(body("Hola"), buttons(QUICK, PHONE, URL, COUPON))
    assert places(template) == [
        ("button.0", "payload"),
        ("button.2", "url_suffix"),
        ("button.3", "copy_code"),
    ]
    values = {"button.0": "YES-42", "button.2": "48213", "button.3": "PRIMAVERA"}
    filled = fill(template, values)
    assert filled.use.components == (
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "YES-42"}],
        },
        {
            "type": "button",
            "sub_type": "url",
            "index": "2",
            "parameters": [{"type": "text", "text": "48213"}],
        },
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "3",
            "parameters": [{"type": "coupon_code", "coupon_code": "PRIMAVERA"}],
        },
    )
    assert filled.text.splitlines()[-4:] == [
        "[Sí]",
        "[Llamar] +15550783881",
        "[Ver pedido] https://shop.example.com/p/48213",
        "[Copiar] PRIMAVERA",
    ]


def test_a_button_without_a_value_takes_no_component() -> None:
    fixed = {"type": "URL", "text": "Web", "url": "https://shop.example.com"}
    filled = fill(definition(body("Hola"), buttons(QUICK, fixed, PHONE)), {})
    assert filled.use.components == ()


def test_a_one_time_code_goes_into_body_and_button() -> None:
    otp = {"type": "URL", "text": "Copiar código", "url": "https://x.example/?code={{1}}"}
    template = definition(body("{{1}} es tu código."), buttons(otp), category="AUTHENTICATION")
    assert places(template) == [("body.1", "code")]
    code = {"type": "text", "text": "123456"}
    assert fill(template, {"body.1": "123456"}).use.components == (
        {"type": "body", "parameters": [code]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [code]},
    )


def test_a_limited_time_offer() -> None:
    offer = {
        "type": "LIMITED_TIME_OFFER",
        "limited_time_offer": {"text": "¡Termina!", "has_expiration": True},
    }
    template = definition(offer, body("Hola"), buttons(COUPON))
    values = {"offer": "2026-12-24T18:00:00+00:00", "button.0": "X"}
    component = fill(template, values).use.components[-1]
    assert component == {
        "type": "limited_time_offer",
        "parameters": [
            {
                "type": "limited_time_offer",
                "limited_time_offer": {"expiration_time_ms": 1798135200000},
            }
        ],
    }


def test_cards_each_have_their_own_values() -> None:
    card = {"components": [header("IMAGE"), body("Pastel {{1}}"), buttons(URL)]}
    template = definition(body("Hola {{1}}"), {"type": "CAROUSEL", "cards": [card, card]})
    assert [place for place, _kind in places(template)] == [
        "body.1",
        "card.0.header",
        "card.0.body.1",
        "card.0.button.0",
        "card.1.header",
        "card.1.body.1",
        "card.1.button.0",
    ]
    values = {"body.1": "Ana"}
    for number, cake in enumerate(("rojo", "azul")):
        start = f"card.{number}."
        values |= {start + "header": SHA, start + "body.1": cake, start + "button.0": cake}
    carousel = fill(template, values).use.components[-1]
    assert [card["card_index"] for card in carousel["cards"]] == [0, 1]
    assert carousel["cards"][1]["components"][1] == {
        "type": "body",
        "parameters": [{"type": "text", "text": "azul"}],
    }
    assert "2/2\nPastel azul" in fill(template, values).text


def test_products_forms_and_the_catalogue() -> None:
    template = definition(
        body("Hola"),
        buttons(
            {"type": "MPM", "text": "Ver"},
            {"type": "FLOW", "text": "Llenar"},
            {"type": "CATALOG", "text": "Catálogo"},
        ),
    )
    filled = fill(template, {"button.0": "Pasteles: SKU1, SKU2; SKU3"})
    mpm, flow = (part["parameters"][0]["action"] for part in filled.use.components)
    assert mpm == {
        "thumbnail_product_retailer_id": "SKU1",
        "sections": [
            {
                "title": "Pasteles",
                "product_items": [
                    {"product_retailer_id": "SKU1"},
                    {"product_retailer_id": "SKU2"},
                ],
            },
            {"title": "Ver", "product_items": [{"product_retailer_id": "SKU3"}]},
        ],
    }
    assert flow == {"flow_token": "unused"}


@pytest.mark.parametrize(
    ("values", "place", "message"),
    [
        ({}, "body.1", "may not be empty"),
        ({"body.1": " \n\t "}, "body.1", "may not be empty"),
        ({"body.1": "x" * 1025}, "body.1", "at most 1024"),
        (
            {"body.1": "x" * 1020, "button.0": "x", "button.1": "y"},
            "body.1",
            "the text 1025 characters",
        ),
        ({"body.1": "Ana", "body.2": "?"}, "body.2", "is no value of this template"),
        ({"body.1": "currency:EUR"}, "body.1", "currency:EUR:12.50"),
        ({"body.1": "Ana", "button.0": "a b"}, "button.0", "may not contain spaces"),
        ({"body.1": "Ana", "button.0": "x" * 2001}, "button.0", "at most 2000"),
        ({"body.1": "Ana", "button.0": "x"}, "button.1", "may not be empty"),
        ({"body.1": "Ana", "button.0": "x", "button.1": "y" * 21}, "button.1", "at most 20"),
    ],
)
def test_what_meta_would_refuse_is_refused_here(
    values: dict[str, str], place: str, message: str
) -> None:
    template = definition(body("Hola {{1}}"), buttons(URL, COUPON))
    with pytest.raises(FillError) as caught:
        fill(template, values)
    assert caught.value.place == place
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("form", "values", "place"),
    [
        ("IMAGE", {"header": "/etc/passwd"}, "header"),
        ("IMAGE", {"header": "http://shop.example.com/a.jpg"}, "header"),
        ("LOCATION", {"header.latitude": "91"}, "header.latitude"),
        ("LOCATION", {"header.latitude": "nan"}, "header.latitude"),
    ],
)
def test_headers_that_are_none(form: str, values: dict[str, str], place: str) -> None:
    with pytest.raises(FillError) as caught:
        fill(definition(header(form), body("Hola")), values)
    assert caught.value.place == place


def test_line_breaks_tabs_and_many_spaces_become_one_space() -> None:
    filled = fill(definition(body("Hola {{1}}")), {"body.1": "Ana\r\nde    la     Paz\t.\n"})
    assert filled.use.components[0]["parameters"][0]["text"] == "Ana de    la Paz ."


def test_a_part_that_nobody_here_knows_is_said_so() -> None:
    template = definition(body("Hola"), {"type": "HOLOGRAM"})
    assert unsupported(template)
    with pytest.raises(FillError):
        fill(template, {})


def test_a_preview_shows_what_is_missing() -> None:
    template = definition(body("Hola {{1}}, {{2}}"), buttons(URL))
    seen = preview_of(read(template), {"body.1": "Ana"})
    assert seen.body == "Hola Ana, {{2}}"
    assert seen.buttons[0].detail == "https://shop.example.com/p/{{1}}"
    assert "Hola Ana" in text_of(seen)


@pytest.mark.parametrize(
    "components",
    [
        ({"type": 5}, {"type": "BODY", "text": 7}, {}),
        ({"type": "BUTTONS", "buttons": "none"}, {"type": "HEADER", "format": None}),
        ({"type": "CAROUSEL", "cards": [None, {"components": 4}]},),
        ({"type": "BUTTONS", "buttons": [{"type": ["URL"], "url": {}}]},),
    ],
)
def test_a_definition_that_is_rubbish_breaks_nothing(components: Any) -> None:
    template = definition(*components)
    variables(template)
    preview_of(read(template), {})
    unsupported(template)
