"""Notices through the desk: decided, sent, listed; what servers and networks do to them."""

from __future__ import annotations

import asyncio
import time

import pytest
from notice_kit import MIA, PAU, NoticeOffice
from webhook_bodies import START, from_customer

from vchat_tui.channels import errors
from vchat_tui.desk import calls, housekeeping
from vchat_tui.desk.calls import DeskError
from vchat_tui.notice_models import MailCheck, NoticeState
from vchat_tui.notice_rules import Audience, Rule, Way
from vchat_tui.store import notices

SENT, SKIPPED = NoticeState.SENT, NoticeState.SKIPPED


async def test_agents_are_told_of_a_first_message(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, agents_email=True)
    ana = await office.agent("Ana", phone="+34600000001", email="ana@x.example", language="es")
    luis = await office.agent("Luis", phone="+34600000002", email="luis@x.example")
    office.sit_down(luis)
    await office.customer_writes("¿Abren hoy?")
    found = await office.settled(4)
    assert [(one.name, one.way, one.state, one.rule) for one in found] == [
        ("Ana", Way.SMS, SENT, Rule.ALL_OFFLINE),
        ("Ana", Way.EMAIL, SENT, Rule.ALL_OFFLINE),
        ("Luis", Way.SMS, SKIPPED, Rule.ONLINE),
        ("Luis", Way.EMAIL, SKIPPED, Rule.ONLINE),
    ]
    assert office.texts() == [("+34600000001", "Mensaje nuevo de Mia: ¿Abren hoy?")]
    assert office.mails() == [("ana@x.example", "Mensaje nuevo de Mia")]
    assert found[0].customer == "Mia" and found[0].recipient_id == ana.id
    # Later messages: the one who answered last, and only while offline.
    (conversation,) = await office.list()
    await office.reply(conversation.id, "Sí", author="Luis")
    await office.customer_writes("Gracias")
    assert [one.rule for one in (await office.settled(6))[4:]] == [Rule.ONLINE, Rule.ONLINE]


async def test_one_notice_for_a_run_of_messages(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, agents_email=True, bundle_minutes=5)
    await office.agent("Ana", phone="+34600000001", email="ana@x.example")
    await office.customer_writes("uno")
    await office.settled(2)
    await office.customer_writes("dos")
    await office.customer_writes("tres", PAU, "Pau")
    waiting = await office.in_state(*[SENT] * 2, *[NoticeState.PENDING] * 4)
    assert all(one.next_at is not None for one in waiting[2:])
    await office.now()
    found = await office.settled(6)
    assert {one.together for one in found[2:]} == {2}
    assert office.texts()[1:] == [("+34600000001", "2 new messages from Mia, Pau")]
    assert office.mails()[1:] == [("ana@x.example", "2 new messages from Mia, Pau")]
    assert "Pau: tres" in office.postbox.taken[1].get_content()


async def test_who_comes_back_is_not_told(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, bundle_minutes=5)
    ana = await office.agent("Ana", phone="+34600000001")
    await office.customer_writes("uno")
    await office.settled(1)
    await office.customer_writes("dos")
    await office.in_state(SENT, NoticeState.PENDING)
    office.sit_down(ana)
    await office.now()
    assert (await office.settled(2))[1].rule is Rule.CAME_BACK
    assert len(office.texts()) == 1


async def test_a_customer_is_told_while_offline(office: NoticeOffice) -> None:
    await office.set(users_sms=True, users_email=True)
    await office.customer_writes()
    (conversation,) = await office.list()
    await office.call(calls.SaveUser(user_id=conversation.user_id, email="mia@y.example"))
    await office.reply(conversation.id, "Su pedido salió", author="Ana")
    await office.settled(2)
    await office.reply(conversation.id, "Llega mañana", author="Ana")
    found = await office.settled(4)
    assert [(one.way, one.state, one.rule) for one in found] == [
        (Way.SMS, SENT, Rule.USER_OFFLINE),
        (Way.EMAIL, SENT, Rule.USER_OFFLINE),
        (Way.SMS, SENT, Rule.USER_OFFLINE),
        (Way.EMAIL, SKIPPED, Rule.RUN),
    ]
    assert office.texts()[0] == (
        "+" + MIA, "Tiene un mensaje nuevo de Ana: Su pedido salió"
    )  # fmt: skip
    # They write again, now: online, so that nothing goes; an hour later, a new run begins.
    now = int(time.time()) - START
    await office.post(from_customer("wamid.now", MIA, "gracias", at=now))
    await office.reply(conversation.id, "De nada", author="Ana")
    assert [one.rule for one in (await office.settled(6))[4:]] == [Rule.USER_ONLINE] * 2
    await office.write("UPDATE user SET last_seen_at = last_seen_at - 3600000")
    await office.write("UPDATE notice SET sent_at = sent_at - 7200000")
    await office.reply(conversation.id, "Hasta pronto", author="Ana")
    assert [one.state for one in (await office.settled(8))[6:]] == [SENT, SENT]


