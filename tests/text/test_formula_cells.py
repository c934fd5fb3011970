"""Broadcast results in a spreadsheet: no cell is a formula, and every cell can be read back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.broadcast_models import Recipient
from vchat_tui.recipients_csv import cell, lines

FORMULAS = (
    '=HYPERLINK("http://example.com","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    " =1", "＝1", "＋1", "－1", "＠x",
)  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_shown_as_text(text: str) -> None:
    assert cell(text).startswith("'")


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not cell(text).strip(" ").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.text(min_size=1))
def test_a_row_is_one_row(name: str) -> None:
    row = Recipient(number=1, name=name, address="5215512345678", state="pending")
    (read,) = csv.reader(io.StringIO(lines([row]), newline=""))
    assert read[2] == cell(name)
    assert read[3] == "'+5215512345678"
