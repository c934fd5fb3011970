"""Foreign text becomes safe to draw, and honest text stays as it is."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from honest import HONEST
from hostile import HOSTILE, Entry
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vchat_tui import invisible
from vchat_tui.text import CUT, LIMIT, clean

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff"
    "\ufffe\uffff\U0001fffe\U0001ffff\U0010fffe\U0010ffff\U0010eeee]"
)
MARK_FLOOD = re.compile(f"[{invisible.RIDERS}]{{17}}")

# Letters, escape grammar, and everything invisible, so that they meet often.
PIECES = st.sampled_from(
    [
        *"ab1#* \n\r\t[];m\\",
        *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
        *"\u0301\u0315\u0489\u20e3\u0e33\u0e31\u0e01\u05d0\u05b0\u0627\u064b\u0915\u094d\u0930",
        *"\u200b\u200c\u200d\u200e\u200f\u061c\u202e\u2066\u2069\u2060\u00ad\u034f\u3164\ufeff",
        *"\ufe00\ufe0e\ufe0f\u180b\u1100\u1161\u11a8\u4e2d\u2764\u2640\u00a9\u23ce\u00b7\u2026",
        *"\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e007f\U000e0001\U000e0100\U0001f1f2",
        *"\U0001f468\U0001f3fb\U0001f3ff\U0001f525\U0001d165\U0001e900\U0001e944\U00011046",
        *"\ud83d\ude00\udc9b\ufdd0\uffff\U0001ffff\U0010eeee\ufffd\u2028\u0085",
        "\r\n",
        "\x1b[31m",
        "\x1b]0;x\x07",
        "\U0001f468\u200d",
        "\u0915\u094d\u200d",
    ]
)
TANGLED = st.lists(PIECES, max_size=60).map("".join)
ANY_TEXT = st.one_of(TANGLED, st.text(st.characters()), st.text(st.characters(max_codepoint=0x2FF)))


RIDER_OR_REPLACED = re.compile(f"[{invisible.RIDERS}{invisible.NEVER}]")


def drawn(text: str) -> list[str]:
    """The characters that draw something of their own: none of them may get lost."""
    letters = [char for char in text if unicodedata.category(char)[0] in "LNPS"]
    return [char for char in letters if cell_len(char) and not RIDER_OR_REPLACED.match(char)]


@pytest.mark.parametrize("entry", HOSTILE, ids=lambda entry: entry.name)
def test_nothing_harmful_is_left(entry: Entry) -> None:
    for one_line in (False, True):
        safe = clean(entry.text, one_line=one_line)
        assert not FORBIDDEN.search(safe)
        assert not MARK_FLOOD.search(safe)
        assert clean(safe, one_line=one_line) == safe
    assert "\n" not in clean(entry.text, one_line=True)


@pytest.mark.parametrize("name", HONEST)
def test_honest_text_survives(name: str) -> None:
    assert clean(HONEST[name]) == HONEST[name]


@given(ANY_TEXT)
def test_it_is_closed_and_settles_at_once(text: str) -> None:
    safe = clean(text)
    assert not FORBIDDEN.search(safe)
    assert not MARK_FLOOD.search(safe)
    assert clean(safe) == safe
    line = clean(text, one_line=True)
    assert clean(line) == clean(line, one_line=True) == line


@given(st.lists(TANGLED, max_size=4))
def test_clean_pieces_side_by_side_hold_nothing_a_terminal_acts_on(texts: list[str]) -> None:
    assert not FORBIDDEN.search("".join(clean(text) for text in texts))


@given(ANY_TEXT)
def test_what_is_drawn_is_kept_and_in_order(text: str) -> None:
    left = iter(clean(text))
    assert all(char in left for char in drawn(text))


@given(ANY_TEXT, st.integers(1, 50))
def test_a_long_text_is_cut_visibly(text: str, limit: int) -> None:
    safe = clean(text, limit=limit)
    assert len(safe) <= limit
    assert len(text) <= limit or safe.endswith(CUT)
    assert clean(safe, limit=limit) == safe


def test_a_huge_text_is_cut() -> None:
    safe = clean("\t" * 10_000_000)
    assert len(safe) <= LIMIT
    assert safe.endswith(CUT)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\x00\x07\x7fb", "a␀␇␡b"),
        ("a\x9b31m", "a\ufffd31m"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\tb", "a    b"),
        ("a\u202eb\u2066c\ud83dd\uffffe", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("p\u200ba\u00ads\u2060s", "p·a·s·s"),
        ("a" + "\u0301" * 100 + "b", "a" + "\u0301" * 8 + "·b"),
        ("\u0301", "·"),
        ("no\u200d joiner", "no· joiner"),
        ("\U0001f600\U000e0041\U000e0042!", "\U0001f600·!"),
        ("\U0001f44d\U0001f3fb\U0001f3fb", "\U0001f44d\U0001f3fb·"),
        ("photo_\u202egpj.exe", "photo_\ufffdgpj.exe"),
    ],
)
def test_what_stands_in(text: str, safe: str) -> None:
    assert clean(text) == safe


def test_line_breaks_show_in_one_line() -> None:
    assert clean("a\nb\r\nc\u2028d", one_line=True) == "a⏎b⏎c⏎d"


def test_every_character_that_draws_nothing_is_known() -> None:
    """Whatever takes no cell is a rider (and capped), or is replaced."""
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        alone = clean(char)
        assert alone == "\n" or cell_len(alone) >= 1, hex(code)
        assert clean(alone) == alone, hex(code)
        # the text that has to be looked at closely comes to the same
        assert clean(char + "\x1b") == alone + "␛", hex(code)
        if unicodedata.category(char) in ("Cc", "Cs") and char != "\n":
            assert alone != char, hex(code)
