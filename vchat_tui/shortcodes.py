"""`{catalog ...}`: products of a catalogue, typed in the middle of an answer.

    {catalog id="123" product_id="A-1" body="" footer=""}
    {catalog id="123" header="New" body="..." section_1="Boots" product_id_1_1="A-1"
     product_id_1_2="A-2" section_2="Care" product_id_2_1="B-1"}

Square brackets serve as well; attributes come in any order; values stand in straight or curly
quotes or « ». In a value `\\` before a quote or another `\\` takes it as it is. The text around a
code stays ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vchat_tui.interactive import single_product
from vchat_tui.settings import _

NAME = "catalog"

_START = re.compile(r"[{\[]\s*catalog(?=[\s}\]])", re.IGNORECASE)
_CLOSING = {"{": "}", "[": "]"}
_ATTRIBUTE = re.compile(r"\s*([^\W\d][\w-]*)\s*=\s*", re.UNICODE)
_WORD = re.compile(r"\s*([^\s}\]]{1,30})")
# What ends a value, by what begins it: typographic quotes are mixed up when they are pasted.
_QUOTES = {'"': '"', "“": "“”„‟", "”": "“”„‟", "„": "“”„‟", "‟": "“”„‟", "«": "»", "»": "«»"}
_ALIASES = {
    "head": "header", "encabezado": "header", "cuerpo": "body", "pie": "footer",
    "producto_id": "product_id", "id_producto": "product_id",
}  # fmt: skip
_SECTION = re.compile(r"(?:section|sección|seccion)_([0-9]{1,3})")
_PRODUCT = re.compile(r"(?:product_id|producto_id|id_producto)_([0-9]{1,3})_([0-9]{1,3})")
_PLAIN = frozenset({"id", "product_id", "header", "body", "footer"})


class Mistake(NamedTuple):
    """What is wrong with a code, and where in the text (from 0). `message` is a message id."""

    position: int
    message: str
    values: Mapping[str, str]


class Catalog(NamedTuple):
    """A code as it was understood: Meta's interactive object, and where it stood."""

    position: int
    interactive: dict[str, Any]


