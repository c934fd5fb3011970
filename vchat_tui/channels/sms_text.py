"""How an SMS is cut into segments, each of which is paid for.

Facts from 3GPP TS 23.038 (the GSM 7-bit alphabet) and Twilio's "SMS character limit": a text in
that alphabet fits 160 characters in one segment or 153 in each of several; one character outside
it makes the whole text UCS-2, with 70 or 67 UTF-16 units. Twilio takes at most 1,600 characters.
"""

from __future__ import annotations

import msgspec

MAX_TEXT = 1600
"""Characters that Twilio takes in one message."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes the place of two

_GSM_SIZES = (160, 153)
_UCS2_SIZES = (70, 67)


class Segments(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it goes over the air. `odd`: the first character that is not in the GSM alphabet."""

    parts: tuple[str, ...]
    unicode: bool
    odd: str | None = None

    @property
    def count(self) -> int:
        """How many segments are paid for."""
        return len(self.parts)


def split(text: str) -> Segments:
    """The segments of a text; none where it is empty.

    A character never lies in two segments: the escape of an extended GSM character stays with it,
    as do the two halves of an emoji in UTF-16.
    """
    odd = next((char for char in text if char not in _BASIC and char not in _EXTENDED), None)
    single, several = _GSM_SIZES if odd is None else _UCS2_SIZES
    sizes = [_size(char, unicode=odd is not None) for char in text]
    if not text:
        return Segments(parts=(), unicode=False)
    parts = [text] if sum(sizes) <= single else _cut(text, sizes, several)
    return Segments(parts=tuple(parts), unicode=odd is not None, odd=odd)


def _size(char: str, *, unicode: bool) -> int:
    if unicode:
        return 2 if ord(char) > 0xFFFF else 1
    return 2 if char in _EXTENDED else 1


def _cut(text: str, sizes: list[int], room: int) -> list[str]:
    parts, start, used = [], 0, 0
    for place, size in enumerate(sizes):
        if used + size > room:
            parts.append(text[start:place])
            start, used = place, 0
        used += size
    return [*parts, text[start:]]
