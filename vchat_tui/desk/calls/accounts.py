"""What an inbox's provider says of it, and what has been seen to work."""

from __future__ import annotations

from datetime import datetime

from vchat_tui.channels.account import AccountReport
from vchat_tui.desk.calls.base import Call
from vchat_tui.models import InboxHealth, Model


class InboxInspection(Model, frozen=True, kw_only=True):
    """All facts by which set-up is judged (see `setup_check.examine`).

    `report`: None while a setting is missing without which the provider cannot be asked;
    `received_at`, `delivered_at`: when a message last came in, when an answer arrived.
    """

    health: InboxHealth
    missing: tuple[str, ...] = ()  # settings that sending needs
    report: AccountReport | None = None
    checked_at: datetime | None = None
    received_at: datetime | None = None
    delivered_at: datetime | None = None
    public_url: str | None = None
    listening: str | None = None
    listener_error: str | None = None
    last_bad_at: datetime | None = None  # a webhook was refused, whoever it was for
    last_bad_reason: str | None = None
    dead: int = 0


class InspectInbox(Call[InboxInspection], frozen=True, kw_only=True, tag="inspect_inbox"):
    """The facts of an inbox. The provider is asked where its last answer is older than `max_age`
    seconds; None: it is not asked."""

    inbox_id: int
    max_age: float | None = 0


class SubscribeApp(Call[InboxInspection], frozen=True, kw_only=True, tag="subscribe_app"):
    """Have the business account's webhooks sent to our app."""

    inbox_id: int