async def test_what_is_switched_off_costs_nothing(office: NoticeOffice) -> None:
    await office.agent("Ana", phone="+34600000001")
    await office.customer_writes()
    assert await office.rows("SELECT * FROM notice_due") == []
    await office.set(agents_sms=True, bundle_minutes=5)
    await office.customer_writes("uno")
    await office.settled(1)
    await office.customer_writes("dos")
    await office.in_state(SENT, NoticeState.PENDING)
    await office.set(agents_sms=False)
    await office.now()
    assert (await office.settled(2))[1].rule is Rule.SWITCHED_OFF


async def test_refusals_wait_and_end(office: NoticeOffice) -> None:
    await office.set(agents_email=True)
    await office.agent("Ana", email="ana@x.example")
    office.postbox.answers["RCPT"] = "451 later"
    await office.customer_writes()
    (waiting,) = await office.in_state(NoticeState.PENDING)
    while not (waiting := (await office.notices())[0]).error:
        await asyncio.sleep(0.005)
    assert waiting.error is not None and waiting.error.code == "mail_busy"
    office.postbox.answers["RCPT"] = "550 unknown"
    await office.now()
    (failed,) = await office.in_state(NoticeState.FAILED)
    assert failed.tries == 2 and "unknown" in (failed.error.details or "" if failed.error else "")
    office.postbox.answers.clear()
    await office.call(calls.RetryNotice(notice_id=failed.id))
    (sent,) = await office.in_state(SENT)
    assert office.mails() == [("ana@x.example", "New message from Mia")]
    with pytest.raises(DeskError):
        await office.call(calls.RetryNotice(notice_id=sent.id))


async def test_what_may_have_arrived_goes_once(office: NoticeOffice) -> None:
    await office.set(agents_email=True, agents_sms=True)
    await office.agent("Ana", email="ana@x.example", phone="+34600000001")
    office.postbox.drops = True
    office.twilio.knobs.hang_up_next = 1
    await office.customer_writes()
    sms, mail = await office.in_state(NoticeState.UNKNOWN, NoticeState.UNKNOWN)
    await office.now()
    assert len(office.texts()) == len(office.mails()) == 1
    with pytest.raises(DeskError, match="twice"):
        await office.call(calls.RetryNotice(notice_id=mail.id))
    office.postbox.drops = False
    await office.call(calls.RetryNotice(notice_id=mail.id, may_double=True))
    await office.in_state(NoticeState.UNKNOWN, SENT)
    # Twilio tells later what became of the SMS: its callback carries our data.
    await office.twilio_says(sms.id, MessageStatus="delivered")
    await office.in_state(SENT, SENT)
    await office.twilio_says(sms.id, MessageStatus="undelivered", ErrorCode="30003")
    undelivered, _mail = await office.in_state(NoticeState.FAILED, SENT)
    assert undelivered.error is not None and undelivered.error.code == "30003"
    assert undelivered.channel == "sms_twilio"


async def test_nobody_who_said_stop_gets_an_sms(office: NoticeOffice) -> None:
    await office.set(users_sms=True)
    await office.customer_writes()
    (conversation,) = await office.list()
    inbox = next(one for one in await office.call(calls.ListInboxes()) if one.name == "SMS")
    known = await office.call(calls.StartConversation(inbox_id=inbox.id, address="+" + MIA))
    await office.write(
        "UPDATE identity SET opted_out_at = 1 WHERE id ="
        " (SELECT identity_id FROM conversation WHERE id = ?)", known.id,
    )  # fmt: skip
    run = await office.call(calls.TryRules(conversation_id=conversation.id))
    assert [(one.send, one.rule) for one in run.user] == [(False, Rule.OPTED_OUT)]
    await office.reply(conversation.id, "hola", author="Ana")
    assert (await office.settled(1))[0].rule is Rule.OPTED_OUT
    test = calls.SendNoticeTest(audience=Audience.USER, way=Way.SMS, address="+" + MIA)
    told = await office.call(test)
    assert (told.state, told.rule) == (NoticeState.SKIPPED, Rule.OPTED_OUT)
    assert office.texts() == []
    await office.write("UPDATE identity SET opted_out_at = NULL")  # else the answer would not go
    await office.reply(known.id, "por SMS", author="Ana")
    assert (await office.settled(3))[2].rule is Rule.SAME_CHANNEL


