"""Notices, as an admin looks at them: settings, list, tests."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Callable

from msgspec.structs import replace

from vchat_tui import settings
from vchat_tui.channels.base import NotSent
from vchat_tui.channels.errors import NOT_SENT
from vchat_tui.channels.mail import MailServer, is_loopback
from vchat_tui.channels.mail_errors import MAIL_LOCKED
from vchat_tui.desk import calls, notice_config, notice_facts
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.notice_config import NOTICES, SMTP, Config
from vchat_tui.desk.notifying import EMAIL, Letter, prepare
from vchat_tui.desk.services import Services
from vchat_tui.keys import KeyFileError, fingerprint
from vchat_tui.models import MessageError
from vchat_tui.notice_models import DryRun, MailCheck, Notice, NoticeSettings, NoticeState
from vchat_tui.notice_rules import (
    TESTABLE,
    Decision,
    Rule,
    Way,
    by_rule,
    for_agents,
    for_user,
)
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.settings import SettingError, _
from vchat_tui.settings.notice_fields import NOTICE_FIELDS
from vchat_tui.settings.smtp_fields import ADDRESS, SMTP_FIELDS
from vchat_tui.store import conversations, notices, parts
from vchat_tui.store.changes import Changes
from vchat_tui.store.notices import Due
from vchat_tui.store.times import now_ms

SMTP_DEFAULTS = {field.key: field.default for field in SMTP_FIELDS if field.default is not None}


async def get_settings(services: Services, call: calls.GetNoticeSettings) -> NoticeSettings:
    """The settings of notices and of the mail server."""
    return await services.core.store.read(_settings)


def _settings(db: sqlite3.Connection) -> NoticeSettings:
    return NoticeSettings(
        notices=notice_config.read(db).values,
        smtp=SMTP_DEFAULTS | parts.settings(db, SMTP),
        secrets=parts.secrets(db, SMTP),
        sms_inboxes=tuple(inbox.name for inbox in notice_config.sms_inboxes(db)),
    )


async def save_settings(services: Services, call: calls.SaveNoticeSettings) -> NoticeSettings:
    """Changes settings; refuses what could never be sent."""
    try:
        chosen = settings.clean_values(NOTICE_FIELDS, call.notices)
        smtp = settings.clean_values(SMTP_FIELDS, call.smtp, already_set=frozenset({"password"}))
    except SettingError as error:
        raise DeskError(error.message, field=error.key, **error.values) from None
    secret = smtp.pop("password", None)
    core = services.core

    def write(db: sqlite3.Connection, changes: Changes) -> NoticeSettings:
        parts.save(db, NOTICES, chosen, changes)
        parts.save(db, SMTP, smtp, changes)
        if secret is not None:
            sealed = core.keys.seal(secret, notice_config.password_place())
            parts.save_secret(db, SMTP, "password", sealed, fingerprint(secret), changes)
        saved = _settings(db)
        _check(saved)
        return saved

    return await core.change(write)


def _check(saved: NoticeSettings) -> None:
    """What is switched on must be able to work.

    Raises:
        DeskError: it is not; nothing was saved.
    """
    chosen, smtp = saved.notices, saved.smtp
    wanted = chosen.get("sms_inbox")
    known = ", ".join(saved.sms_inboxes) or "–"
    if wanted and wanted not in saved.sms_inboxes:
        raise DeskError(
            _("There is no SMS inbox “{name}”; there are: {names}"), name=str(wanted), names=known,
            field="sms_inbox",
        )  # fmt: skip
    if (chosen["agents_sms"] or chosen["users_sms"]) and not wanted and len(saved.sms_inboxes) != 1:
        raise DeskError(
            _("Choose the SMS inbox that sends them; there are: {names}"), names=known,
            field="sms_inbox",
        )  # fmt: skip
    if chosen["agents_email"] or chosen["users_email"]:
        for key in ("host", "from_address"):
            if not smtp.get(key):
                raise DeskError(_("E-mail needs this."), field=key)
    if smtp.get("host"):
        _check_mail_server(saved)


def _check_mail_server(saved: NoticeSettings) -> None:
    smtp = saved.smtp
    if smtp["security"] == "none" and not is_loopback(str(smtp["host"])):
        raise DeskError(_("must be starttls or tls for another machine"), field="security")
    if smtp.get("user") and "password" not in saved.secrets:
        raise DeskError(_("This user needs a password."), field="password")


async def check_mail_server(services: Services, call: calls.CheckMailServer) -> MailCheck:
    """Whether e-mail would go now."""
    core = services.core
    smtp = await core.store.read(parts.settings, SMTP)
    host = smtp.get("host")
    if not host:
        return MailCheck()
    try:
        password = await core.store.read(notice_config.password, core)
        trouble = await MailServer(smtp, password).check()
    except KeyFileError as error:
        return MailCheck(host=host, error=MessageError(code=MAIL_LOCKED, details=str(error)))
    if isinstance(trouble, NotSent):
        return MailCheck(host=host, error=MessageError(code=NOT_SENT, details=trouble.reason))
    return MailCheck(host=host, error=trouble.error if trouble else None)


async def list_notices(services: Services, call: calls.ListNotices) -> tuple[Notice, ...]:
    """Who was told, and who was not."""
    return tuple(
        await services.core.store.read(
            notices.listing, call.state, call.before_id, bounded(call.limit)
        )
    )


async def retry_notice(services: Services, call: calls.RetryNotice) -> Notice:
    """Sends a notice once more."""

    def write(db: sqlite3.Connection, changes: Changes) -> Notice:
        notice = notices.get(db, call.notice_id)
        if notice is None:
            raise DeskError(_("This notice is no longer there."))
        if notice.state is NoticeState.UNKNOWN and not call.may_double:
            raise DeskError(
                _("This notice may have arrived; sending it again may deliver it twice.")
            )
        if not notices.again(db, notice.id, changes):
            raise DeskError(_("Only a notice that failed can be sent again."))
        return notices.get(db, notice.id) or notice

    return await services.core.change(write)


async def send_test(services: Services, call: calls.SendNoticeTest) -> Notice:
    """Sends a sample now; answers what became of it."""
    address = _address(call)
    decision = Decision(
        audience=call.audience, recipient_id=0, name=address, way=call.way, address=address,
        send=True, rule=Rule.TEST,
    )  # fmt: skip

    def claim(db: sqlite3.Connection, changes: Changes) -> list[tuple[int, Letter | None]]:
        config = notice_config.read(db)
        (heeded,) = notice_facts.heeding_stop(db, config, [decision])
        return [_claim_test(db, services, config, heeded, call.language, changes)]

    (told,) = await _deliver_tests(services, claim)
    return told


async def send_rule_test(services: Services, call: calls.SendRuleTest) -> tuple[Notice, ...]:
    """Sends a sample to those whom one rule tells now; answers what became of it for each."""
    if call.rule not in TESTABLE:
        raise DeskError(_("Only a rule about a customer's message can be tested."), field="rule")
    if call.rule is Rule.DEPARTMENT and not call.department:
        raise DeskError(_("This rule needs a department."), field="department")
    if call.rule in (Rule.ASSIGNED, Rule.LAST_AGENT) and call.agent_id is None:
        raise DeskError(_("This rule needs an agent."), field="agent_id")
    online = services.presence.online()

    def claim(db: sqlite3.Connection, changes: Changes) -> list[tuple[int, Letter | None]]:
        config = notice_config.read(db)
        facts = by_rule(
            call.rule, notice_facts.everybody(db, online), call.way, department=call.department,
            agent_id=call.agent_id, spare_admins=config.spare_admins,
        )  # fmt: skip
        decisions = notice_facts.heeding_stop(db, config, for_agents(facts))
        return [_claim_test_of(db, services, config, one, changes) for one in decisions]

    return await _deliver_tests(services, claim)


async def _deliver_tests(
    services: Services,
    claim: Callable[[sqlite3.Connection, Changes], list[tuple[int, Letter | None]]],
) -> tuple[Notice, ...]:
    claimed = await services.core.change(claim)
    for _notice_id, letter in claimed:
        if letter is not None:
            await services.notifier.deliver(letter, ())

    def found(db: sqlite3.Connection) -> tuple[Notice, ...]:
        rows = (notices.get(db, notice_id) for notice_id, _letter in claimed)
        return tuple(row for row in rows if row is not None)

    return await services.core.store.read(found)


def _address(call: calls.SendNoticeTest) -> str:
    typed = call.address.strip()
    if call.way is Way.SMS:
        try:
            return to_e164(typed)
        except PhoneError as error:
            raise DeskError(error.message, field="address", **error.values) from None
    if not re.fullmatch(ADDRESS, typed):
        raise DeskError(_("This is not an e-mail address."), field="address")
    return typed


def _claim_test_of(
    db: sqlite3.Connection, services: Services, config: Config, decision: Decision,
    changes: Changes,
) -> tuple[int, Letter | None]:  # fmt: skip
    """A test to whom a rule tells. It does not count among their notices: they would have to wait
    for the next one."""
    who = decision.recipient_id
    language = notice_facts.language_of(db, decision.audience, who, None)
    if decision.send:
        decision = replace(decision, recipient_id=0, rule=Rule.TEST)
    return _claim_test(db, services, config, decision, language, changes)


def _claim_test(
    db: sqlite3.Connection, services: Services, config: Config, decision: Decision,
    language: str | None, changes: Changes,
) -> tuple[int, Letter | None]:  # fmt: skip
    """A row of the list for a test, taken at once; what to send, unless it is not or cannot be."""
    notice_id = notices.add(db, None, decision, changes.now, changes)
    if not decision.send:
        return notice_id, None
    bundle = notices.BUNDLE + uuid.uuid4().hex
    inbox = notice_config.sms_inbox(db, config) if decision.way is Way.SMS else None
    notices.claim(db, (notice_id,), bundle, inbox.channel if inbox else EMAIL, changes)
    due = Due(
        decision.audience, decision.recipient_id, decision.name, decision.way,
        decision.address or "", (notice_id,), (), 0, Rule.TEST,
    )  # fmt: skip
    letter = prepare(db, services.core, due, config, bundle, language)
    if isinstance(letter, MessageError):
        notices.settle(db, bundle, NoticeState.FAILED, changes, error=letter)
        return notice_id, None
    return notice_id, letter


async def try_rules(services: Services, call: calls.TryRules) -> DryRun:
    """Who would be told now, and why."""
    online = services.presence.online()

    def look(db: sqlite3.Connection, now: int) -> DryRun:
        conversation = conversations.get(db, call.conversation_id)
        if conversation is None:
            raise DeskError(_("This conversation is no longer there."))
        config = notice_config.read(db)
        first = not notices.wrote_before(db, conversation.id, notices.NEXT)
        customer = notice_facts.customer_wrote(db, conversation, first, online, config)
        agent = notice_facts.agent_wrote(db, conversation, config, now)
        return DryRun(
            customer=conversation.title,
            agents=tuple(notice_facts.heeding_stop(db, config, for_agents(customer))),
            user=tuple(notice_facts.heeding_stop(db, config, for_user(agent))) if agent else (),
        )

    return await services.core.store.read(look, now_ms())
