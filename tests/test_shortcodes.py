"""`{catalog ...}` typed in an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.registry import check_content
from vchat_tui.models import Content
from vchat_tui.shortcodes import Catalog, Parsed, code, parse


def interactive(text: str) -> dict[str, Any]:
    """The only code in a text."""
    parsed = parse(text)
    assert not parsed.mistakes, parsed.mistakes
    (part,) = parsed.parts
    assert isinstance(part, Catalog)
    return part.interactive


def mistake(text: str) -> tuple[int, str]:
    """Where the first mistake is, and what it says."""
    first = parse(text).mistakes[0]
    return first.position, first.message.format(**first.values)


@pytest.mark.parametrize(
    "text",
    [
        '{catalog id="123" product_id="A-1" body="Mire" footer="IVA incluido"}',
        '[catalog footer="IVA incluido" body="Mire" product_id="A-1" id="123"]',
        "{catalog id=“123” product_id=”A-1” body=«Mire» footer=„IVA incluido“}",
        '{Catalog\n id = "123"\n Product_ID="A-1" cuerpo="Mire" pie="IVA incluido" }',
        '{catalog id="123" product_id="A-1" body=" Mire " footer="IVA incluido" header=""}',
    ],
)
def test_one_product(text: str) -> None:
    assert interactive(text) == {
        "type": "product",
        "body": {"text": "Mire"},
        "footer": {"text": "IVA incluido"},
        "action": {"catalog_id": "123", "product_retailer_id": "A-1"},
    }


@pytest.mark.parametrize("header", ["head", "header", "encabezado"])
def test_several_products_in_the_order_of_their_numbers(header: str) -> None:
    made = interactive(
        f'{{catalog product_id_2_1="C" section_2="Cuidado" id="9" body="Elija" {header}="Botas" '
        'product_id_1_10="B" product_id_1_2="A" section_1="Piel"}'
    )
    assert made == {
        "type": "product_list",
        "header": {"type": "text", "text": "Botas"},
        "body": {"text": "Elija"},
        "action": {
            "catalog_id": "9",
            "sections": [
                {
                    "title": "Piel",
                    "product_items": [{"product_retailer_id": "A"}, {"product_retailer_id": "B"}],
                },
                {"title": "Cuidado", "product_items": [{"product_retailer_id": "C"}]},
            ],
        },
    }
    assert check_content("whatsapp_cloud", Content(type="interactive", interactive=made)) is None


def test_the_text_around_stays_text() -> None:
    first = '{catalog id="1" product_id="A"}'
    parsed = parse(f"Hola\n{first} y también [catalog id='1'")
    assert [part if isinstance(part, str) else "code" for part in parsed.parts][:2] == [
        "Hola", "code",
    ]  # fmt: skip
    parsed = parse(f"  {first}\n{first}adiós {{user_name}} [catalogue] ")
    assert [part if isinstance(part, str) else part.position for part in parsed.parts] == [
        2, 34, "adiós {user_name} [catalogue]",
    ]  # fmt: skip
    assert not parsed.mistakes


@pytest.mark.parametrize("text", ["", "hola", "catalog", "{catalogs id}", "[catalogue]", "{ }"])
def test_what_is_no_code_is_left_alone(text: str) -> None:
    assert not parse(text).has_codes


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ('ver {catalog id="1"', 4, "The code is not closed: “}” is missing."),
        ('[catalog id="1" product_id="2"}', 0, "The code is not closed: “]” is missing."),
        ('{catalog id=1 product_id="2"}', 12, "The value of “id” must stand in quotes."),
        ('{catalog id="1 product_id=2}', 12, "The quotes of “id” are not closed."),
        ('{catalog id="1" oops}', 16, '“oops” is not an attribute: write name="value".'),
        ('{catalog id="1" id="2" product_id="3"}', 16, "“id” is there twice."),
        ("{catalog}", 0, "“id” is missing."),
        ('{catalog id="1"}', 0, "“product_id” is missing."),
        ('{catalog id="1" product_id="2" header="x"}', 31, "A single product has no header."),
        ('{catalog id="1" product_id="2" section_1="x" product_id_1_1="y"}', 16,
         "Give one product (product_id) or sections, not both."),
        ('{catalog id="1" body="b" section_1="x" product_id_1_1="y"}', 0, "“header” is missing."),
        ('{catalog id="1" header="h" section_1="x" product_id_1_1="y"}', 0, "“body” is missing."),
        ('{catalog id="1" header="h" body="b" section_1="x"}', 36,
         "“product_id_1_1” is missing."),
        ('{catalog id="1" header="h" body="b" product_id_2_1="y"}', 36, "“section_2” is missing."),
        ('{catalog id="1" header="h" body="b" section_1="x" product_id_1_1=""}', 50,
         "“product_id_1_1” is empty."),
    ],
)  # fmt: skip
def test_a_mistake_says_what_and_where(text: str, position: int, says: str) -> None:
    assert mistake(text) == (position, says)


def test_an_unknown_attribute_is_ignored_and_told() -> None:
    parsed = parse('{catalog id="1" product_id="2" colour="red"}')
    assert not parsed.mistakes
    assert parsed.ignored == ("colour",)


def test_quotes_inside_a_value() -> None:
    made = interactive('{catalog id="1" product_id="2" body="di \\"sí\\" o “no” \\\\ C:\\dir"}')
    assert made["body"]["text"] == 'di "sí" o “no” \\ C:\\dir'


words = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)


@given(words, words, words, words)
def test_what_is_written_is_read_again(catalog: str, product: str, body: str, footer: str) -> None:
    typed = code({"id": catalog, "product_id": product, "body": body, "footer": footer})
    made = interactive(typed)
    assert made["action"] == {"catalog_id": catalog, "product_retailer_id": product}
    assert made["body"]["text"] == body
    assert made["footer"]["text"] == footer


@given(st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=4), words, words)
def test_sections_are_read_again(sections: list[list[str]], before: str, after: str) -> None:
    attributes = {"id": "1", "header": "h", "body": "b"}
    for a, products in enumerate(sections, 1):
        attributes[f"section_{a}"] = f"s{a}"
        attributes |= {f"product_id_{a}_{b}": product for b, product in enumerate(products, 1)}
    parsed = parse(f"({code(attributes)})")
    assert [part for part in parsed.parts if isinstance(part, str)] == ["(", ")"]
    (found,) = [part for part in parsed.parts if isinstance(part, Catalog)]
    assert [
        [item["product_retailer_id"] for item in section["product_items"]]
        for section in found.interactive["action"]["sections"]
    ] == sections


pieces = st.lists(
    st.sampled_from(
        ["{catalog", "[catalog ", "}", "]", " id=", '"', "“", "«", "\\", "product_id", "section_1",
         "=", "1", " ", "\n", "_1_1", "body", "\x1b", "ñ"]
    )
    | st.text(max_size=4),
    max_size=20,
).map("".join)  # fmt: skip


@given(pieces)
def test_it_never_raises_and_loses_nothing_of_ordinary_text(text: str) -> None:
    parsed: Parsed = parse(text)
    for wrong in parsed.mistakes:
        assert 0 <= wrong.position <= len(text)
        wrong.message.format(**wrong.values)
    if not parsed.has_codes:
        assert "".join(part for part in parsed.parts if isinstance(part, str)) == text.strip()
