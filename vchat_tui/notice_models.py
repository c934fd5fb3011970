"""Notices as consoles and scripts see them. Their JSON is a stable surface."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from vchat_tui.models import MessageError, Model, SecretState
from vchat_tui.notice_rules import Audience, Decision, Rule, Way


class NoticeState(StrEnum):
    """What became of a notice."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Notice(Model, frozen=True, kw_only=True):
    """One person, one way, one message: told, or not and by which rule.

    `together`: how many messages the same text told of. `message_id` is absent for a test;
    `customer` is whose conversation it is. `channel`: through which it went, `email` or an inbox's.
    """

    id: int
    audience: Audience
    recipient_id: int
    name: str
    way: Way
    address: str | None = None
    rule: Rule
    state: NoticeState
    tries: int = 0
    together: int = 1
    channel: str | None = None
    error: MessageError | None = None
    message_id: int | None = None
    conversation_id: int | None = None
    customer: str | None = None
    created_at: datetime
    next_at: datetime | None = None
    sent_at: datetime | None = None


class NoticeSettings(Model, frozen=True, kw_only=True):
    """The settings of notices and of the mail server, with their defaults; no secret is in them.

    `sms_inboxes`: names of the inboxes that may send the SMS.
    """

    notices: dict[str, Any] = msgspec.field(default_factory=dict)
    smtp: dict[str, Any] = msgspec.field(default_factory=dict)
    secrets: dict[str, SecretState] = msgspec.field(default_factory=dict)
    sms_inboxes: tuple[str, ...] = ()


class MailCheck(Model, frozen=True, kw_only=True):
    """Whether the mail server would take an e-mail now. `host`: None where none is set."""

    host: str | None = None
    error: MessageError | None = None


class DryRun(Model, frozen=True, kw_only=True):
    """Who would be told if the customer of a conversation wrote now, or an agent wrote to them."""

    customer: str
    agents: tuple[Decision, ...] = ()
    user: tuple[Decision, ...] = ()
