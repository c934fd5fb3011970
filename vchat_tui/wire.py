"""What goes over the link between a console and its server: JSON text frames, one struct a side.

A console sends a numbered call, or which conversation it watches. The server greets once, answers
each call by its number in whatever order they finish, and sends frames of events in between.
Both ends import this module, so a field or a limit is written down once.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Raw, UnsetType

from vchat_tui.events import Frame

PATH = "/console"
"""Where the websocket lives on the private listener."""

MAX_TO_SERVER = 64 * 1024
"""Bytes of a console's message; a longer one ends the connection."""

MAX_TO_CONSOLE = 32 * 1024 * 1024
"""Bytes of a server's message: a page of very long messages, or a raw webhook, fits well."""

MAX_IN_FLIGHT = 32
"""Calls of one console that run at once."""

# JSON numbers are exact up to 2**53 for every reader, and SQLite's ids stay far below.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]

ABSENT = Raw()
"""Stands for a field of raw JSON that was not sent."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The server's first message: who it is, the number of the newest event, and what time it has
    (milliseconds since 1970)."""

    version: str
    seq: int
    now: int = 0


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A `DeskError` on the wire. `message` is a message id: the reader's console translates it."""

    message: str
    field: str | None = None
    values: dict[str, str] = {}


class ToServer(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A call with its number, or a change of the conversation that is watched (null: none)."""

    id: Number | None = None
    call: Raw = ABSENT
    watch: Number | UnsetType | None = UNSET


class ToConsole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A greeting, a frame, or the answer to the call `id`: `ok` or `error`.

    An error without `id` is about a message whose number could not be read.
    """

    hello: Hello | None = None
    frame: Frame | None = None
    id: int | None = None
    ok: Raw = ABSENT
    error: Refusal | None = None
