"""The console itself, where every name, text, file name and error means harm, on a real terminal."""

from __future__ import annotations

from collections import Counter

import pytest
from tap import Tap, beyond_drawing

pytestmark = pytest.mark.pty

F1, F2, F3, F4, F5 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~"
ENTER, ESCAPE, DOWN, END, PAGE_UP = "\r", "\x1b", "\x1b[B", "\x1b[F", "\x1b[5~"
DETAILS, GO_TO, SEARCH, PALETTE, QUIT = "\x0f", "\x07", "\x06", "\x10", "\x11"
ALT = "\x1b"
PASTE = "\x1b[200~pasted \x9b31m \x07\u202e {} text\x1b[201~"

# Keys, and a text that the screen they lead to draws.
WALK = [
    (ENTER, "Llamar"),
    (PASTE, "text"),
    (ENTER, "queued"),
    (ESCAPE, "Reply to it"),
    ("r", "wamid"),
    (ESCAPE, "Reply to it"),
    (PAGE_UP, "more lines"),
    (PAGE_UP, "Muchas gracias"),
    (PAGE_UP, "BOTA-38"),
    (PAGE_UP, "factura"),
    (DETAILS, "Customer since"),
    (GO_TO, "Name, number or e-mail"),
    (ESCAPE, "Reply to it"),
    (SEARCH, "Search"),
    ("ensaje", "played"),
    (DOWN, "played"),
    (ESCAPE, "Reply to it"),
    (F2, "Users"),
    (DOWN, "seen"),
    (ALT + "c", "Last seen"),
    ("e", "Edit details"),
    (ESCAPE, "Last seen"),
    (ESCAPE, "seen"),
    (ESCAPE, "Reply to it"),
    (F3, "Failed and unknown"),
    ("t", "refused"),
    (ESCAPE, "Reply to it"),
    (F4, "Journal"),
    (END + ENTER, "whatsapp_business_account"),
    (ESCAPE, "Journal"),
    (ESCAPE, "Reply to it"),
    (F5, "Ventas"),
    (ENTER, "Callback URL"),
    (ESCAPE, "Ventas"),
    (ESCAPE, "Reply to it"),
    # The last one: it lists what the screen below says, so nothing would tell that it is closed.
    (PALETTE, "Put the cursor where you write"),
]


def console(mode: str, walk: list[tuple[str, str]], size: tuple[int, int]) -> Counter[str]:
    """Walk through the console; what it sends beside drawing."""
    with Tap("console_app.py", mode, size=size) as tap:
        tap.wait_for("Ana")
        for keys, then in walk:
            tap.press(keys, then)
        tap.press(QUIT, "\x1b[?1049l")
        assert tap.finish() == 0, tap.tail()
    found = beyond_drawing(tap.output)
    # the shapes of the mouse pointer and the cursor follow what is under them
    return Counter(
        {what: n for what, n in found.items() if "]22;" not in what and "?25" not in what}
    )


@pytest.fixture(scope="module")
def quiet() -> Counter[str]:
    """What the console sends beside drawing when nobody means harm."""
    return console("plain", [], (120, 40))


def test_nothing_harmful_reaches_the_terminal_from_any_screen(quiet: Counter[str]) -> None:
    assert console("hostile", WALK, (120, 40)) == quiet


def test_nor_does_it_on_a_small_terminal(quiet: Counter[str]) -> None:
    walk = [
        (ENTER, "Llamar"),
        (ESCAPE, "Reply to it"),
        (F3, "Failed and unknown"),
        (F1, "Esc closes"),
    ]
    assert console("hostile", walk, (80, 24)) == quiet


def test_without_the_guard_it_is_noticed(quiet: Counter[str]) -> None:
    """The test of the test."""
    assert console("raw", [], (120, 40)) != quiet
