"""Text as search sees it: keys that are blind to accents and case, and full-text queries.

A query is what a person types, so anything may be in it; SQLite's FTS5 takes it for a language of
its own (https://www.sqlite.org/fts5.html#full_text_query_syntax). Here each word becomes a quoted
string, in which nothing has a meaning.
"""

from __future__ import annotations

import re
import unicodedata

from vchat_tui.invisible import RIDERS

MOST_TERMS = 16
LONGEST_QUERY = 256

# A word is a letter or digit with all letters, digits and marks that follow. Not `\w+`: to Python
# a vowel sign of Hindi or Thai is not part of a word.
_TERM = re.compile(rf"[^\W_](?:[^\W_]|[{RIDERS}])*")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def search_terms(query: str) -> list[str]:
    """The words of a query: at most `MOST_TERMS`, from its first `LONGEST_QUERY` characters."""
    text = _UNSTORABLE.sub(" ", query[:LONGEST_QUERY])
    return _TERM.findall(text)[:MOST_TERMS]


def fts_query(query: str) -> str | None:
    """A query for FTS5's MATCH: messages with all of the words, the last of which may be typed in
    part. None where there is no word in it."""
    terms = [f'"{term}"' for term in search_terms(query)]
    return " ".join(terms) + "*" if terms else None


def fold_key(text: str) -> str:
    """A key that is the same for texts that differ in accents, case, width or spacing only.

    `fold_key("José  PÉREZ") == fold_key("jose perez")`. It may be stored and compared; it is not
    for showing.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = unicodedata.normalize("NFKD", text).casefold()  # of ligatures, in a second step
        text = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(_UNSTORABLE.sub(" ", text).casefold().split())
