"""Cleaned text sends nothing to a real terminal but letters, through every kind of widget."""

from __future__ import annotations

from collections import Counter

import pytest
from hostile import ALL
from tap import Tap, beyond_drawing

pytestmark = pytest.mark.pty


def drawn(*arguments: str) -> tuple[bytes, Counter[str]]:
    """What the corpus's program sends, and what of it is no drawing."""
    with Tap("widgets_app.py", *arguments) as tap:
        tap.wait_for("all-drawn.")
        assert tap.finish() == 0, tap.tail()
        return tap.output, beyond_drawing(tap.output)


@pytest.fixture(scope="module")
def quiet() -> Counter[str]:
    """What the program sends beside drawing when no text is harmful."""
    return drawn("clean", "honest: Spanish")[1]


def test_the_whole_corpus_reaches_no_terminal(quiet: Counter[str]) -> None:
    output, found = drawn("clean")
    assert found == quiet
    for start in range(0, len(ALL), 8):
        assert f"batch-{start}.".encode() in output


@pytest.mark.parametrize(
    "name",
    [
        "csi: red",
        "csi 8-bit: red",
        "osc: title",
        "string: kitty picture",
        "split: end of one",
        "c0: control 15",
        "bidi: control 5",
    ],
)
def test_uncleaned_text_is_noticed(quiet: Counter[str], name: str) -> None:
    """The test of the test: without `clean` the same program does send it."""
    assert drawn("raw", name)[1] != quiet
