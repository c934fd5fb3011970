"""What every channel can be asked, and how it answers.

Nothing above `channels/` asks which provider it talks to: `Capabilities` say what can be done.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec

from vchat_tui.channels.account import AccountReport
from vchat_tui.models import Content, Media, MessageError


class MediaRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which files a kind of message takes. `mime_types`: empty where all are taken."""

    max_bytes: int
    mime_types: tuple[str, ...] = ()
    caption: bool = False


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel can do; limits count Unicode characters."""

    max_text: int
    kinds: frozenset[str] = frozenset({"text"})  # of `Content.type` that can be sent
    media: dict[str, MediaRule] = {}  # by kind of message
    own_webhook: bool = False  # each inbox has an address of its own, which we register
    fetch_errors_per_hour: int | None = None  # of customers' files; more, and none can be had
    segments: bool = False  # texts are cut into segments, each of which is paid for
    opt_out_stops_all: bool = False  # who opted out gets nothing, not only no marketing
    files_by_link: bool = False  # the provider fetches files from our public URL
    missed_webhooks: bool = False  # a webhook that failed does not come again: `Channel.missed`
    templates: bool = False
    reactions: bool = False
    typing: bool = False  # the customer can be shown that somebody writes
    quotes: bool = False  # a reply can point to a message
    # Interactive messages (by their type) that go as text with numbered choices; empty: as they are.
    interactive_as_text: frozenset[str] = frozenset()
    window_hours: int | None = None  # free text only so long after the customer's last message
    read_receipts: bool = False
    phone_numbers: bool = False  # people are reached by their phone number, and by nothing else
    answers: bool = True  # people can write back, and opt out by a word
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
    content, as a path of keys: `text`, `interactive.action.buttons.0.reply.title`.
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
    """The provider has it and gave it an id; the next two are what it made of the recipient.

    `note`: why it may still not arrive.
    """

    provider_id: str
    address: str | None = None
    business_scoped_id: str | None = None
    note: MessageError | None = None


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


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """The provider has the file; messages name it by this id (`Media.id`)."""

    provider_id: str


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's file is on the disk.

    `sha256`: hex digest of the bytes written. `mime_type`: as the provider says, not as they show.
    """

    sha256: str
    size: int
    mime_type: str | None = None


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

    async def upload(
        self, path: Path, mime_type: str, filename: str
    ) -> Uploaded | Rejected | NotSent:
        """Give the provider a file, for messages that name it by id. Nobody sees an upload, so
        repeating one is harmless.

        Args:
            path: the file.
            mime_type: what it is, as messages will use it.
            filename: what the provider hears; it shows in no message.

        Raises:
            OSError: the file cannot be read.
        """
        ...

    async def fetch(
        self, media: Media, target: Path, max_bytes: int
    ) -> Fetched | Rejected | NotSent:
        """Bring a customer's file to the disk; `target` appears only once it is whole.

        Raises:
            OSError: the disk refused it.
        """
        ...

    async def mark_read(self, provider_id: str, typing: bool = False) -> MessageError | None:
        """Tell the customer that this message and all before it were read; why not, where it
        did not work.

        Args:
            provider_id: the customer's message.
            typing: show that somebody writes an answer, too.
        """
        ...

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        """All templates of the account; an error where not all of them could be read."""
        ...

    async def missed(self, since: datetime) -> tuple[bytes, ...] | MessageError:
        """Webhooks of customers' messages since a time, in the form in which they would have come
        (some did): for providers that bring a webhook only once. None for all others.

        Args:
            since: UTC; what is older may be among them, too.
        """
        ...

    async def inspect(self) -> AccountReport:
        """Ask the provider all that it says of token, number and account, without sending. Each
        part has facts or an error. Never raises, like `send`."""
        ...

    async def subscribe(self) -> MessageError | None:
        """Have the account's webhooks sent to our app; answers why not. Never raises."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
