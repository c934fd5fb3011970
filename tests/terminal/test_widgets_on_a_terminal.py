"""Cleaned text sends nothing to a real terminal but letters, through every kind of widget."""

from __future__ import annotations

from collections import Counter

import pytest
from hostile import ALL
from tap import Tap, beyond_drawing

pytestmark = pytest.mark.pty


MORE = "\x1b[15~"  # F5
AT_ONCE = 8  # as in the program


def drawn(mode: str, *names: str) -> Counter[str]:
    """What the program sends beside drawing, for the entries of these names (none: all)."""
    batches = -(-(len(names) or len(ALL)) // AT_ONCE)
    with Tap("widgets_app.py", mode, *names) as tap:
        tap.wait_for("ready")
        for batch in range(1, batches + 1):
            tap.press(MORE, f"batch {batch} drawn")
        tap.press(MORE, "\x1b[?1049l")
        assert tap.finish() == 0, tap.tail()
    return beyond_drawing(tap.output)


@pytest.fixture(scope="module")
def quiet() -> Counter[str]:
    """What the program sends beside drawing when no text is harmful."""
    return drawn("clean", "honest: Spanish")


def test_the_whole_corpus_reaches_no_terminal(quiet: Counter[str]) -> None:
    assert drawn("clean") == quiet


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
    assert drawn("raw", name) != quiet
