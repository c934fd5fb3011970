"""Reading JSON that others wrote: what comes out cannot hurt a later step.

Two ways in. `msgspec` reads what is well formed, in microseconds, and refuses lone surrogates,
NaN and bytes that are not UTF-8. What it refuses gets a second, patient reading with the standard
library, because a webhook is not lost over one odd character.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from vchat_tui.i18n import _

MAX_DEPTH = 64
"""Deeper nesting is an attack (Meta's deepest real payload has about 12 levels)."""

# WhatsApp began in 2009. A time before that, or after this century, is a mistake (milliseconds,
# placeholders). No clock is asked: the same body must read the same in every replay.
EARLIEST = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

# The closing quote is optional, so that a string without end is passed over once, not once for
# every quote inside it.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")
_fast = msgspec.json.Decoder().decode


class Unreadable(ValueError):
    """A part of a payload is not what it must be. The text is one sentence, for people."""


def decode(body: bytes) -> Any:
    """The JSON value in a body.

    Raises:
        Unreadable: it is not JSON in UTF-8, or nested deeper than MAX_DEPTH.
    """
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Unreadable(_("It is nested deeper than {limit} levels.").format(limit=MAX_DEPTH))
    try:
        return _fast(body)
    except ValueError:  # msgspec's errors and UnicodeDecodeError are ValueErrors
        return _decode_patiently(body)


def _depth(body: bytes) -> int:
    """How deep brackets nest; stops counting beyond the limit."""
    depth = deepest = 0
    for token in _TOKENS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif first in b"]}":
            depth -= 1
    return deepest


def _decode_patiently(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(_("It is not UTF-8 text.")) from None
    try:
        value = json.loads(
            text,
            strict=False,  # raw control characters inside strings
            parse_int=lambda digits: int(digits) if len(digits) < 25 else digits,
            parse_constant=lambda _name: None,  # NaN and Infinity are not values
        )
    except ValueError:
        raise Unreadable(_("It is not JSON.")) from None
    return plain(value)


def plain(value: Any) -> Any:
    """The same JSON value, with nothing in it that a later step cannot store or encode.

    Numbers beyond 64 bits and beyond a double become text; lone surrogates become U+FFFD.
    """
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def text_at(parent: dict[str, Any], key: str) -> str | None:
    """A text, or a number as text (ids come as either). None where it is absent or empty."""
    value = parent.get(key)
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def object_at(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """An object; an empty one where there is none."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def flag_at(parent: dict[str, Any], key: str) -> bool | None:
    """True or false; None where it is absent or something else."""
    value = parent.get(key)
    return value if isinstance(value, bool) else None


def number_at(parent: dict[str, Any], key: str) -> int | float | None:
    """A number, also where it is written as text. None where it is absent or absurd."""
    value = parent.get(key)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if -1e15 < value < 1e15 else None


def moment_at(parent: dict[str, Any], key: str) -> datetime | None:
    """A time in Unix seconds, as text or number; None where it is absent or not plausible."""
    value = parent.get(key)
    if isinstance(value, str):
        seconds = int(value) if len(value) <= 12 and value.isascii() and value.isdigit() else 0
    elif isinstance(value, (int, float)):
        seconds = int(value) if EARLIEST <= value < LATEST else 0
    else:
        return None
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds < LATEST else None