async def test_a_text_with_a_gap_is_told_and_lost_is_nothing(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, agents_sms_text_en="{user_email}")
    await office.agent("Ana", phone="+34600000001")
    await office.customer_writes()
    (failed,) = await office.in_state(NoticeState.FAILED)
    assert failed.error is not None and failed.error.code == "notice_text"
    await office.set(agents_sms_text_en="{user_email|none}")
    await office.call(calls.RetryNotice(notice_id=failed.id))
    await office.in_state(SENT)
    assert office.texts() == [("+34600000001", "none")]


async def test_settings_that_could_not_work_are_refused(office: NoticeOffice) -> None:
    for wrong, field in [
        ({"notices": {"agents_email": True}}, "host"),
        ({"notices": {"sms_inbox": "Ventas"}}, "sms_inbox"),
        ({"notices": {"agents_sms_text_en": "{nothing}"}}, "agents_sms_text_en"),
        ({"smtp": {"host": "mail.example.com", "security": "none"}}, "security"),
        ({"smtp": {"host": "mail.example.com", "user": "me"}}, "password"),
        ({"smtp": {"from_address": "nobody"}}, "from_address"),
    ]:
        with pytest.raises(DeskError) as refused:
            await office.call(calls.SaveNoticeSettings(**wrong))
        assert refused.value.field == field
    saved = await office.call(
        calls.SaveNoticeSettings(
            smtp={"host": "mail.example.com", "user": "me", "password": "geheim1"}
        )
    )
    assert saved.secrets["password"].set and "geheim1" not in str(saved)
    assert not await office.rows("SELECT 1 FROM part_secret WHERE sealed LIKE '%geheim1%'")


async def test_a_test_says_what_happened(office: NoticeOffice) -> None:
    await office.set()
    ask = calls.SendNoticeTest(
        audience=Audience.AGENT, way=Way.EMAIL, address="boss@x.example", language="es"
    )
    told = await office.call(ask)
    assert (told.state, told.rule) == (SENT, Rule.TEST)
    assert office.mails() == [("boss@x.example", "Mensaje nuevo de Ana")]
    office.twilio.knobs.fail_next = 1
    ask = calls.SendNoticeTest(audience=Audience.USER, way=Way.SMS, address="+34 600 000 009")
    told = await office.call(ask)
    assert told.state is NoticeState.FAILED and told.error.code == "21211"
    with pytest.raises(DeskError):
        await office.call(calls.SendNoticeTest(audience=Audience.USER, way=Way.SMS, address="600"))


async def test_a_rule_is_tested_with_those_whom_it_tells(office: NoticeOffice) -> None:
    await office.set()
    ana = await office.agent("Ana", phone="+34600000001", department="Sales")
    await office.agent("Luis", department="sales")
    await office.agent("Eva", phone="+34600000003")
    ask = calls.SendRuleTest(rule=Rule.DEPARTMENT, way=Way.SMS, department="Sales")
    told = {one.name: (one.state, one.rule) for one in await office.call(ask)}
    assert told == {
        "Ana": (SENT, Rule.TEST),
        "Luis": (NoticeState.SKIPPED, Rule.NO_PHONE),
    }
    for rule in (Rule.ASSIGNED, Rule.LAST_AGENT):
        ask = calls.SendRuleTest(rule=rule, way=Way.SMS, agent_id=ana.id)
        assert [one.name for one in await office.call(ask)] == ["Ana"]
    ask = calls.SendRuleTest(rule=Rule.ALL_OFFLINE, way=Way.SMS)
    assert {one.name for one in await office.call(ask) if one.state is SENT} == {"Ana", "Eva"}
    assert [address for address, _text in office.texts()].count("+34600000001") == 4


async def test_a_test_of_a_rule_does_not_delay_what_comes_after_it(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, bundle_minutes=5)
    await office.agent("Ana", phone="+34600000001")
    await office.call(calls.SendRuleTest(rule=Rule.ALL_OFFLINE, way=Way.SMS))
    await office.customer_writes()
    assert [one.rule for one in await office.in_state(SENT, SENT)] == [Rule.TEST, Rule.ALL_OFFLINE]


@pytest.mark.parametrize(
    ("rule", "field"),
    [(Rule.RUN, "rule"), (Rule.DEPARTMENT, "department"), (Rule.ASSIGNED, "agent_id")],
)
async def test_a_test_of_a_rule_needs_what_the_rule_looks_at(
    office: NoticeOffice, rule: Rule, field: str
) -> None:
    with pytest.raises(DeskError) as refused:
        await office.call(calls.SendRuleTest(rule=rule, way=Way.SMS))
    assert refused.value.field == field


