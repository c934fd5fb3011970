"""Answers written while the window is closed: held, told of, released once the customer writes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk_kit import Office
from webhook_bodies import body, from_customer, status

from vchat_tui import window
from vchat_tui.channels.base import ErrorClass
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Content, Conversation, Message, Reaction, Status, TemplateUse
from vchat_tui.window import Window

ANA = "5215512345678"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY_S = 24 * 3600
TEMPLATE = Content(type="template", template=TemplateUse(name="hello", language="es"))


# ---- the window ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "ends", "refused", "state", "may"),
    [
        (None, None, False, Window.ALWAYS, True),
        (24, None, False, Window.NEVER, False),
        (24, timedelta(hours=24), False, Window.OPEN, True),
        (24, timedelta(minutes=2, seconds=1), False, Window.OPEN, True),
        (24, timedelta(minutes=2), False, Window.OVER, False),
        (24, timedelta(minutes=-1), False, Window.OVER, False),
        (24, None, True, Window.REFUSED, False),
    ],
)
def test_how_a_window_stands(
    hours: int | None, ends: timedelta | None, refused: bool, state: Window, may: bool
) -> None:
    row = Conversation(
        id=1, user_id=1, inbox_id=1, inbox="V", channel="whatsapp_cloud", title="Ana",
        window_ends_at=None if ends is None else NOW + ends, window_refused=refused,
    )  # fmt: skip
    assert window.state(row, hours, NOW) is state
    assert window.allows_text(row, hours, NOW) is may


async def closed(office: Office) -> Conversation:
    """A conversation whose customer wrote more than a day ago."""
    await office.post(from_customer("wamid.old", ANA, at=-DAY_S))
    (row,) = await office.list()
    return row


async def hold(office: Office, row: Conversation, text: str, **more: Any) -> Message:
    found: Message = await office.call(
        calls.Hold(
            conversation_id=row.id, client_id=more.pop("client_id", text),
            content=Content(type="text", text=text), author="Clara", **more,
        )
    )  # fmt: skip
    return found


async def test_free_text_outside_the_window_is_refused_and_says_what_to_do(office: Office) -> None:
    row = await closed(office)
    with pytest.raises(DeskError, match="24-hour window is closed"):
        await office.reply(row.id, "late")
    reaction = Reaction(message_id="wamid.old", emoji="👍")
    for content in (TEMPLATE, Content(type="reaction", reaction=reaction)):
        await office.call(
            calls.Send(conversation_id=row.id, client_id=content.type, content=content)
        )
    sent = [message.type for message in await office.messages(conversation_id=row.id)]
    assert sent == ["text", "template", "reaction"]


@pytest.mark.parametrize("by_webhook", [False, True])
async def test_the_providers_word_beats_our_clock(office: Office, by_webhook: bool) -> None:
    row = await office.conversation(ANA)
    if by_webhook:
        sent = await office.reply(row.id, "hola")
        await office.until_status(sent.id, Status.ACCEPTED)
        await office.post(body(statuses=(status("wamid.hola:1", "failed", code=131047),)))
    else:
        office.provider.answer = office.provider.reject("131047", ErrorClass.WINDOW)
        sent = await office.reply(row.id, "hola")
        await office.until_status(sent.id, Status.FAILED)
        office.provider.answer = office.provider.accept
    (row,) = await office.list()
    assert row.window_refused
    with pytest.raises(DeskError, match="window is closed"):
        await office.reply(row.id, "again")
    with pytest.raises(DeskError, match="window is closed"):
        await office.call(calls.Retry(message_id=sent.id))
    # What they wrote earlier opens nothing; what they write now does.
    await office.post(from_customer("wamid.older", ANA, at=-60))
    assert (await office.list())[0].window_refused
    await office.post(from_customer("wamid.newer", ANA, at=60))
    (row,) = await office.list()
    assert row.window_ends_at is not None and not row.window_refused
    await office.reply(row.id, "at last")


async def test_the_first_window_to_close_is_on_top(office: Office) -> None:
    people = [f"52155123456{number}" for number in range(10, 15)]
    for number, person in enumerate(people):
        await office.post(from_customer(f"wamid.{person}", person, at=-(number * 7 % 5) * 3600))
    await office.post(from_customer("wamid.late", "5215512345699", at=-DAY_S))
    rows = await office.list(closing=True)
    ends = [row.window_ends_at for row in rows]
    assert len(rows) == len(people) and ends == sorted(ends, key=lambda end: end or NOW)
    wanted = calls.ConversationFilter(closing=True)
    places = [
        await office.call(calls.LocateConversation(conversation_id=row.id, filter=wanted))
        for row in rows
    ]
    assert places == list(range(len(rows)))
    page = await office.call(calls.ListConversations(filter=wanted, offset=2, limit=2))
    assert [row.id for row in page.rows] == [row.id for row in rows[2:4]]


# ---- holding ------------------------------------------------------------------------------------


async def no_undo(office: Office, **more: object) -> None:
    """Held answers go at once."""
    (inbox,) = await office.call(calls.ListInboxes())
    values = {"phone_number_id": inbox.settings["phone_number_id"], "held_undo_seconds": 0} | more
    await office.call(
        calls.SaveInbox(inbox_id=inbox.id, name=inbox.name, channel=inbox.channel, values=values)
    )


async def test_held_answers_go_in_order_once_the_customer_writes(office: Office) -> None:
    await no_undo(office)
    row = await closed(office)
    first, second = await hold(office, row, "one"), await hold(office, row, "two")
    assert (await hold(office, row, "one")).id == first.id, "a double Enter is one message"
    assert [first.status, second.status] == [Status.HELD, Status.HELD]
    assert office.provider.texts() == []
    await office.post(from_customer("wamid.now", ANA, "I am here", at=5))
    await office.until_status(second.id, Status.ACCEPTED)
    assert office.provider.texts() == ["one", "two"]
    texts = [item.message.text for item in await office.timeline(row.id)]
    assert texts == ["hola", "I am here", "one", "two"], "they stand where they went"
    await office.post(from_customer("wamid.now", ANA, "I am here", at=5))
    assert office.provider.texts() == ["one", "two"]


async def test_while_the_window_is_open_holding_is_sending(office: Office) -> None:
    row = await office.conversation(ANA)
    sent = await hold(office, row, "at once")
    await office.until_status(sent.id, Status.ACCEPTED)


async def test_there_is_a_moment_to_take_it_back_or_change_it(office: Office) -> None:
    row = await closed(office)
    back, change, goes = [await hold(office, row, text) for text in ("back", "change", "goes")]
    await office.post(from_customer("wamid.now", ANA, at=5))
    (item,) = [i for i in await office.timeline(row.id) if i.message.id == goes.id]
    assert item.held is not None and item.held.release_at is not None
    await office.call(calls.TakeBackHeld(message_id=back.id))
    await office.call(calls.SaveDraft(conversation_id=row.id, text="typed"))
    draft = await office.call(calls.EditHeld(message_id=change.id))
    assert (draft.text, draft.cursor) == ("change\ntyped", (1, 5))
    assert (await office.call(calls.GetDraft(conversation_id=row.id))).text == "change\ntyped"
    await office.write("UPDATE held SET release_at = 1 WHERE release_at IS NOT NULL")
    await office.until_status(goes.id, Status.ACCEPTED)
    assert office.provider.texts() == ["goes"]
    texts = {item.message.text for item in await office.timeline(row.id)}
    assert texts == {"hola", "back", "goes"}
    await office.call(calls.SendHeld(message_id=back.id))
    await office.until_status(back.id, Status.ACCEPTED)
    with pytest.raises(DeskError, match="not held any more"):
        await office.call(calls.SendHeld(message_id=back.id))


async def test_an_old_answer_asks_first(office: Office) -> None:
    row = await closed(office)
    held = await hold(office, row, "old news")
    await office.write("UPDATE held SET held_at = held_at - ?", 8 * DAY_S * 1000)
    await office.post(from_customer("wamid.now", ANA, at=5))
    (item,) = [i for i in await office.timeline(row.id) if i.message.id == held.id]
    assert item.held is not None and (item.held.asks, item.held.release_at) == ("stale", None)
    await office.call(calls.DiscardHeld(message_id=held.id))
    assert [i.message.text for i in await office.timeline(row.id)] == ["hola", "hola"]


async def test_what_became_wrong_meanwhile_waits_again(office: Office) -> None:
    row = await closed(office)
    held = await hold(office, row, "later")
    await office.post(from_customer("wamid.now", ANA, at=5))
    await office.write("UPDATE conversation SET window_ends_at = 1")
    await office.write("UPDATE held SET release_at = 1")
    while (await office.rows("SELECT release_at FROM held"))[0][0] is not None:
        await asyncio.sleep(0.002)
    assert await office.status_of(held.id) is Status.HELD
    await office.write("UPDATE conversation SET window_ends_at = NULL")
    await office.post(from_customer("wamid.then", ANA, at=6))
    await office.call(calls.SendHeld(message_id=held.id))
    await office.until_status(held.id, Status.ACCEPTED)


async def test_what_the_provider_refused_can_be_held(office: Office) -> None:
    row = await office.conversation(ANA)
    office.provider.answer = office.provider.reject("131047", ErrorClass.WINDOW)
    sent = await office.reply(row.id, "hola")
    await office.until_status(sent.id, Status.FAILED)
    office.provider.answer = office.provider.accept
    await office.call(calls.HoldFailed(message_id=sent.id))
    assert await office.status_of(sent.id) is Status.HELD
    await office.post(from_customer("wamid.newer", ANA, at=60))
    await office.call(calls.SendHeld(message_id=sent.id))
    await office.until_status(sent.id, Status.ACCEPTED)


# ---- the ladder ---------------------------------------------------------------------------------


def notice(item: Any) -> str | None:
    return " ".join(reason.message for reason in item.held.no_notice) if item.held else None


@pytest.mark.parametrize(
    ("ladder", "reason"),
    [
        ("ask", "asks you to decide"),
        ("sms", "no SMS number"),
        ("template", "no fallback template"),
        ("template_then_sms", "no fallback template"),
    ],
)
async def test_why_the_customer_was_told_nothing(office: Office, ladder: str, reason: str) -> None:
    await no_undo(office, fallback=ladder)
    row = await closed(office)
    await hold(office, row, "one")
    said = notice((await office.timeline(row.id))[-1])
    assert said is not None and reason in said
