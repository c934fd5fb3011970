"""A desk in memory with notices of every state."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.desk import calls
from vchat_tui.models import MessageError, SecretState
from vchat_tui.notice_models import DryRun, Notice, NoticeSettings, NoticeState
from vchat_tui.notice_rules import Audience, Decision, Rule, Way
from vchat_tui.settings.notice_fields import DEFAULTS


class NoticeDesk(StubDesk):
    """`notices`: newest first; `noticing`: the settings."""

    def __init__(self) -> None:
        super().__init__()
        self.noticing = NoticeSettings(
            notices=DEFAULTS | {"agents_sms": True},
            smtp={"host": "mail.example.com", "port": 587, "security": "starttls",
                  "user": "chat", "from_address": "chat@example.com"},
            secrets={"password": SecretState(set=True, fingerprint="ab12cd34", changed_at=NOW)},
            sms_inboxes=("SMS",),
        )  # fmt: skip
        sent = Notice(
            id=1, audience=Audience.AGENT, recipient_id=1, name="Ana", way=Way.SMS,
            address="+34600000001", rule=Rule.ALL_OFFLINE, state=NoticeState.SENT, tries=1,
            message_id=1000, conversation_id=1, customer="Tom[/] Mayer", together=3,
            channel="sms_twilio", created_at=NOW - timedelta(minutes=9),
        )  # fmt: skip
        failed = replace(
            sent, id=2, way=Way.EMAIL, address="ana@x.example", state=NoticeState.FAILED, tries=6,
            together=1, channel="email", rule=Rule.LAST_AGENT,
            error=MessageError(code="mail_recipient", details="550 \x1b]0;x\x07 no such person"),
        )  # fmt: skip
        unknown = replace(failed, id=3, state=NoticeState.UNKNOWN, tries=1, name="Luis",
                          error=MessageError(code="unclear", details="Connection lost"))  # fmt: skip
        waiting = replace(sent, id=4, state=NoticeState.PENDING, tries=0, together=1,
                          next_at=NOW + timedelta(minutes=4))  # fmt: skip
        skipped = replace(sent, id=5, state=NoticeState.SKIPPED, tries=0, together=1, name="Luis",
                          rule=Rule.ONLINE, address="+34600000002")  # fmt: skip
        nobody = replace(skipped, id=6, name="", address=None, recipient_id=0, rule=Rule.NOBODY)
        self.notices = [nobody, skipped, waiting, unknown, failed, sent]

    def _list_notices(self, call: calls.ListNotices) -> tuple[Notice, ...]:
        return tuple(one for one in self.notices if call.state in (None, one.state))

    def _retry_notice(self, call: calls.RetryNotice) -> Notice:
        place = next(n for n, one in enumerate(self.notices) if one.id == call.notice_id)
        self.notices[place] = replace(
            self.notices[place], state=NoticeState.PENDING, error=None, next_at=NOW
        )
        return self.notices[place]

    def _send_notice_test(self, call: calls.SendNoticeTest) -> Notice:
        return Notice(
            id=9, audience=call.audience, recipient_id=0, name=call.address, way=call.way,
            address=call.address, rule=Rule.TEST, state=NoticeState.SENT, created_at=NOW,
        )  # fmt: skip

    def _send_rule_test(self, call: calls.SendRuleTest) -> tuple[Notice, ...]:
        sent = self._send_notice_test(
            calls.SendNoticeTest(audience=Audience.AGENT, way=call.way, address="+34600000001")
        )
        online = replace(sent, id=10, name="Luis", state=NoticeState.SKIPPED, rule=Rule.ONLINE)
        return replace(sent, name="Ana"), online

    def _try_rules(self, call: calls.TryRules) -> DryRun:
        told = Decision(
            audience=Audience.AGENT, recipient_id=1, name="Ana", way=Way.SMS, address="+34600000001",
            send=True, rule=Rule.DEPARTMENT,
        )  # fmt: skip
        return DryRun(customer=self.conversations[call.conversation_id].title, agents=(told,))

    def _get_notice_settings(self, call: calls.GetNoticeSettings) -> NoticeSettings:
        return self.noticing

    def _save_notice_settings(self, call: calls.SaveNoticeSettings) -> NoticeSettings:
        return self.noticing
