"""Interactive messages as text, and which choice an answer means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui import interactive, questions

BUTTONS = interactive.reply_buttons(
    {"header": "Café Aurora", "body": "¿Cuándo le viene bien?", "footer": "Gracias",
     "button_1": "Mañana", "button_2": "Por la tarde", "button_3": "Sábado"}
)  # fmt: skip
LIST = interactive.choice_list(
    {"body": "Elija", "button": "Ver", "rows": "#Café\nFlat white | con leche\nLargo\n#Té\nVerde"}
)
PRODUCTS = interactive.product_list(
    {"header": "Botas", "body": "Estas:", "catalog_id": "9", "products": "A-1\nA-2"}
)
LINK = interactive.link_button(
    {"body": "Mire", "display_text": "Tienda", "url": "https://x.example"}
)


@pytest.mark.parametrize(
    ("message", "language", "lines"),
    [
        (BUTTONS, "es_MX", ["Café Aurora", "¿Cuándo le viene bien?", "1) Mañana",
                            "2) Por la tarde", "3) Sábado", "Gracias", "Responda con el número."]),
        (LIST, "en", ["Elija", "Café:", "1) Flat white – con leche", "2) Largo", "Té:", "3) Verde",
                      "Answer with the number."]),
        (PRODUCTS, "en", ["Botas", "Estas:", "1) A-1", "2) A-2", "Answer with the number."]),
        (LINK, "en", ["Mire", "Tienda: https://x.example"]),
    ],
)  # fmt: skip
def test_as_text(message: dict[str, Any], language: str, lines: list[str]) -> None:
    assert questions.as_text(message, language).splitlines() == lines


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("2", "Por la tarde"), (" 2) ", "Por la tarde"), ("#3", "Sábado"), ("SABADO", "Sábado"),
        ("mañana", "Mañana"), ("manana", "Mañana"), ("por la", "Por la tarde"), ("s", "Sábado"),
        ("4", None), ("0", None), ("2 y 3", None), ("no", None), ("", None), ("  ", None),
        ("mañana no puedo", None),
    ],
)  # fmt: skip
def test_what_an_answer_means(answer: str, title: str | None) -> None:
    choice = questions.chosen(BUTTONS, answer)
    assert (choice.title if choice else None) == title


def test_a_title_goes_before_a_number_and_two_that_fit_are_none() -> None:
    counts = interactive.choice_list(
        {"body": "?", "button": "x", "rows": "2\n1\n10 o más\n10 exactas"}
    )
    for answer, title in (("1", "1"), ("2", "2"), ("10", None), ("10 o", "10 o más")):
        choice = questions.chosen(counts, answer)
        assert (choice.title if choice else None) == title, answer


@given(
    titles=st.lists(st.text("abcáéñ -·", min_size=1, max_size=24), min_size=1, max_size=10),
    answer=st.text(max_size=40),
)
def test_every_number_means_its_line_and_any_answer_one_choice_or_none(
    titles: list[str], answer: str
) -> None:
    rows = [{"id": str(number), "title": title} for number, title in enumerate(titles)]
    message = {"type": "list", "action": {"sections": [{"rows": rows}]}}
    listed = questions.choices(message)
    assert [questions.chosen(message, str(n)) for n in range(1, len(listed) + 1)] == listed
    choice = questions.chosen(message, answer)
    assert choice is None or choice in listed


@pytest.mark.parametrize("odd", [{}, {"type": "button", "action": 3}, {"action": {"buttons": [1]}}])
def test_odd_messages_say_nothing(odd: dict[str, Any]) -> None:
    assert questions.as_text(odd, None) == "" and questions.chosen(odd, "1") is None
