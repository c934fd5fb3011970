"""When a send does not go well: tried again, refused, stopped in the middle."""

from __future__ import annotations

import pytest
from desk_kit import Office
from webhook_bodies import body, from_customer, status

from vchat_tui.channels.base import ErrorClass, Outcome, Outgoing
from vchat_tui.desk import calls
from vchat_tui.desk.outbound import MAX_ATTEMPTS, backoff
from vchat_tui.models import Status
from vchat_tui.store.times import now_ms

ANA, BEN = "5215512345678", "34600111222"


async def test_what_never_left_goes_again_five_times(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.unreachable
    sent = await office.reply(chat.id, "hola", "c")
    for tries in range(1, MAX_ATTEMPTS + 1):
        await office.until(lambda tries=tries: len(office.provider.sent) == tries)
        if tries < MAX_ATTEMPTS:
            await office.until_status(sent.id, Status.QUEUED)
            ((next_at,),) = await office.rows("SELECT next_at FROM outbox")
            assert next_at > now_ms()
            await office.no_waiting()
    await office.until_status(sent.id, Status.FAILED)
    assert len(office.provider.sent) == MAX_ATTEMPTS
    (item,) = await office.call(calls.ListFailed())
    assert item.attempts == MAX_ATTEMPTS
    assert item.message.error.code == "not_sent"
    # A person may try again, with five tries more.
    office.provider.answer = office.provider.accept
    await office.call(calls.Retry(message_id=sent.id))
    await office.until_status(sent.id, Status.ACCEPTED)


def test_the_pause_grows_and_is_spread() -> None:
    for attempt, longest in ((1, 4), (2, 16), (3, 64), (4, 256), (5, 300)):
        pauses = {backoff(attempt) for _ in range(50)}
        assert len(pauses) > 40
        assert min(pauses) >= 1
        assert longest / 2 < max(pauses) <= longest


async def test_the_next_try_comes_by_itself_with_others_behind(office: Office) -> None:
    chat = await office.conversation(ANA)
    answers = [office.provider.reject("131000", ErrorClass.TRANSIENT, retry=0.05)]
    office.provider.answer = lambda message, attempt: (
        answers.pop()(message, attempt) if answers else office.provider.accept(message, attempt)
    )
    messages = [await office.reply(chat.id, f"{number}") for number in range(3)]
    await office.until_status(messages[-1].id, Status.ACCEPTED)
    assert office.provider.texts() == ["0", "0", "1", "2"]


@pytest.mark.parametrize(
    ("error_class", "retry"),
    [(ErrorClass.RATE, 60.0), (ErrorClass.PAIR, 6.0), (ErrorClass.TRANSIENT, 3600.0)],
)
async def test_limits_of_the_provider_are_waited_for(
    office: Office, error_class: ErrorClass, retry: float
) -> None:
    chat, other = [await office.conversation(address) for address in (ANA, BEN)]
    refuse = office.provider.reject("131056", error_class, retry=retry)
    office.provider.answer = lambda message, attempt: (
        refuse(message, attempt) if message.address == ANA else office.provider.accept(message, 1)
    )
    sent = await office.reply(chat.id, "slow down")
    await office.until(lambda: office.provider.sent)
    await office.until_status(sent.id, Status.QUEUED)
    ((next_at, changed_at),) = await office.rows("SELECT next_at, changed_at FROM outbox")
    assert abs(next_at - changed_at - retry * 1000) < 1000
    fine = await office.reply(other.id, "fine")
    await office.until_status(fine.id, Status.ACCEPTED)
    office.provider.answer = office.provider.accept
    await office.no_waiting()
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_what_is_refused_for_good_fails_at_once(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.reject("131047", ErrorClass.WINDOW)
    sent = await office.reply(chat.id, "too late")
    behind = await office.reply(chat.id, "behind")
    await office.until_status(behind.id, Status.FAILED)
    assert await office.status_of(sent.id) is Status.FAILED
    assert office.provider.texts() == ["too late", "behind"]
    error = (await office.messages())[-1].error
    assert error is not None and (error.code, error.title) == ("131047", "no")


async def test_a_bad_token_stops_the_inbox_until_there_is_a_new_one(office: Office) -> None:
    numbers = [f"3460011{number:04}" for number in range(40)]
    await office.post(*(from_customer(f"wamid.{number}", number) for number in numbers))
    office.provider.answer = office.provider.reject("190", ErrorClass.AUTH, pauses=True)
    rows = await office.list()
    messages = [await office.reply(row.id, f"to {row.address}") for row in rows]
    await office.until(lambda: office.provider.sent)
    await office.until(lambda: not office.desk.services.sender._tasks)
    refused = len(office.provider.sent)
    assert refused <= 3
    (inbox,) = await office.call(calls.ListInboxes())
    assert inbox.paused.code == "190"
    seen = (await office.call(calls.GetDiagnostics())).inboxes[0]
    assert (seen.queued, seen.failed, seen.unknown) == (40, 0, 0)
    await office.no_waiting()
    await office.reply(rows[0].id, "one more")
    assert len(office.provider.sent) == refused

    office.provider.answer = office.provider.accept
    await office.call(
        calls.SaveInbox(
            inbox_id=inbox.id, name=inbox.name, channel=inbox.channel,
            values={"access_token": "better"},
        )
    )  # fmt: skip
    for message in messages:
        await office.until_status(message.id, Status.ACCEPTED)
    assert set(office.provider.tokens[refused:]) == {"better"}
    await office.until(lambda: len(office.provider.sent) == refused + 41)
    assert set(office.provider.texts()[refused:]) == {m.text for m in messages} | {"one more"}


async def test_an_admin_resumes_without_changing_anything(office: Office) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.reject("190", ErrorClass.AUTH, pauses=True)
    sent = await office.reply(chat.id, "hola")
    await office.until(lambda: office.provider.sent)
    await office.until_status(sent.id, Status.QUEUED)
    office.provider.answer = office.provider.accept
    inbox = (await office.call(calls.ListInboxes()))[0]
    assert inbox.paused is not None
    assert (await office.call(calls.ResumeInbox(inbox_id=inbox.id))).paused is None
    await office.until_status(sent.id, Status.ACCEPTED)


@pytest.mark.parametrize("grace", [0.0, 5.0])
async def test_a_stop_in_mid_send(office: Office, grace: float) -> None:
    chat = await office.conversation(ANA)
    office.provider.answer = office.provider.hang
    sent = await office.reply(chat.id, "in the air", "c")
    behind = await office.reply(chat.id, "behind")
    await office.until(lambda: office.provider.sent)
    if grace:
        office.provider.release.set()
    await office.close(grace)
    await office.start()
    office.provider.answer = office.provider.accept
    if grace:
        await office.until_status(behind.id, Status.ACCEPTED)
        assert office.provider.texts() == ["in the air", "behind"]
        return
    await office.until_status(sent.id, Status.UNKNOWN)
    item = (await office.call(calls.ListFailed()))[0]
    assert item.message.error.code == "unclear"
    assert office.provider.texts() == ["in the air"]
    await office.post(body(statuses=(status("wamid.x", "sent", callback="c:1"),)))
    await office.until_status(behind.id, Status.ACCEPTED)
    assert await office.status_of(sent.id) is Status.SENT


async def test_a_server_that_dies_while_it_sends(office: Office) -> None:
    """Of the dying process only the claims are on the disk; statuses settle what they were."""
    chats = [await office.conversation(f"3460011{number:04}") for number in range(10)]
    office.provider.answer = office.provider.hang
    flying = [await office.reply(chat.id, f"{chat.id}") for chat in chats]
    await office.until(lambda: len(office.provider.sent) == 10)
    behind = [await office.reply(chat.id, f"after {chat.id}") for chat in chats]
    await office.close(grace=0)
    office.provider.answer = office.provider.accept
    await office.start()
    for message in flying:
        await office.until_status(message.id, Status.UNKNOWN)
    assert len(office.provider.sent) == 10
    assert (await office.call(calls.GetCounts())).unknown == 10
    await office.post(
        *(body(statuses=(status(f"w{m.id}", "delivered", callback=f"{m.text}:1"),)) for m in flying)
    )
    for message in behind:
        await office.until_status(message.id, Status.ACCEPTED)
    assert {await office.status_of(message.id) for message in flying} == {Status.DELIVERED}
    assert len(set(office.provider.texts())) == len(office.provider.sent) == 20


async def test_a_broken_channel_is_a_doubt_and_stops_nobody(office: Office) -> None:
    chat, other = [await office.conversation(address) for address in (ANA, BEN)]

    def broken(message: Outgoing, attempt: int) -> Outcome:
        if message.address == ANA:
            raise RuntimeError("a bug")
        return office.provider.accept(message, attempt)

    office.provider.answer = broken
    sent = await office.reply(chat.id, "hola")
    fine = await office.reply(other.id, "fine")
    await office.until_status(sent.id, Status.UNKNOWN)
    await office.until_status(fine.id, Status.ACCEPTED)
