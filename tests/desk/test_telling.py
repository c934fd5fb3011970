"""The ladder: a template, an SMS, an SMS where the template fails. One at a time, once each."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from desk_kit import SMS_NUMBER, Office
from test_desk_templates import able, template
from test_holding import ANA, closed, hold, notice
from test_holding_states import FALLBACK
from webhook_bodies import body, from_customer, status

from vchat_tui.channels.base import ErrorClass, Outcome, Outgoing
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Conversation, Direction, Folder, Message, Status, TimelineItem

SMS_OF_ANA = "525512345678"  # her wa_id is no number that can be texted


async def shop(office: Office, ladder: str = "template_then_sms", **more: Any) -> Conversation:
    """A WhatsApp number with a template, and a customer who wrote more than a day ago."""
    able(office, template())
    inbox_id = await office.add_inbox(**FALLBACK | {"fallback": ladder} | more)
    await office.call(calls.SyncTemplates(inbox_id=inbox_id))
    return await closed(office)


@pytest.fixture
async def texting(empty_office: Office) -> Office:
    """A desk with an SMS inbox."""
    await empty_office.add_sms_inbox()
    return empty_office


def refuse_templates(office: Office, code: str = "132015") -> None:
    """The provider takes no template any more."""

    def answer(message: Outgoing, attempt: int) -> Outcome:
        if message.content.type == "template":
            refused = office.provider.reject(code, ErrorClass.TEMPLATE)(message, attempt)
            assert not isinstance(refused, asyncio.Future)
            return refused  # type: ignore[return-value]
        return office.provider.accept(message, attempt)

    office.provider.answer = answer


async def until_told(office: Office, row: Conversation) -> TimelineItem:
    """The first held answer, once an SMS tells of it."""
    while True:
        for item in await office.timeline(row.id):
            if item.held is not None and item.held.sms is not None:
                return item
        await asyncio.sleep(0.002)


async def texts(office: Office) -> list[Message]:
    """All SMS that were written."""
    return [message for message in await office.messages() if message.channel == "sms_twilio"]


async def test_by_sms_in_her_language_with_a_link_and_shown_in_both(texting: Office) -> None:
    await texting.call(calls.SaveServerSettings(values={"public_url": "https://chat.example.com"}))
    row = await shop(texting, "sms")
    await texting.call(calls.SaveUser(user_id=row.user_id, name="Ana", language="es_MX"))
    held = await hold(texting, row, "sí hay")
    item = await until_told(texting, row)
    assert item.message.id == held.id and item.held is not None and item.held.sms is not None
    await texting.until_status(item.held.sms.message_id, Status.ACCEPTED)
    [sent] = texting.provider.sent
    assert (sent.address, sent.content.type) == (SMS_OF_ANA, "text")
    words, link = (sent.content.text or "").rsplit(" ", 1)
    assert words.startswith("Ana, tenemos una respuesta")
    assert urlsplit(link).path.startswith("/c/") and link.startswith("https://chat.example.com/")
    [sms] = await texts(texting)
    assert (sms.user_id, sms.author) == (row.user_id, "Clara")
    there = await texting.call(calls.GetConversation(conversation_id=sms.conversation_id))
    assert (there.folder, there.unread) == (Folder.ARCHIVE, 0)
    [note] = [item for item in await texting.timeline(row.id) if item.elsewhere is not None]
    assert note.message.direction is Direction.NOTE and note.message.text == sent.content.text
    assert note.elsewhere == item.held.sms or note.elsewhere is not None
    await texting.check()


async def test_one_sms_for_all_that_wait_and_in_english_where_that_is_known(
    texting: Office,
) -> None:
    row = await shop(texting, "sms", default_language="en")
    for text in ("one", "two", "three"):
        await hold(texting, row, text)
    [sms] = await texts(texting)
    assert sms.text == (
        "Hello, we have an answer for you. Write to us on WhatsApp and we will send it."
    )


@pytest.mark.parametrize("ladder", ["template", "template_then_sms"])
async def test_while_the_template_goes_no_sms_does(texting: Office, ladder: str) -> None:
    row = await shop(texting, ladder)
    await hold(texting, row, "one")
    while not texting.provider.sent:
        await asyncio.sleep(0.002)
    assert [message.content.type for message in texting.provider.sent] == ["template"]
    assert await texts(texting) == []


async def test_a_refused_template_is_followed_by_one_sms(texting: Office) -> None:
    row = await shop(texting)
    refuse_templates(texting)
    await hold(texting, row, "one")
    item = await until_told(texting, row)
    assert item.held is not None and item.held.notice is Status.FAILED
    await hold(texting, row, "two")
    assert len(await texts(texting)) == 1, "she knows that an answer waits"
    assert [message.content.type for message in texting.provider.sent].count("template") == 1


@pytest.mark.parametrize("code", [131026, 131049])
async def test_failures_by_webhook_twice_and_out_of_order(texting: Office, code: int) -> None:
    row = await shop(texting)
    await hold(texting, row, "one")
    [template_id] = [m.id for m in await texting.messages() if m.type == "template"]
    await texting.until_status(template_id, Status.ACCEPTED)
    [sent] = texting.provider.sent
    wamid = f"wamid.{sent.callback_data}"
    failed = body(statuses=(status(wamid, "failed", code=code),))
    await texting.post(failed, failed, body(statuses=(status(wamid, "sent"),)))
    await until_told(texting, row)
    await texting.post(failed, body(statuses=(status(wamid, "delivered"),)), failed)
    await texting.close()
    await texting.start()
    assert len(await texts(texting)) == 1


async def test_what_was_delivered_is_not_followed_by_an_sms(texting: Office) -> None:
    row = await shop(texting)
    await hold(texting, row, "one")
    [template_id] = [m.id for m in await texting.messages() if m.type == "template"]
    await texting.until_status(template_id, Status.ACCEPTED)
    wamid = f"wamid.{texting.provider.sent[0].callback_data}"
    await texting.post(
        body(statuses=(status(wamid, "delivered"), status(wamid, "failed", code=131049)))
    )
    await texting.told()
    await texting.desk.services.core.change(lambda db, changes: None)
    await hold(texting, row, "two")
    assert await texts(texting) == []


async def test_the_template_setting_alone_never_texts(texting: Office) -> None:
    row = await shop(texting, "template")
    refuse_templates(texting)
    held = await hold(texting, row, "one")
    while (await texting.rows("SELECT no_notice FROM held"))[0][0] is None:
        await asyncio.sleep(0.002)
    [item] = [item for item in await texting.timeline(row.id) if item.message.id == held.id]
    assert item.held is not None and item.held.notice is Status.FAILED and item.held.sms is None
    assert await texts(texting) == []


async def test_an_sms_answer_opens_no_window_and_leaves_it_held(texting: Office) -> None:
    row = await shop(texting, "sms")
    held = await hold(texting, row, "one")
    webhook = {"MessageSid": "SM1", "From": "+" + SMS_OF_ANA, "To": SMS_NUMBER, "Body": "¿Cuál?"}
    await texting.desk.services.gate.append("twilio", {}, b"\n" + urlencode(webhook).encode(), 1)
    await texting.call(calls.Settle())
    there = {message.conversation_id for message in await texts(texting)}
    assert len(await texts(texting)) == 2 and len(there) == 1
    with pytest.raises(DeskError, match="window is closed"):
        await texting.reply(row.id, "now")
    assert await texting.status_of(held.id) is Status.HELD


async def test_the_notice_stays_known_when_its_answer_goes(texting: Office) -> None:
    row = await shop(texting)
    first, second = await hold(texting, row, "one"), await hold(texting, row, "two")
    [template_id] = [m.id for m in await texting.messages() if m.type == "template"]
    await texting.until_status(template_id, Status.ACCEPTED)
    await texting.call(calls.DiscardHeld(message_id=first.id))
    wamid = f"wamid.{texting.provider.sent[0].callback_data}"
    await texting.post(body(statuses=(status(wamid, "failed", code=131026),)))
    assert (await until_told(texting, row)).message.id == second.id


# ---- where there is no way ----------------------------------------------------------------------


async def test_why_no_sms(empty_office: Office) -> None:
    row = await shop(empty_office, "sms")
    await hold(empty_office, row, "one")
    assert "An administrator adds one" in (notice((await empty_office.timeline(row.id))[-1]) or "")
    inbox_id = await empty_office.add_sms_inbox()
    await empty_office.write("UPDATE identity SET unreachable_at = 1")
    empty_office.provider.answer = empty_office.provider.reject("21612", ErrorClass.RECIPIENT)
    await hold(empty_office, row, "two")  # unreachable on WhatsApp says nothing of SMS
    [sms] = await texts(empty_office)
    await empty_office.until_status(sms.id, Status.FAILED)
    await empty_office.write("UPDATE identity SET opted_out_at = 1 WHERE inbox_id = ?", inbox_id)
    await hold(empty_office, row, "three")
    assert "START first" in (notice((await empty_office.timeline(row.id))[-1]) or "")


async def test_without_a_number_there_is_no_sms(texting: Office) -> None:
    row = await shop(texting, "sms")
    await texting.write("UPDATE identity SET address = NULL, business_scoped_id = 'MX.abc123'")
    await texting.write("UPDATE user SET phone = NULL, phone_key = NULL")
    await hold(texting, row, "one")
    assert "Type it in their card" in (notice((await texting.timeline(row.id))[-1]) or "")
    assert await texting.rows("SELECT count(*) FROM conversation") == [(1,)]


async def test_the_inbox_that_the_settings_name_texts(texting: Office) -> None:
    await texting.add_sms_inbox("Avisos", "ACME")
    row = await shop(texting, "sms", fallback_sms_inbox="Avisos")
    await hold(texting, row, "one")
    assert [message.inbox for message in await texts(texting)] == ["Avisos"]
    told = [item.held.no_notice for item in await texting.timeline(row.id) if item.held]
    assert "they cannot answer" in told[0][0].message


async def test_it_still_does_under_another_name(texting: Office) -> None:
    second = await texting.add_sms_inbox("Avisos", "ACME")
    row = await shop(texting, "sms", fallback_sms_inbox="Avisos")
    await texting.call(
        calls.SaveInbox(inbox_id=second, name="Avisos MX", channel="sms_twilio", values={})
    )
    await hold(texting, row, "one")
    assert [message.inbox for message in await texts(texting)] == ["Avisos MX"]


async def test_a_name_that_no_inbox_has_says_so(texting: Office) -> None:
    with pytest.raises(DeskError, match="there are: SMS") as refused:
        await texting.add_inbox(fallback_sms_inbox="Nadie")
    assert refused.value.field == "fallback_sms_inbox"
    row = await shop(texting, "sms", fallback_sms_inbox="SMS")
    await texting.write("UPDATE inbox SET name = 'Avisos' WHERE name = 'SMS'")
    await hold(texting, row, "one")
    [item] = [item for item in await texting.timeline(row.id) if item.held is not None]
    assert item.held is not None and item.held.no_notice[0].values == {"name": "SMS"}


# ---- by hand ------------------------------------------------------------------------------------


async def test_an_sms_by_hand_goes_once_and_shows_in_both(texting: Office) -> None:
    row = await shop(texting, "ask")
    call = calls.TextCustomer(
        conversation_id=row.id, client_id="c-1", text="Llegó su pedido", author="Eva"
    )
    sent = await texting.call(call)
    assert (await texting.call(call)).id == sent.id
    await texting.until_status(sent.id, Status.ACCEPTED)
    notes = [item for item in await texting.timeline(row.id) if item.elsewhere is not None]
    assert [note.elsewhere.status for note in notes if note.elsewhere] == [Status.ACCEPTED]
    assert texting.provider.texts() == ["Llegó su pedido"]
    with pytest.raises(DeskError, match="goes by SMS already"):
        await texting.call(
            calls.TextCustomer(conversation_id=sent.conversation_id, client_id="c-2", text="x")
        )


async def test_consoles_hear_how_the_sms_fares(texting: Office) -> None:
    row = await shop(texting, "sms")
    texting.provider.answer = texting.provider.hang
    held = await hold(texting, row, "one")
    [sms] = await texts(texting)
    await texting.until_status(sms.id, Status.SENDING)
    [(before,)] = await texting.rows("SELECT max(seq) FROM event")
    texting.provider.release.set()
    await texting.until_status(sms.id, Status.ACCEPTED)
    shown = await texting.rows(
        "SELECT subject_id FROM event WHERE conversation_id = ? AND seq > ?", row.id, before
    )
    [note] = [item for item in await texting.timeline(row.id) if item.elsewhere is not None]
    assert {held.id, note.message.id} == {subject for (subject,) in shown}


async def test_she_writes_on_whatsapp_and_the_answer_goes(texting: Office) -> None:
    row = await shop(texting, "sms", held_undo_seconds=0)
    held = await hold(texting, row, "one")
    await texting.post(from_customer("wamid.now", ANA, at=5))
    await texting.until_status(held.id, Status.ACCEPTED)
    assert [item for item in await texting.timeline(row.id) if item.elsewhere is not None]
