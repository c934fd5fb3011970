"""Interactive messages on channels that know only text: the choices are numbered, and the answer is
found in what the customer writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from vchat_tui.fold import fold_key
from vchat_tui.i18n import LANGUAGES, language, speaker
from vchat_tui.interactive import objects, words
from vchat_tui.settings import _

AS_TEXT = frozenset({"button", "list", "cta_url", "product", "product_list"})
"""The interactive messages that say something as plain text."""

_NUMBER = re.compile(r"[#(]?\s*([0-9]{1,2})\s*[.):]?")


class Choice(NamedTuple):
    """What can be chosen, as the message names it to us and to the customer."""

    id: str
    title: str
    detail: str = ""


def as_text(interactive: Mapping[str, Any], customer: str | None) -> str:
    """The whole message as text, choices numbered; empty where it says nothing.

    Args:
        customer: the customer's language, such as `es_MX`; None: that of this process.
    """
    blocks = [words(interactive, part, "text") for part in ("header", "body")]
    listed = "\n".join(_lines(interactive))
    blocks += [listed, words(interactive, "footer", "text")]
    if choices(interactive):
        known = (customer or "")[:2].lower()
        say = speaker(known if known in LANGUAGES else language())
        blocks.append(say(_("Answer with the number.")))
    return "\n".join(block for block in blocks if block)


def choices(interactive: Mapping[str, Any]) -> list[Choice]:
    """What the customer can choose, in the order of its numbers."""
    return [choice for _title, choice in _numbered(interactive)]


def chosen(interactive: Mapping[str, Any], answer: str) -> Choice | None:
    """Which choice an answer means: its title, its number, or a beginning of one title only. Case
    and accents do not matter; anything else is an ordinary message."""
    listed, said = choices(interactive), fold_key(answer)
    if not said:
        return None
    same = [choice for choice in listed if fold_key(choice.title) == said]
    number = _NUMBER.fullmatch(answer.strip())
    if not same and number is not None:
        index = int(number[1]) - 1
        return listed[index] if 0 <= index < len(listed) else None
    begins = [choice for choice in listed if fold_key(choice.title).startswith(said)]
    return next((found[0] for found in (same, begins) if len(found) == 1), None)


def _lines(interactive: Mapping[str, Any]) -> Iterator[str]:
    section = ""
    for number, (title, choice) in enumerate(_numbered(interactive), 1):
        if title and title != section:
            yield f"{title}:"
        section = title
        yield f"{number}) {choice.title}" + (f" – {choice.detail}" if choice.detail else "")
    if link := words(interactive, "action", "parameters", "url"):
        label = words(interactive, "action", "parameters", "display_text")
        yield f"{label}: {link}" if label else link


def _numbered(interactive: Mapping[str, Any]) -> Iterator[tuple[str, Choice]]:
    """Every choice with the title of its section."""
    for button in objects(interactive, "action", "buttons"):
        if title := words(button, "reply", "title"):
            yield "", Choice(words(button, "reply", "id"), title)
    if product := words(interactive, "action", "product_retailer_id"):
        yield "", Choice(product, product)
    for section in objects(interactive, "action", "sections"):
        name = words(section, "title")
        for row in objects(section, "rows"):
            if title := words(row, "title"):
                yield name, Choice(words(row, "id"), title, words(row, "description"))
        for item in objects(section, "product_items"):
            if product := words(item, "product_retailer_id"):
                yield name, Choice(product, product)