class Parsed(NamedTuple):
    """A text in parts: ordinary text and codes, in order. With mistakes it must not be sent.

    `ignored`: attributes that mean nothing here.
    """

    parts: tuple[str | Catalog, ...]
    mistakes: tuple[Mistake, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def has_codes(self) -> bool:
        """Whether it is more than ordinary text."""
        return bool(self.mistakes) or any(isinstance(part, Catalog) for part in self.parts)


class _Wrong(Exception):
    """Reading cannot go on."""

    def __init__(self, position: int, message: str, **values: str) -> None:
        super().__init__(message)
        self.mistake = Mistake(position, message, values)


def parse(text: str) -> Parsed:
    """A text in its parts. Never raises."""
    parts: list[str | Catalog] = []
    mistakes: list[Mistake] = []
    ignored: list[str] = []
    done = 0
    while (found := _START.search(text, done)) is not None:
        _add_text(parts, text[done : found.start()])
        try:
            attributes, done = _attributes(text, found)
            ignored += [name for name in attributes if _meaning(name) is None]
            parts.append(Catalog(found.start(), _build(found.start(), attributes)))
        except _Wrong as wrong:
            mistakes.append(wrong.mistake)
            done = max(done, found.end())
    _add_text(parts, text[done:])
    return Parsed(tuple(parts), tuple(mistakes), tuple(ignored))


def _add_text(parts: list[str | Catalog], text: str) -> None:
    if text.strip():
        parts.append(text.strip())


def _attributes(text: str, start: re.Match[str]) -> tuple[dict[str, tuple[int, str]], int]:
    """What stands in a code, with its places; and where the text goes on behind it."""
    closing = _CLOSING[text[start.start()]]
    at = start.end()
    found: dict[str, tuple[int, str]] = {}
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith(closing, at):
            return found, at + 1
        named = _ATTRIBUTE.match(text, at)
        if named is None:
            word = _WORD.match(text, at)
            if word is None or at >= len(text):
                raise _Wrong(
                    start.start(), _("The code is not closed: “{sign}” is missing."), sign=closing
                )
            raise _Wrong(
                at, _("“{word}” is not an attribute: write name=\"value\"."), word=word[1]
            )  # fmt: skip
        name = _canonical(named[1])
        value, at = _value(text, named.end(), name)
        if name in found:
            raise _Wrong(named.start(1), _("“{name}” is there twice."), name=name)
        found[name] = named.start(1), value


def _canonical(name: str) -> str:
    name = name.lower()
    if section := _SECTION.fullmatch(name):
        return f"section_{int(section[1])}"
    if product := _PRODUCT.fullmatch(name):
        return f"product_id_{int(product[1])}_{int(product[2])}"
    return _ALIASES.get(name, name)


def _meaning(name: str) -> str | None:
    known = name in _PLAIN or _SECTION.fullmatch(name) or _PRODUCT.fullmatch(name)
    return name if known else None


def _value(text: str, at: int, name: str) -> tuple[str, int]:
    """A value in quotes; and where the text goes on behind it."""
    ends = _QUOTES.get(text[at : at + 1])
    if ends is None:
        raise _Wrong(at, _("The value of “{name}” must stand in quotes."), name=name)
    value: list[str] = []
    place = at + 1
    while place < len(text):
        character = text[place]
        if character == "\\" and text[place + 1 : place + 2] in ("\\", *_QUOTES):
            value.append(text[place + 1])
            place += 2
            continue
        if character in ends:
            return "".join(value), place + 1
        value.append(character)
        place += 1
    raise _Wrong(at, _("The quotes of “{name}” are not closed."), name=name)


def _build(start: int, attributes: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Meta's object, single product or list."""
    values = {name: value.strip() for name, (_place, value) in attributes.items()}
    if not values.get("id"):
        raise _Wrong(start, _("“{name}” is missing."), name="id")
    sections = _sections(attributes)
    if not sections:
        if not values.get("product_id"):
            raise _Wrong(start, _("“{name}” is missing."), name="product_id")
        if values.get("header"):
            place = attributes["header"][0]
            raise _Wrong(place, _("A single product has no header."))
        return single_product({**values, "catalog_id": values["id"]})
    if values.get("product_id"):
        place = attributes["product_id"][0]
        raise _Wrong(place, _("Give one product (product_id) or sections, not both."))
    for name in ("header", "body"):
        if not values.get(name):
            raise _Wrong(start, _("“{name}” is missing."), name=name)
    made: dict[str, Any] = {
        "type": "product_list",
        "header": {"type": "text", "text": values["header"]},
        "body": {"text": values["body"]},
    }
    if values.get("footer"):
        made["footer"] = {"text": values["footer"]}
    return made | {"action": {"catalog_id": values["id"], "sections": sections}}


def _sections(attributes: Mapping[str, tuple[int, str]]) -> list[dict[str, Any]]:
    """The sections in the order of their numbers, each with its products in the order of theirs."""
    titles: dict[int, str] = {}
    products: dict[int, list[tuple[int, str]]] = {}
    for name, (place, value) in attributes.items():
        if section := _SECTION.fullmatch(name):
            titles[int(section[1])] = value.strip()
        elif product := _PRODUCT.fullmatch(name):
            if not value.strip():
                raise _Wrong(place, _("“{name}” is empty."), name=name)
            products.setdefault(int(product[1]), []).append((int(product[2]), value.strip()))
    for number, found in products.items():
        if not titles.get(number):
            place = attributes[f"product_id_{number}_{found[0][0]}"][0]
            raise _Wrong(place, _("“{name}” is missing."), name=f"section_{number}")
    for number in titles:
        if number not in products:
            place = attributes[f"section_{number}"][0]
            raise _Wrong(place, _("“{name}” is missing."), name=f"product_id_{number}_1")
    return [
        {
            "title": titles[number],
            "product_items": [
                {"product_retailer_id": product} for _place, product in sorted(products[number])
            ],
        }
        for number in sorted(titles)
    ]


def code(attributes: Mapping[str, str]) -> str:
    """The code with these attributes, as somebody would type it."""
    parts = [
        '{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"'))
        for name, value in attributes.items()
    ]
    return "{" + " ".join((NAME, *parts)) + "}"
