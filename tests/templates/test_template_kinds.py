"""Amounts and dates in what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.templates.kinds import amount, day
from vchat_tui.templates.values import shown, text_parameter


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("12.50 EUR", "currency:EUR:12.50"),
        ("12,50 €", "currency:EUR:12.50"),
        ("€12,5", "currency:EUR:12.5"),
        ("$ 1,234.50", "currency:USD:1234.50"),
        ("1.234.567 CLP", "currency:CLP:1234567"),
        ("1 234,00 EUR", "currency:EUR:1234.00"),
        ("-7 GBP", "currency:GBP:-7"),
        ("12.50", None),
        ("12,5,0 €", None),
        ("12.50 eur", None),
        ("Pedido 12 EUR", None),
        ("EUR", None),
    ],
)
def test_amounts(typed: str, sent: str | None) -> None:
    assert amount(typed) == sent
    assert sent is None or text_parameter(sent)["type"] == "currency"


@pytest.mark.parametrize(
    ("typed", "is_date"),
    [
        ("24/12/2026", True), ("12/24/2026", True), ("1.2.2026", True), ("2026-12-24", True),
        ("29/2/2026", False), ("24/12", False), ("24/12/26", False), ("pedido 1/2/2026", False),
    ],
)  # fmt: skip
def test_dates(typed: str, is_date: bool) -> None:
    assert day(typed) == (f"date:{typed}" if is_date else None)
    assert not is_date or shown(f"date:{typed}") == typed


@given(st.text(alphabet="0123456789.,-/ €$EUR", max_size=20) | st.text(max_size=20))
def test_whatever_is_typed_is_sent_as_text_amount_or_date(typed: str) -> None:
    for sent, kind in ((amount(typed), "currency"), (day(typed), "date_time")):
        assert sent is None or text_parameter(sent)["type"] == kind


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(["€{}", "{} €", "{} USD"]))
def test_no_digit_is_lost(whole: int, cents: int, pattern: str) -> None:
    for text in (f"{whole}.{cents:02}", f"{whole:,}.{cents:02}".replace(",", " ")):
        sent = amount(pattern.format(text.replace(".", ",")))
        assert sent is not None
        assert text_parameter(sent)["currency"]["amount_1000"] == whole * 1000 + cents * 10
