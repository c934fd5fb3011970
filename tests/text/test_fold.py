"""Bubbles are folded, file names and links are tamed, queries cannot break the search."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator

import pytest
from honest import HONEST
from hostile import ALL, Entry
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from test_clean import ANY_TEXT, FORBIDDEN

from vchat_tui.fold import LONGEST_QUERY, MOST_TERMS, fold_key, fts_query, search_terms
from vchat_tui.screens.raw import pretty
from vchat_tui.text import CUT, clean, fold

# ---- folding ------------------------------------------------------------------------------------


@given(ANY_TEXT, st.integers(1, 10), st.integers(2, 40))
def test_a_fold_is_short_safe_and_counts_what_it_hides(text: str, lines: int, cells: int) -> None:
    safe = clean(text)
    head, hidden = fold(safe, lines, cells)
    assert clean(head) == head
    assert head.count("\n") < lines
    assert cell_len(head) <= cells + len(CUT)
    if hidden:
        assert safe.startswith(head.removesuffix(CUT))
        assert hidden >= safe.count("\n") - head.count("\n")
    else:
        assert head == safe


def test_folding_by_lines() -> None:
    text = clean("\n".join(str(n) for n in range(10_000)))
    head, hidden = fold(text)
    assert head.split("\n")[-1] == "39"
    assert hidden == 10_000 - 40


def test_folding_by_cells() -> None:
    head, hidden = fold(clean("漢" * 5_000))
    assert head == "漢" * 2_000 + CUT
    assert hidden == 1
    assert fold(clean("short")) == ("short", 0)


def test_folding_never_cuts_an_emoji_in_two() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    head, _ = fold(clean(family * 10), cells=13)
    assert not head.removesuffix(CUT).endswith("\u200d")


# ---- raw views ----------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.name)
def test_json_for_people_is_safe(entry: Entry) -> None:
    safe = pretty({"body": entry.text, entry.text: [entry.text]})
    assert not FORBIDDEN.search(safe)


def test_json_for_people_reads_well() -> None:
    value = {"name": "José", "list": [1, None, True], "key\x1b": "a\nb"}
    assert json.loads(pretty(value)) == value


# ---- search -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """A real full-text table, set up as the store's."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE texts USING fts5"
        "(body, tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    bodies = [*HONEST.values(), "José Pérez pidió 3 cafés", "order A-12/b_7", "AND OR NOT NEAR"]
    connection.executemany("INSERT INTO texts VALUES (?)", [(body,) for body in bodies])
    yield connection
    connection.close()


def hits(index: sqlite3.Connection, query: str) -> list[str]:
    """The bodies that a query finds."""
    match = fts_query(query)
    if match is None:
        return []
    rows = index.execute("SELECT body FROM texts WHERE texts MATCH ?", (match,))
    return [body for (body,) in rows]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.name)
def test_no_query_is_an_error(index: sqlite3.Connection, entry: Entry) -> None:
    hits(index, entry.text)


QUERIES = st.one_of(
    ANY_TEXT,
    st.lists(
        st.sampled_from(
            [
                '"',
                "'",
                "*",
                "^",
                "-",
                "+",
                "(",
                ")",
                "{",
                "}",
                ":",
                "NEAR",
                "AND",
                "OR",
                "NOT",
                "body",
                "a",
                " ",
                "_",
                "\0",
                "\ud800",
                "é",
                ",",
                "1",
                "٣",
                "²",
                "½",
                "\u0301",
                "\u0e31",
            ]
        ),
        max_size=30,
    ).map("".join),
)


@given(QUERIES)
def test_no_typing_is_an_error(index: sqlite3.Connection, query: str) -> None:
    hits(index, query)
    assert len(search_terms(query)) <= MOST_TERMS
    assert sum(map(len, search_terms(query))) <= LONGEST_QUERY


@pytest.mark.parametrize("name", HONEST)
def test_every_honest_text_is_found_by_its_first_word(index: sqlite3.Connection, name: str) -> None:
    terms = search_terms(HONEST[name])
    if terms and re.match(r"[^\W_]", terms[0]):
        assert HONEST[name] in hits(index, terms[0])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("perez", True),
        ("PÉREZ jose", True),
        ("pid", True),
        ("perez pid", True),
        ("caf", True),
        ("per jose", False),
        ('"perez"', True),
        ("perez*", True),
        ("perez OR nobody", False),
        ("-perez", True),
        ("nobody", False),
    ],
)
def test_what_a_query_finds(index: sqlite3.Connection, query: str, found: bool) -> None:
    assert ("José Pérez pidió 3 cafés" in hits(index, query)) is found


def test_words_of_the_query_language_are_words(index: sqlite3.Connection) -> None:
    assert hits(index, "AND NOT NEAR") == ["AND OR NOT NEAR"]
    assert hits(index, "a-12/b_7") == ["order A-12/b_7"]


@pytest.mark.parametrize(
    "query", ["", "   ", '"', "*", "\0", "\ud800", "___", "\u0301", "😀", "-- ;"]
)
def test_nothing_to_search_for(query: str) -> None:
    assert search_terms(query) == []
    assert fts_query(query) is None


# ---- keys ---------------------------------------------------------------------------------------


@given(ANY_TEXT)
def test_a_key_is_its_own_key(text: str) -> None:
    key = fold_key(text)
    assert fold_key(key) == key
    key.encode()  # it can be stored
    assert "\0" not in key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José  PÉREZ", "jose perez"),
        (" Nguyễn Đức ", "nguyen đuc"),
        ("Straße", "STRASSE"),
        ("ＡＢＣ１２", "abc12"),
        ("Σίσυφος", "σισυφοσ"),
        ("man\u0303ana", "mañana"),
        ("İstanbul", "istanbul"),
        ("ﬁn", "fin"),
    ],
)
def test_texts_with_the_same_key(one: str, other: str) -> None:
    assert fold_key(one) == fold_key(other)
    assert fold_key("ana") != fold_key("anna")
