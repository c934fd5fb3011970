"""Settings: inboxes and the server itself."""

from __future__ import annotations

from typing import Any

from vchat_tui.channels.base import CheckResult
from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Inbox


class ListInboxes(Call[tuple[Inbox, ...]], frozen=True, kw_only=True, tag="list_inboxes"):
    """All inboxes, by name."""


class GetServerSettings(Call[dict[str, Any]], frozen=True, kw_only=True, tag="get_server_settings"):
    """The settings of the server itself (see settings.SERVER_FIELDS)."""


class CheckInbox(Call[CheckResult], frozen=True, kw_only=True, tag="check_inbox"):
    """What the provider says of an inbox's number or page now: proves address and token."""

    inbox_id: int


class SaveInbox(Call[Inbox], frozen=True, kw_only=True, tag="save_inbox"):
    """Add an inbox (no id) or change one. A secret that is absent from `values` stays as it is.

    `complete`: False while it is being set up: then it needs only the id by which the provider
    names it, and sends nothing before the rest is there.
    """

    inbox_id: int | None = None
    name: str
    channel: str
    values: dict[str, Any]
    complete: bool = True


class DeleteInbox(Call[None], frozen=True, kw_only=True, tag="delete_inbox"):
    """Remove an inbox that has no conversation."""

    inbox_id: int


class ResumeInbox(Call[Inbox], frozen=True, kw_only=True, tag="resume_inbox"):
    """Send again on an inbox that was paused."""

    inbox_id: int


class SaveServerSettings(
    Call[dict[str, Any]], frozen=True, kw_only=True, tag="save_server_settings"
):
    """Change settings of the server itself; answers all of them."""

    values: dict[str, Any]
