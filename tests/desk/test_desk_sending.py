"""Sending: once, in order, again only where it is safe, and every doubt settled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from desk_kit import Office, Provider
from webhook_bodies import body, echo, from_customer, status

from vchat_tui.channels.base import Accepted, Capabilities, ErrorClass, Outcome, Outgoing, Unclear
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Content, Status, TemplateUse

ANA, BEN = "5215512345678", "34600111222"


async def test_a_double_enter_is_one_message(office: Office) -> None:
    chat = await office.conversation(ANA)
    first, second = await asyncio.gather(
        office.reply(chat.id, "hola", "enter"), office.reply(chat.id, "hola", "enter")
    )
    assert first.id == second.id
    await office.until_status(first.id, Status.ACCEPTED)
    again = await office.reply(chat.id, "hola", "enter")
    assert again.id == first.id
    assert office.provider.texts() == ["hola"]
    assert await office.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_what_goes_to_the_provider(office: Office) -> None:
    chat = await office.conversation(ANA)
    (question,) = await office.messages()
    sent = await office.reply(chat.id, "sí", "c-1", reply_to=question.id, author="eva")
    await office.until_status(sent.id, Status.ACCEPTED)
    (outgoing,) = office.provider.sent
    assert outgoing == Outgoing(
        content=Content(type="text", text="sí", reply_to=question.provider_id),
        callback_data="c-1:1",
        address=ANA,
    )
    (item,) = [item for item in await office.timeline(chat.id) if item.message.id == sent.id]
    assert item.message.author == "eva"
    assert item.message.provider_id == "wamid.c-1:1"
    assert item.quote == "hola"
    assert item.attempts == 1


async def test_each_conversation_in_order(office: Office) -> None:
    chats = [await office.conversation(address) for address in (ANA, BEN)]
    last = [
        await office.reply(chat.id, f"{chat.address} {turn}")
        for turn in range(12)
        for chat in chats
    ][-2:]
    for message in last:
        await office.until_status(message.id, Status.ACCEPTED)
    for address in (ANA, BEN):
        texts = [text for text in office.provider.texts() if text.startswith(address)]
        assert texts == [f"{address} {turn}" for turn in range(12)]


async def test_an_unknown_fate_holds_up_its_own_conversation_only(office: Office) -> None:
    ana, ben = [await office.conversation(address) for address in (ANA, BEN)]
    office.provider.answer = office.provider.silent
    doubtful = await office.reply(ana.id, "doubtful")
    await office.until_status(doubtful.id, Status.UNKNOWN)
    office.provider.answer = office.provider.accept
    behind = await office.reply(ana.id, "behind")
    other = await office.reply(ben.id, "other")
    await office.until_status(other.id, Status.ACCEPTED)
    assert office.provider.texts() == ["doubtful", "other"]
    shown = {item.message.text: item.message.status for item in await office.timeline(ana.id)}
    assert shown["behind"] is Status.QUEUED
    assert (await office.call(calls.GetCounts())).unknown == 1

    await office.call(calls.ConfirmArrived(message_id=doubtful.id))
    await office.until_status(behind.id, Status.ACCEPTED)
    assert office.provider.texts() == ["doubtful", "other", "behind"]
    assert await office.status_of(doubtful.id) is Status.SENT


async def test_a_status_with_our_data_settles_a_doubt(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.silent
    sent = await office.reply(chat.id, "did it?", "c")
    await office.until_status(sent.id, Status.UNKNOWN)
    await office.post(body(statuses=(status("wamid.real", "delivered", callback="c:1", at=9),)))
    (message,) = [message for message in await office.messages() if message.id == sent.id]
    assert message.status is Status.DELIVERED
    assert message.provider_id == "wamid.real"
    assert message.error is None
    assert await office.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_a_status_may_come_before_the_answer(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.hang
    sent = await office.reply(chat.id, "fast", "c")
    await office.until(lambda: office.provider.sent)
    await office.post(
        body(statuses=(status("wamid.c:1", "read", callback="c:1", at=3),)),
        body(statuses=(status("wamid.c:1", "sent", callback="c:1", at=1),)),
    )
    assert await office.status_of(sent.id) is Status.READ
    office.provider.release.set()
    await office.until(lambda: not office.desk.services.sender._tasks)
    assert await office.status_of(sent.id) is Status.READ


async def test_a_person_sends_a_doubtful_one_again(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.silent
    sent = await office.reply(chat.id, "did it?", "c")
    await office.until_status(sent.id, Status.UNKNOWN)
    with pytest.raises(DeskError, match="may deliver it twice"):
        await office.call(calls.Retry(message_id=sent.id))
    office.provider.answer = office.provider.accept
    await office.call(calls.Retry(message_id=sent.id, may_double=True))
    await office.until_status(sent.id, Status.ACCEPTED)
    assert [outgoing.callback_data for outgoing in office.provider.sent] == ["c:1", "c:2"]
    item = (await office.timeline(chat.id))[-1]
    assert item.attempts == 2


async def test_the_first_try_arrives_after_all_while_the_second_is_under_way(
    office: Office,
) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.silent
    sent = await office.reply(chat.id, "did it?", "c")
    await office.until_status(sent.id, Status.UNKNOWN)
    office.provider.answer = office.provider.hang
    await office.call(calls.Retry(message_id=sent.id, may_double=True))
    await office.until(lambda: len(office.provider.sent) == 2)
    await office.post(body(statuses=(status("wamid.one", "delivered", callback="c:1", at=9),)))
    assert await office.status_of(sent.id) is Status.DELIVERED
    office.provider.release.set()
    await office.until(lambda: not office.desk.services.sender._tasks)
    assert await office.status_of(sent.id) is Status.DELIVERED
    assert await office.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_a_late_answer_to_the_first_try_leaves_the_second_alone(office: Office) -> None:
    chat = await office.conversation(ANA)
    first, second = asyncio.Event(), asyncio.Event()

    async def slow(message: Outgoing) -> Outcome:
        if message.callback_data == "c:1":
            await first.wait()
            return Unclear(reason="too late")
        await second.wait()
        return Accepted(provider_id="wamid.two")

    office.provider.answer = lambda message, attempt: slow(message)
    sent = await office.reply(chat.id, "twice", "c")
    await office.until(lambda: office.provider.sent)
    await office.post(body(statuses=(status("wamid.one", "failed", callback="c:1", code=131000),)))
    assert await office.status_of(sent.id) is Status.FAILED
    await office.call(calls.Retry(message_id=sent.id))
    await office.until(lambda: len(office.provider.sent) == 2)
    first.set()
    await office.until(lambda: len(office.desk.services.sender._tasks) == 1)
    assert await office.status_of(sent.id) is Status.SENDING
    second.set()
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_a_failure_reported_later_can_be_sent_again(office: Office) -> None:
    chat = await office.conversation(ANA)
    sent = await office.reply(chat.id, "hola", "c")
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.post(body(statuses=(status("wamid.c:1", "failed", at=1, code=131026),)))
    (failed,) = await office.call(calls.ListFailed())
    assert failed.message.error.code == "131026"
    assert (await office.list())[0].last_status is Status.FAILED

    office.provider.answer = office.provider.hang
    await office.call(calls.Retry(message_id=sent.id))
    await office.until(lambda: len(office.provider.sent) == 2)
    # What comes late of the first try changes nothing ...
    await office.post(body(statuses=(status("wamid.c:1", "sent", at=0),)))
    assert await office.status_of(sent.id) is Status.SENDING
    office.provider.release.set()
    await office.until_status(sent.id, Status.ACCEPTED)
    (message,) = [message for message in await office.messages() if message.id == sent.id]
    assert message.provider_id == "wamid.c:2"
    assert message.error is None
    assert (await office.call(calls.GetCounts())).failed == 0


async def test_a_retry_that_waits_is_not_called_off_by_an_old_status(office: Office) -> None:
    chat = await office.conversation(ANA)
    sent = await office.reply(chat.id, "hola", "c")
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.post(body(statuses=(status("wamid.c:1", "failed", at=1, code=131026),)))
    await office.write('UPDATE inbox SET paused = \'{"code":"x"}\'')
    await office.call(calls.Retry(message_id=sent.id))
    await office.post(body(statuses=(status("wamid.c:1", "sent", at=0),)))
    assert await office.status_of(sent.id) is Status.QUEUED
    # ... but if it did arrive, it need not go again.
    await office.post(body(statuses=(status("wamid.c:1", "delivered", at=2),)))
    assert await office.status_of(sent.id) is Status.DELIVERED
    assert await office.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_delivered_and_failed_shows_both(office: Office) -> None:
    chat = await office.conversation(ANA)
    sent = await office.reply(chat.id, "hola", "c")
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.post(
        body(statuses=(status("wamid.c:1", "delivered", at=2),)),
        body(statuses=(status("wamid.c:1", "failed", at=3, code=131026),)),
    )
    (message,) = [message for message in await office.messages() if message.id == sent.id]
    assert message.status is Status.DELIVERED
    assert message.error is not None and message.error.code == "131026"


async def test_the_provider_says_how_it_writes_the_recipient(office: Office) -> None:
    """Its spelling and its id are those that the customer's webhooks will carry."""

    def answer(message: Outgoing, attempt: int) -> Outcome:
        return Accepted(
            provider_id="wamid.1", address="5215512345678", business_scoped_id="MX.1234"
        )

    office.provider.answer = answer
    row = await office.call(calls.StartConversation(inbox_id=1, address="+52 55 1234 5678"))
    content = Content(type="template", template=TemplateUse(name="hello", language="es"))
    sent = await office.call(calls.Send(conversation_id=row.id, client_id="c", content=content))
    assert office.provider.texts() == [] or office.provider.sent[0].address == "525512345678"
    await office.until_status(sent.id, Status.ACCEPTED)
    card = await office.call(calls.GetUser(user_id=sent.user_id))
    assert card.user.phone == "+5215512345678"
    assert card.user.last_seen_at is None
    (identity,) = card.identities
    assert (identity.address, identity.business_scoped_id) == ("5215512345678", "MX.1234")
    # The same person, now without a number.
    await office.post(from_customer("wamid.2", None, "hi", person="MX.1234", name="Ana"))
    (row,) = await office.list()
    assert (row.id, row.title, row.unread) == (sent.conversation_id, "Ana", 1)


