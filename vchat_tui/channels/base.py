"""What every channel can be asked, and how it answers.

Nothing above `channels/` asks which provider it talks to: `Capabilities` say what can be done.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

import msgspec

from vchat_tui.models import Content, MessageError


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel can do; limits count Unicode characters."""

    max_text: int
    quotes: bool = False  # a reply can point to a message
    window_hours: int | None = None  # free text only so long after the customer's last message
    read_receipts: bool = False
    starts_conversations: bool = (
        True  # we may write first (with a template, where there is a window)
    )
    sends_per_second: float = 80
    per_person_interval: float = 0  # seconds between messages to one person, on average
    per_person_burst: int = 1  # ... of which this many may go at once


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way out. A file in it is known to the provider already (`Media.id`)."""

    content: Content
    callback_data: str  # ours; comes back in statuses
    address: str | None = None
    business_scoped_id: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a content cannot be sent through a channel: found before anything leaves.

    `message` is a message id with `{name}` places for `values`; `field` names the part of the
    content, as a path of keys: `text`, `interactive.action.buttons.0.title`.
    """

    field: str
    message: str
    values: dict[str, str] = {}


class ErrorClass(StrEnum):
    """What kind of error it is: decides what the sender does next."""

    AUTH = "auth"
    PERMISSION = "permission"
    CONFIG = "config"
    REQUEST = "request"
    TRANSIENT = "transient"
    RATE = "rate"
    PAIR = "pair"
    WINDOW = "window"
    RECIPIENT = "recipient"
    OPTOUT = "optout"
    POLICY = "policy"
    RESTRICTED = "restricted"
    BILLING = "billing"
    MEDIA = "media"
    TEMPLATE = "template"
    OTHER = "other"


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider has it and gave it an id; the other two are what it made of the recipient."""

    provider_id: str
    address: str | None = None
    business_scoped_id: str | None = None


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """The provider said no: it certainly was not sent.

    `retry_after`: seconds to wait before another try is worth it; None: trying again is no use.
    `pauses_inbox`: no message of this inbox can go until an admin acts.
    """

    error: MessageError
    error_class: ErrorClass
    retry_after: float | None = None
    pauses_inbox: bool = False


class NotSent(msgspec.Struct, frozen=True, kw_only=True):
    """It never left: no connection. Safe to try again."""

    reason: str


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """The request left and no clear answer came: it may or may not have been sent."""

    reason: str


Outcome = Accepted | Rejected | NotSent | Unclear


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of our number or page, in its own words, or why it says nothing."""

    facts: dict[str, str] = {}
    error: MessageError | None = None


class TemplateDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A template as the provider defines it. `named`: its variables have names, not numbers."""

    provider_id: str
    name: str
    language: str
    category: str
    status: str
    quality: str | None = None
    reason: str | None = None
    named: bool = False
    components: tuple[dict[str, Any], ...] = ()


class Channel(Protocol):
    """One inbox's line to its provider."""

    capabilities: Capabilities

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """Send once. Never raises for what the network or the provider does."""
        ...

    async def check(self) -> CheckResult:
        """Ask the provider about our number, without sending. Never raises, like `send`."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
