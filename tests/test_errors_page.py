"""Each guide's table of error codes is the table that the console uses, in both languages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vchat_tui import i18n

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from errors_page import PAGES, with_table


@pytest.mark.parametrize(("guide", "language"), PAGES)
def test_the_guide_lists_every_code(guide: str, language: str) -> None:
    page = PAGES[guide, language].read_text("utf-8")
    assert with_table(page, guide, language) == page, "run tools/errors_page.py"
    assert {"whatsapp": "| 131047 |", "sms": "| 21610 |"}[guide] in page
    i18n.use("en")
