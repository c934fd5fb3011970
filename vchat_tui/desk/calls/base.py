"""What a call to the desk is, and how it is refused.

The structs are the wire format too: `consoles` decodes them (unknown fields are refused) and
`remote` encodes them, so a call is described once. `Desk` is the interface that screens see;
the server's own desk and the remote one both have it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Generic, Protocol, TypeVar, get_args

import msgspec

from vchat_tui.events import Frame

Answer = TypeVar("Answer")


class DeskError(Exception):
    """A call was refused. The text is for the person who made it: what is wrong, what is right.

    Args:
        message: a message id of the catalogues (English), with `{name}` places.
        values: what goes in the places.
        field: the setting or input that was wrong, where one was.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: str) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values
        self.field = field


class Disconnected(Exception):
    """The server cannot be reached now; the call may be made again once it can."""


class Call(
    msgspec.Struct,
    Generic[Answer],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
):
    """Base of all calls; the parameter is the type of the answer."""


def answer_type(call: type[Call[Any]]) -> Any:
    """The type that a call answers with, from its declaration `Call[...]`."""
    return get_args(call.__orig_bases__[0])[0]  # type: ignore[attr-defined]


class Desk(Protocol):
    """What screens talk to."""

    async def call(self, call: Call[Answer]) -> Answer:
        """Do one thing.

        Raises:
            DeskError: refused; the text says why.
            Disconnected: the server is away (remote desks only).
        """
        ...

    def follow(self) -> AsyncIterator[Frame]:
        """Events from now on. The first frame has `resync` set: take the snapshot then."""
        ...

    async def watch(self, conversation_id: int | None) -> None:
        """Which conversation's messages `follow` should carry."""
        ...
