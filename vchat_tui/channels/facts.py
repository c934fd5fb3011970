"""What a channel reads in a webhook.

A webhook body becomes a list of facts, each on its own: `desk.inbound` applies them one by one.
Their JSON (`webhooks list --facts`) has the keys of a message, plus `kind` and `account`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from vchat_tui.models import Content, Direction, MessageError, Status


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer as a webhook names them. Each part may be missing, never all of `address` and
    `business_scoped_id`."""

    address: str | None = None  # wa_id digits, E.164, PSID ... as the provider writes it
    business_scoped_id: str | None = None
    parent_business_scoped_id: str | None = None
    username: str | None = None
    profile_name: str | None = None
    country: str | None = None


class MessageFact(Content, frozen=True, kw_only=True, tag="message", tag_field="kind"):
    """A customer wrote."""

    channel: str
    account: str
    provider_id: str
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    from_user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    profile_name: str | None = None
    sent_at: datetime | None = None
    error: MessageError | None = None
    inbox: str | None = None
    direction: Direction
    service: str | None = None  # the group of numbers through which it came, where there is one
    opt_out: bool | None = (
        None  # the provider took the message for a wish to hear no more, or again
    )
    moved_to: Party | None = None  # a `system` message: the customer's new number or id


class EchoFact(Content, frozen=True, kw_only=True, tag="echo", tag_field="kind"):
    """We wrote, but not through here: from the phone app, or another tool."""

    channel: str
    account: str
    provider_id: str
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    to_user_id: str | None = None
    sent_at: datetime | None = None
    error: MessageError | None = None
    inbox: str | None = None
    direction: Direction


class StatusFact(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="status", tag_field="kind"
):
    """What became of a message of ours. `status` is None where we do not know the provider's word
    for it (then `provider_status` has it)."""

    channel: str
    account: str
    provider_id: str
    status: Status | None = None
    provider_status: str | None = None  # only for words that we do not know
    to: str | None = None
    to_user_id: str | None = None
    sent_at: datetime | None = None  # when the provider says that it happened
    error: MessageError | None = None
    callback_data: str | None = None  # what we sent along with the message
    service: str | None = None  # the group of numbers through which it went, where there is one
    inbox: str | None = None


class EventFact(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="event", tag_field="kind"
):
    """Something about the account or its templates; kept as it came."""

    channel: str
    account: str
    field: str
    event: str | None = None
    sent_at: datetime | None = None
    inbox: str | None = None
    raw: dict[str, Any] | None = None


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """A customer wants no more marketing messages, or wants them again."""

    party: Party
    stops: bool
    at: datetime | None


class ErrorFact(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="error", tag_field="kind"
):
    """The provider reports a problem of the account, tied to no message."""

    channel: str
    account: str
    error: MessageError
    inbox: str | None = None
    raw: dict[str, Any] | None = None


Fact = MessageFact | EchoFact | StatusFact | EventFact | ErrorFact


class Parsed(msgspec.Struct, frozen=True):
    """A body, read. `problems`: one sentence per part that could not be read; the rest stands."""

    facts: tuple[Fact, ...] = ()
    problems: tuple[str, ...] = ()
