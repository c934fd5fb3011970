"""What a setting is. The tables of settings are in `settings`."""

from __future__ import annotations

from typing import Any

import msgspec


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


class SettingError(ValueError):
    """A value is not what the setting takes. `message` has `{name}` places for `values`."""

    def __init__(self, key: str, message: str, **values: str) -> None:
        super().__init__(f"{key}: {message.format(**values) if values else message}")
        self.key = key
        self.message = message
        self.values = values


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A setting. `kind`: text, lines, merge (text with merge fields), letter (the same in
    several lines), secret, url, hook, digits, version, bool, number, choice, pattern, phone."""

    key: str
    label: str
    help: str
    kind: str = "text"
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    generate: bool = False  # the screen offers to invent one
    minimum: float = 0  # of a number; of a secret's length
    maximum: float = 1_000_000
    pattern: str = ""  # of kind pattern: a regular expression for the whole value ...
    example: str = ""  # ... and a value that fits