async def test_an_answer_that_names_somebody_else_changes_nobody(office: Office) -> None:
    ana = await office.conversation(ANA)
    await office.post(from_customer("wamid.b", BEN, person="ES.77"))

    def answer(message: Outgoing, attempt: int) -> Outcome:
        return Accepted(provider_id="wamid.1", address=BEN, business_scoped_id="ES.77")

    office.provider.answer = answer
    sent = await office.reply(ana.id, "hola")
    await office.until_status(sent.id, Status.ACCEPTED)
    assert sorted(row.address or "" for row in await office.list()) == [BEN, ANA]
    card = await office.call(calls.GetUser(user_id=ana.user_id))
    assert card.identities[0].business_scoped_id is None


async def test_an_echo_of_our_own_message_is_not_a_second_one(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.hang
    sent = await office.reply(chat.id, "hola", "c")
    await office.until(lambda: office.provider.sent)
    await office.post(
        body(echoes=(echo("wamid.c:1", ANA, "hola"),)),
        body(statuses=(status("wamid.c:1", "delivered", at=2),)),
    )
    office.provider.release.set()
    await office.until_status(sent.id, Status.DELIVERED)
    await office.post(body(echoes=(echo("wamid.c:1", ANA, "hola"),)))
    texts = [message.text for message in await office.messages()]
    assert texts == ["hola", "hola"]  # the customer's, and ours
    assert (await office.messages())[-1].id == sent.id


async def test_what_was_written_on_the_phone_is_not_sent_from_here(office: Office) -> None:
    await office.post(
        body(echoes=(echo("wamid.e", ANA),)),
        body(statuses=(status("wamid.e", "failed", code=131026),)),
    )
    (message,) = await office.messages()
    assert message.status is Status.FAILED
    with pytest.raises(DeskError, match="phone app"):
        await office.call(calls.Retry(message_id=message.id))


async def test_only_failures_are_sent_again_and_only_doubts_confirmed(office: Office) -> None:
    chat = await office.conversation(ANA)
    sent = await office.reply(chat.id, "hola")
    await office.until_status(sent.id, Status.ACCEPTED)
    (inbound, _out) = await office.messages()
    for call, what in (
        (calls.Retry(message_id=sent.id), "Only a message that failed"),
        (calls.ConfirmArrived(message_id=sent.id), "Only a message of unknown fate"),
        (calls.Retry(message_id=inbound.id), "no longer there"),
        (calls.Retry(message_id=9999), "no longer there"),
        (calls.ConfirmArrived(message_id=9999), "no longer there"),
    ):
        with pytest.raises(DeskError, match=what):
            await office.call(call)


async def test_an_older_message_sent_again_does_not_overtake_one_under_way(
    office: Office,
) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.reject("131000", ErrorClass.REQUEST)
    first = await office.reply(chat.id, "first")
    await office.until_status(first.id, Status.FAILED)
    office.provider.answer = office.provider.hang
    second = await office.reply(chat.id, "second")
    await office.until(lambda: office.provider.texts() == ["first", "second"])
    await office.call(calls.Retry(message_id=first.id))
    await office.desk.services.sender._send_due()
    assert office.provider.texts() == ["first", "second"]
    office.provider.release.set()
    await office.until_status(first.id, Status.ACCEPTED)
    assert await office.status_of(second.id) is Status.ACCEPTED


async def test_settings_can_change_while_messages_go(office: Office) -> None:
    chats = [await office.conversation(f"3460011{number:04}") for number in range(5)]
    inbox = (await office.call(calls.ListInboxes()))[0]
    messages: list[Any] = []
    for turn in range(6):
        messages += [await office.reply(chat.id, f"{chat.id} {turn}") for chat in chats]
        await office.call(
            calls.SaveInbox(inbox_id=inbox.id, name=inbox.name, channel=inbox.channel,
                            values={"access_token": f"token-{turn}"})
        )  # fmt: skip
    for message in messages:
        await office.until_status(message.id, Status.ACCEPTED)
    assert len(office.provider.sent) == len(messages)


async def test_a_slow_number_is_not_hurried(tmp_path: Path) -> None:
    provider = Provider()
    provider.capabilities = Capabilities(
        max_text=100, sends_per_second=1000, per_person_interval=3600, per_person_burst=2
    )
    office = await Office.open(tmp_path / "home", provider)
    try:
        await office.add_inbox()
        chat = await office.conversation(ANA)
        sent = [await office.reply(chat.id, f"{number}") for number in range(4)]
        await office.until_status(sent[1].id, Status.ACCEPTED)
        pause = await office.desk.services.sender._send_due()
        assert pause is not None and 3600 < pause < 3 * 3600
        assert provider.texts() == ["0", "1"]
    finally:
        await office.close()
