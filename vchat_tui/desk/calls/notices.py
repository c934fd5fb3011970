"""Notices to agents and customers by SMS and e-mail."""

from __future__ import annotations

from typing import Any

import msgspec

from vchat_tui.desk.calls.base import Call
from vchat_tui.notice_models import DryRun, MailCheck, Notice, NoticeSettings, NoticeState
from vchat_tui.notice_rules import Audience, Rule, Way


class GetNoticeSettings(Call[NoticeSettings], frozen=True, kw_only=True, tag="get_notice_settings"):
    """The settings of notices and of the mail server (see notice_fields and smtp_fields)."""


class SaveNoticeSettings(
    Call[NoticeSettings], frozen=True, kw_only=True, tag="save_notice_settings"
):
    """Change settings; what is absent stays as it is, and so does a secret that is left empty."""

    notices: dict[str, Any] = msgspec.field(default_factory=dict)
    smtp: dict[str, Any] = msgspec.field(default_factory=dict)


class ListNotices(Call[tuple[Notice, ...]], frozen=True, kw_only=True, tag="list_notices"):
    """Who was told, who was not, and by which rule; the newest first.

    `state`: only those in it. `before_id`: only older ones.
    """

    state: NoticeState | None = None
    before_id: int | None = None
    limit: int = 200


class RetryNotice(Call[Notice], frozen=True, kw_only=True, tag="retry_notice"):
    """Send a notice that failed, or whose fate is not known, once more.

    `may_double`: accept that one of unknown fate may arrive twice.
    """

    notice_id: int
    may_double: bool = False


class SendNoticeTest(Call[Notice], frozen=True, kw_only=True, tag="send_notice_test"):
    """Send a sample to an address now, as the rule would, whether it is switched on or not; answers
    what became of it."""

    audience: Audience
    way: Way
    address: str
    language: str | None = None


class SendRuleTest(Call[tuple[Notice, ...]], frozen=True, kw_only=True, tag="send_rule_test"):
    """Send a sample to those whom one rule about a customer's message tells now, whether it is
    switched on or not; answers what became of it for each of them, told or not.

    `department`: which one, for the rule about it. `agent_id`: who, for the rules about one agent.
    """

    rule: Rule
    way: Way
    department: str | None = None
    agent_id: int | None = None


class CheckMailServer(Call[MailCheck], frozen=True, kw_only=True, tag="check_mail_server"):
    """Connect to the mail server and log in; sends nothing."""


class TryRules(Call[DryRun], frozen=True, kw_only=True, tag="try_rules"):
    """Who would be told if the customer of a conversation wrote now, or an agent to them. Sends
    nothing."""

    conversation_id: int
