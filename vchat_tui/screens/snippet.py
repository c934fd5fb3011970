"""A piece of a message with what was searched for marked in it."""

from __future__ import annotations

import re
import unicodedata

from textual.content import Content

from vchat_tui.fold import search_terms
from vchat_tui.text import clean

BEFORE = 30  # characters of context shown before the first match


def _fold(text: str) -> str:
    """The text without case and accents, character for character, so that places stay the same.

    The search is as blind to both (FTS5 `unicode61 remove_diacritics 2`).
    """
    return "".join(unicodedata.normalize("NFKD", character)[0].lower()[0] for character in text)


def matches(text: str, query: str) -> list[tuple[int, int]]:
    """Where words of the text begin with words of the query, as (start, end)."""
    words = sorted({_fold(word) for word in search_terms(query)}, key=len, reverse=True)
    if not words:
        return []
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(word) for word in words) + ")"
    return [found.span() for found in re.finditer(pattern, _fold(text))]


def snippet(text: str, query: str, style: str) -> Content:
    """One line of the text, beginning a little before the first match, the matches styled.

    Args:
        text: what a customer or an agent wrote.
        query: what was searched for.
        style: how a match looks.
    """
    safe = unicodedata.normalize("NFC", clean(text, one_line=True))
    spans = matches(safe, query)
    start = max(0, spans[0][0] - BEFORE) if spans else 0
    lead = "…" if start else ""
    content = Content(lead + safe[start:])
    shift = len(lead) - start
    for begin, end in spans:
        content = content.stylize(style, begin + shift, end + shift)
    return content