async def test_an_inbox_that_gets_another_name_goes_on_sending(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, sms_inbox="SMS")
    inbox = next(one for one in await office.call(calls.ListInboxes()) if one.name == "SMS")
    await office.call(
        calls.SaveInbox(inbox_id=inbox.id, name="Avisos", channel=inbox.channel, values={})
    )
    assert (await office.call(calls.GetNoticeSettings())).notices["sms_inbox"] == "Avisos"
    await office.agent("Ana", phone="+34600000001")
    await office.customer_writes()
    await office.in_state(SENT)


async def test_a_password_that_our_key_does_not_open(office: NoticeOffice) -> None:
    await office.set()
    await office.call(calls.SaveNoticeSettings(smtp={"user": "me", "password": "geheim1"}))
    await office.write("UPDATE part_secret SET sealed = 'v1:00000000:AAAA'")
    ask = calls.SendNoticeTest(audience=Audience.AGENT, way=Way.EMAIL, address="boss@x.example")
    told = await office.call(ask)
    assert told.state is NoticeState.FAILED and told.error.code == "mail_locked"
    assert "enter the password again" in errors.advice(told.channel or "", told.error)


async def test_whether_the_mail_server_would_take_an_email(office: NoticeOffice) -> None:
    assert await office.call(calls.CheckMailServer()) == MailCheck()
    await office.set()
    assert await office.call(calls.CheckMailServer()) == MailCheck(host="127.0.0.1")
    assert office.mails() == [] and office.postbox.recipients == []
    await office.call(calls.SaveNoticeSettings(smtp={"user": "me", "password": "geheim1"}))
    refused = await office.call(calls.CheckMailServer())
    assert refused.error is not None and refused.error.code == "mail_log_in"
    await office.call(calls.SaveNoticeSettings(smtp={"port": 1}))
    away = await office.call(calls.CheckMailServer())
    assert away.error is not None and away.error.code == "not_sent"
    await office.write("UPDATE part_secret SET sealed = 'v1:00000000:AAAA'")
    locked = await office.call(calls.CheckMailServer())
    assert locked.error is not None and locked.error.code == "mail_locked"


async def test_the_dry_run_sends_nothing(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, users_email=True)
    await office.agent("Ana", phone="+34600000001")
    await office.customer_writes()
    await office.settled(1)
    (conversation,) = await office.list()
    run = await office.call(calls.TryRules(conversation_id=conversation.id))
    assert [(one.name, one.send, one.rule) for one in run.agents] == [
        ("Ana", True, Rule.ALL_OFFLINE)
    ]
    assert [one.rule for one in run.user] == [Rule.NO_EMAIL]
    assert len(await office.notices()) == 1


async def test_more_than_one_text_can_tell_goes_in_several(
    office: NoticeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "TOGETHER", 2)
    await office.set(agents_sms=True, bundle_minutes=5)
    await office.agent("Ana", phone="+34600000001")
    for number in range(4):
        await office.customer_writes(str(number), f"52155000000{number:02}", f"C{number}")
        if number == 0:
            await office.settled(1)
    await office.in_state(SENT, *[NoticeState.PENDING] * 3)
    await office.now()
    await office.in_state(*[SENT] * 3, NoticeState.PENDING)
    await office.now()
    await office.settled(4)
    assert [text for _, text in office.texts()[1:]] == [
        "2 new messages from C1, C2", "New message from C3: 3"
    ]  # fmt: skip


async def test_the_list_is_kept_for_a_time_and_trouble_is_counted(office: NoticeOffice) -> None:
    await office.set(agents_sms=True, keep_days=1)
    await office.agent("Ana", phone="+34600000001")
    office.twilio.knobs.fail_next = 1
    await office.customer_writes()
    await office.in_state(NoticeState.FAILED)
    assert (await office.call(calls.GetDiagnostics())).notices_failed == 1
    await office.write("UPDATE notice SET created_at = created_at - 90000000")
    await office.customer_writes()
    await office.settled(2)
    assert (await office.call(calls.GetDiagnostics())).notices_failed == 0
    await office.desk.services.core.store.write(housekeeping.forget_notices)
    (left,) = await office.notices()
    assert left.state is SENT


async def test_a_server_that_stopped_while_sending(office: NoticeOffice) -> None:
    await office.set(agents_sms=True)
    await office.agent("Ana", phone="+34600000001")
    await office.customer_writes()
    await office.settled(1)
    await office.write("UPDATE notice SET state = 'sending'")
    await office.desk.close()
    office._lock.close()
    await office.start()
    await office.in_state(NoticeState.UNKNOWN)
    assert len(office.texts()) == 1
