"""Orders are read whatever their numbers look like, and drawn as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.orders import amount, read, readable
from vchat_tui.widgets.order_table import draw_order


def item(product: object, quantity: object, price: object, currency: object = "EUR") -> object:
    return {
        "product_retailer_id": product, "quantity": quantity, "item_price": price,
        "currency": currency,
    }  # fmt: skip


def order(*items: object) -> dict[str, Any]:
    return {"catalog_id": "1", "product_items": list(items)}


def test_totals_by_currency_from_numbers_and_texts() -> None:
    told = read(
        order(item("A", 2, 89), item("B", "1", "7.5"), item("C", 3, 0.1, "usd"), item("D", "4", 1))
    )
    assert told.totals == {"EUR": Decimal("189.5"), "USD": Decimal("0.3")}
    assert told.complete
    assert readable(order(item("A", 2, 89.0), item("B", "1", "7.50"))) == (
        "2 × A, 1 × B = 185.50 EUR"
    )


@pytest.mark.parametrize(
    "number",
    [None, "", "two", "1,5", "-1", -1, True, "1e3", float("inf"), float("nan"), 10**30, 1e300,
     "9" * 40, [], {}, "٣", "1\x1b[2J"],
)  # fmt: skip
def test_what_is_no_number_is_left_out_of_the_totals(number: object) -> None:
    strange = order(item("A", number, 5), item("B", 1, 5))
    told = read(strange)
    assert told.totals == {"EUR": Decimal(5)}
    assert not told.complete
    assert draw_order(strange)[-1].plain == "Some lines cannot be added up."


def test_the_table_lines_its_numbers_up() -> None:
    drawn = [
        line.plain for line in draw_order(order(item("BOTA-38", 2, 89), item("CERA", 10, 7.5)))
    ]
    assert drawn == [
        "2 products",
        "Qty  Price     Sum  Product",
        "  2  89.00  178.00  EUR  BOTA-38",
        " 10   7.50   75.00  EUR  CERA",
        "            253.00  EUR  Total",
    ]


@pytest.mark.parametrize(("value", "shown"), [("5", "5"), ("5.50", "5.50"), ("0.125", "0.125")])
def test_amounts_have_no_needless_decimals(value: str, shown: str) -> None:
    assert amount(Decimal(value)) == shown


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
lines = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("product_retailer_id", "quantity", "item_price", "currency"), anything),
)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {}, optional={"text": anything, "product_items": st.lists(lines) | anything}
    )
)
def test_no_order_is_too_strange(order: dict[str, Any]) -> None:
    readable(order)
    for line in draw_order(order):
        assert "\x1b" not in line.plain
        assert "\n" not in line.plain
