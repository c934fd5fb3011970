"""The only door for foreign text: what customers and providers send becomes safe to draw.

Textual and Rich pass escape sequences in text on to the terminal. `clean` replaces (never
deletes: pieces could join) every character that a terminal acts on. The store keeps text
exactly as it came; it is cleaned on every way out: screen, toast, title, clipboard, log, export.
"""

from __future__ import annotations

import re
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that holds nothing a terminal acts on. Only this module makes it."""

_DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str, *, one_line: bool = False) -> SafeText:
    """Text that may be drawn.

    Args:
        text: anything.
        one_line: line breaks become a visible sign.
    """
    safe = _DANGEROUS.sub(lambda found: _stand_in(found[0]), text)
    return SafeText(safe.replace("\n", "⏎") if one_line else safe)


def _stand_in(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return "    "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"
