"""What every desk does, be it here or at the other end of a link."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from memory_desk import LocalDesk, MemoryDesk

from vchat_tui.desk.calls import (
    Desk,
    DeskError,
    GetConversation,
    GetCounts,
    GetServerSettings,
    ListInboxes,
    ListMessages,
    LocateConversation,
    Reply,
    SaveDraft,
    Settle,
)
from vchat_tui.events import CountsChanged, MessageChanged
from vchat_tui.models import Counts, Status


@pytest.fixture(params=["local", "remote"])
async def any_desk(request: pytest.FixtureRequest, desk: MemoryDesk, serve, attach) -> Desk:
    if request.param == "local":
        return LocalDesk(desk)
    await serve()
    return await attach()


def reply(text: str, conversation_id: int = 7, client_id: str = "") -> Reply:
    return Reply(conversation_id=conversation_id, client_id=client_id or text, text=text)


async def test_answers_have_the_declared_type(any_desk: Desk) -> None:
    assert await any_desk.call(GetCounts()) == Counts()
    assert (await any_desk.call(GetConversation(conversation_id=3))).title == "Ana"
    assert await any_desk.call(LocateConversation(conversation_id=3)) is None
    assert await any_desk.call(SaveDraft(conversation_id=3, text="hola")) is None
    sent = await any_desk.call(reply("hola"))
    assert sent.status is Status.QUEUED
    assert await any_desk.call(ListMessages(conversation_id=7)) == (sent,)
    assert await any_desk.call(ListMessages(conversation_id=8)) == ()


async def test_text_arrives_as_it_is(any_desk: Desk) -> None:
    text = "\x1b]0;x\x07 \u202e \u2028 “ñ” 🎈\x00\n\\u0041"
    assert (await any_desk.call(reply(text))).text == text
    settings = await any_desk.call(GetServerSettings())
    assert settings == {"public_url": None, "text": "\x1b[31m ñ 🎈 \u2028"}


async def test_a_refusal_says_what_is_wrong(any_desk: Desk) -> None:
    with pytest.raises(DeskError) as caught:
        await any_desk.call(ListInboxes())
    assert caught.value.message == "“{what}” is not for today"
    assert caught.value.values == {"what": "ListInboxes"}
    assert caught.value.field == "what"
    assert str(caught.value) == "“ListInboxes” is not for today"
    with pytest.raises(DeskError, match="There is no conversation 5000"):
        await any_desk.call(GetConversation(conversation_id=5000))


async def test_the_same_client_id_is_one_message(any_desk: Desk, desk: MemoryDesk) -> None:
    first = await any_desk.call(reply("once", client_id="a"))
    second = await any_desk.call(reply("once", client_id="a"))
    assert first == second
    assert len(desk.messages) == 1


async def test_a_slow_call_holds_up_no_other(any_desk: Desk, desk: MemoryDesk) -> None:
    slow = asyncio.create_task(any_desk.call(Settle()))
    await any_desk.call(GetCounts())
    assert not slow.done()
    desk.gate.set()
    assert await slow is None


async def test_the_first_frame_asks_for_a_snapshot(any_desk: Desk, desk: MemoryDesk) -> None:
    await any_desk.call(reply("before"))
    async with aclosing(any_desk.follow()) as frames:
        first = await anext(frames)
        assert first.resync
        assert first.seq == desk.seq


async def test_events_follow_in_order(any_desk: Desk) -> None:
    await any_desk.watch(7)
    seen: list[str] = []
    numbers: list[int] = []
    async with aclosing(any_desk.follow()) as frames:
        while not (await anext(frames)).resync:
            pass
        for number in range(20):
            await any_desk.call(reply(f"text {number}"))
        while len(seen) < 20:
            frame = await anext(frames)
            numbers.append(frame.seq)
            seen += [
                str(event.item.message.text)
                for event in frame.events
                if isinstance(event, MessageChanged)
            ]
    assert seen == [f"text {number}" for number in range(20)]
    assert numbers == sorted(numbers)


async def test_only_the_watched_conversation_carries_messages(any_desk: Desk) -> None:
    async with aclosing(any_desk.follow()) as frames:
        await anext(frames)
        await any_desk.watch(2)
        await any_desk.call(reply("elsewhere", conversation_id=1))
        await any_desk.call(reply("here", conversation_id=2))
        await any_desk.watch(None)
        await any_desk.call(reply("not here any more", conversation_id=2))
        seen: list[str] = []
        counts = 0
        while counts < 3:
            for event in (await anext(frames)).events:
                if isinstance(event, MessageChanged):
                    seen.append(str(event.item.message.text))
                if isinstance(event, CountsChanged):
                    counts = event.counts.unread_messages
    assert seen == ["here"]
