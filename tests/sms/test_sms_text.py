"""Segments: the published limits, and what holds for every text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vchat_tui.channels.sms_text import split


@pytest.mark.parametrize(
    ("text", "count", "unicode"),
    [
        ("", 0, False),
        ("a" * 160, 1, False),
        ("a" * 161, 2, False),
        ("a" * 306, 2, False),
        ("a" * 307, 3, False),
        ("€" * 80, 1, False),
        ("€" * 81, 2, False),
        ("ñ¿Ñ¡" * 40, 1, False),
        ("á" + "a" * 69, 1, True),
        ("á" + "a" * 70, 2, True),
        ("á" * 134, 2, True),
        ("á" * 135, 3, True),
        ("😀" * 35, 1, True),
        ("😀" * 36, 2, True),
        ("ç", 1, True),
        ("Ç", 1, False),
        ("“", 1, True),
        ("a" * 1600, 11, False),
    ],
)
def test_counts(text: str, count: int, unicode: bool) -> None:
    segments = split(text)
    assert (segments.count, segments.unicode) == (count, unicode)


def test_the_character_that_costs_is_named() -> None:
    assert split("hola ¿qué tal?").odd is None
    assert split("mañana “sí” 😀").odd == "“"


@given(st.text(max_size=800))
def test_nothing_is_lost_and_every_part_fits(text: str) -> None:
    segments = split(text)
    assert "".join(segments.parts) == text
    if segments.unicode:
        sizes = [len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in segments.parts]
        assert all(size <= (70 if len(sizes) == 1 else 67) for size in sizes)


@given(st.text(alphabet="ab€^\n", min_size=1, max_size=800))
def test_an_extended_character_is_never_cut(text: str) -> None:
    parts = split(text).parts
    sizes = [len(part) + sum(part.count(char) for char in "€^") for part in parts]
    assert all(size <= (160 if len(parts) == 1 else 153) for size in sizes)
    assert all(size >= 152 for size in sizes[:-1])
