"""What the commands print: rows for people, JSON Lines for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from vchat_tui.text import clean


class CommandError(Exception):
    """The command failed; the text says why."""


def print_json(values: Iterable[Any]) -> None:
    """One JSON object a line."""
    for value in values:
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.flush()


def print_row(*columns: object) -> None:
    """One line; nothing in it reaches the terminal raw."""
    print("  ".join(clean(str(column), one_line=True) for column in columns))


def moment(at: datetime | None) -> str:
    """A time in the zone of this machine."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "-"
