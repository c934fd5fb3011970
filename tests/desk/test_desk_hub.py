"""What consoles hear: numbered, complete, and never more than they can take.

A console of these tests keeps what it read at the start and changes it by events alone; after
each thing that happens it must equal what a fresh console would read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, get_args

import pytest
from desk_kit import Office
from webhook_bodies import (
    OTHER_NUMBER,
    body,
    edit_message,
    from_customer,
    moved_message,
    of_changes,
    reaction_message,
    revoke_message,
    status,
    text_message,
)

from vchat_tui import events
from vchat_tui.broadcast_models import BroadcastContent
from vchat_tui.channels.base import ErrorClass
from vchat_tui.desk import calls, hub
from vchat_tui.desk.hub import Subscription
from vchat_tui.events import Frame
from vchat_tui.models import Content, Conversation, Counts, Folder, Status, TimelineItem
from vchat_tui.store import changes

ANA, BEN = "5215512345678", "34600111222"


class Console:
    """A console's model: a snapshot, and the events since."""

    def __init__(self, office: Office, watching: int | None) -> None:
        self.office = office
        self.watching = watching
        self.subscription: Subscription = office.desk.services.hub.subscribe()
        self.subscription.watch(watching)
        self.frames: list[Frame] = []
        self.heard: set[str] = set()
        self.conversations: dict[int, Conversation] = {}
        self.items: dict[int, TimelineItem] = {}
        self.counts = Counts()
        self.read: dict[str, Any] = {}

    async def start(self) -> Console:
        """Takes the first frame, which asks for the snapshot."""
        first = await self.subscription.next()
        assert first.resync
        self.frames.append(first)
        await self.take_snapshot()
        return self

    async def take_snapshot(self) -> None:
        """Reads everything that is shown."""
        fresh = await self.fresh()
        self.conversations, self.items, self.counts = fresh[:3]
        self.read = fresh[3]

    async def fresh(self) -> tuple[Any, ...]:
        """What a console would read that starts now."""
        rows = {row.id: row for folder in Folder for row in await self.office.list(folder=folder)}
        items = await self.office.timeline(self.watching) if self.watching else ()
        return (
            rows,
            {item.message.id: item for item in items},
            await self.office.call(calls.GetCounts()),
            {name: await read(self.office) for name, read in READ.items()},
        )

    async def follow(self) -> None:
        """Applies events until all that has happened is in."""
        newest = (await self.office.rows("SELECT max(seq) FROM event"))[0][0] or 0
        while self.frames[-1].seq < newest:
            frame = await self.subscription.next()
            assert frame.seq > self.frames[-1].seq
            self.frames.append(frame)
            if frame.resync:
                await self.take_snapshot()
            for event in frame.events:
                self.heard.add(type(event).__name__)
                await self.apply(event)

    async def apply(self, event: events.AnyEvent) -> None:
        """What a console does with an event."""
        match event:
            case events.MessageChanged(item=item):
                if item.message.conversation_id == self.watching:
                    self.items[item.message.id] = item
            case events.MessageGone(message_id=gone):
                self.items.pop(gone, None)
            case events.ConversationChanged(conversation=row):
                self.conversations[row.id] = row
            case events.ConversationGone(conversation_id=gone):
                self.conversations.pop(gone, None)
                if gone == self.watching:
                    self.items = {}
            case events.ManyChanged():
                await self.take_snapshot()
            case events.CountsChanged(counts=counts):
                self.counts = counts
            case _:
                for name in READ:
                    if name == type(event).__name__:
                        self.read[name] = await READ[name](self.office)

    async def equals_a_fresh_one(self) -> None:
        """Compares with what is there now."""
        await self.follow()
        rows, items, counts, read = await self.fresh()
        assert self.conversations == rows
        assert self.items == items
        assert self.counts == counts
        assert self.read == read


async def _users(office: Office) -> Any:
    page = await office.call(calls.ListUsers(limit=500))
    # When somebody was last seen goes with every message, and is read when a user is opened.
    return [(user.id, user.name, user.phone, user.email, user.conversations) for user in page.rows]


async def _inboxes(office: Office) -> Any:
    return (
        await office.call(calls.ListInboxes()),
        await office.call(calls.GetServerSettings()),
    )


async def _diagnostics(office: Office) -> Any:
    return [
        (webhook.id, webhook.state, webhook.error)
        for webhook in await office.call(calls.ListWebhooks(state="dead", limit=500))
    ], [item.message.id for item in await office.call(calls.ListFailed())]


async def _templates(office: Office) -> Any:
    return await office.call(calls.ListTemplates(inbox_id=1))


async def _broadcasts(office: Office) -> Any:
    return await office.call(calls.ListBroadcasts())


async def _agents(office: Office) -> Any:
    return await office.call(calls.ListAgents())


READ: dict[str, Callable[[Office], Awaitable[Any]]] = {
    "UserChanged": _users,
    "InboxesChanged": _inboxes,
    "DiagnosticsChanged": _diagnostics,
    "TemplatesChanged": _templates,
    "BroadcastsChanged": _broadcasts,
    "AgentsChanged": _agents,
}


@pytest.fixture
async def ana(office: Office) -> Conversation:
    return await office.conversation(ANA)


@pytest.fixture
async def console(office: Office, ana: Conversation) -> AsyncIterator[Console]:
    while office.desk.services.hub.seq < await office.desk.services.core.store.read(
        changes.last_seq
    ):
        await asyncio.sleep(0.01)  # what came before the console is no news to it
    console = await Console(office, ana.id).start()
    yield console
    await console.equals_a_fresh_one()
    console.subscription.close()


async def message_arrives(office: Office, ana: Conversation) -> None:
    await office.post(from_customer("wamid.m", ANA, "new", name="Ana", at=50))


async def reply_goes(office: Office, ana: Conversation) -> None:
    sent = await office.reply(ana.id, "hola", "c")
    await office.until_status(sent.id, Status.ACCEPTED)
    await office.post(body(statuses=(status("wamid.c:1", "read"),)))


async def message_is_edited(office: Office, ana: Conversation) -> None:
    first = (await office.messages())[0].provider_id or ""
    await office.post(
        body(messages=(reaction_message("wamid.r", ANA, first, "👍", at=5),)),
        body(messages=(edit_message("wamid.e", ANA, first, "better", at=6),)),
        body(messages=(revoke_message("wamid.x", ANA, first, at=7),)),
    )


async def quoted_message_comes_late(office: Office, ana: Conversation) -> None:
    await office.post(
        body(messages=(text_message("wamid.q", ANA, "as I said", at=9, quotes="wamid.late"),))
    )
    await office.told()
    await office.post(body(messages=(text_message("wamid.late", ANA, "said before", at=8),)))


async def halves_are_merged(office: Office, ana: Conversation) -> None:
    await office.post(from_customer("wamid.id", None, "by id", person="MX.1", name="Ana", at=3))
    await office.told()
    await office.post(from_customer("wamid.both", ANA, "both", person="MX.1", at=4))


async def draft_is_saved(office: Office, ana: Conversation) -> None:
    await office.call(calls.SaveDraft(conversation_id=ana.id, text="dra"))


async def row_is_read_and_moved(office: Office, ana: Conversation) -> None:
    await office.call(calls.MarkRead(conversation_id=ana.id))
    await office.call(calls.MarkUnread(conversation_id=ana.id))
    await office.call(calls.MoveConversation(conversation_id=ana.id, folder=Folder.TRASH))


async def user_is_renamed(office: Office, ana: Conversation) -> None:
    await office.call(calls.SaveUser(user_id=ana.user_id, name="Tía Ana", email="a@example.com"))


async def user_renames_themselves(office: Office, ana: Conversation) -> None:
    await office.add_second_inbox()
    await office.post(from_customer("wamid.o", ANA, number=OTHER_NUMBER, name="Ana", at=70))
    await office.post(from_customer("wamid.n", ANA, name="Ana María", at=80))


async def number_changes(office: Office, ana: Conversation) -> None:
    await office.post(body(messages=(moved_message("wamid.s", ANA, to=BEN, at=5),)))


async def inbox_is_added_and_paused(office: Office, ana: Conversation) -> None:
    await office.add_second_inbox()
    office.provider.answer = office.provider.reject("190", ErrorClass.AUTH, pauses=True)
    sent = await office.reply(ana.id, "hola")
    while not (await office.call(calls.ListInboxes()))[1].paused:
        await asyncio.sleep(0.002)
    await office.until_status(sent.id, Status.QUEUED)


async def settings_change(office: Office, ana: Conversation) -> None:
    await office.call(calls.SaveServerSettings(values={"public_url": "https://chat.example.com"}))


async def template_is_paused(office: Office, ana: Conversation) -> None:
    told = {"event": "PAUSED", "message_template_name": "hi", "message_template_language": "en"}
    await office.post(of_changes({"field": "message_template_status_update", "value": told}))


async def webhook_dies(office: Office, ana: Conversation) -> None:
    await office.post(b"rubbish", from_customer("wamid.z", BEN, number="999999999"))


async def send_fails(office: Office, ana: Conversation) -> None:
    office.provider.answer = office.provider.reject("131026", ErrorClass.RECIPIENT)
    sent = await office.reply(ana.id, "hola")
    await office.until_status(sent.id, Status.FAILED)


async def doubt_is_settled(office: Office, ana: Conversation) -> None:
    office.provider.answer = office.provider.silent
    sent = await office.reply(ana.id, "hola")
    await office.until_status(sent.id, Status.UNKNOWN)
    await office.call(calls.ConfirmArrived(message_id=sent.id))


async def broadcast_is_made(office: Office, ana: Conversation) -> None:
    made = await office.call(
        calls.CreateBroadcast(
            client_id="b",
            inbox_id=ana.inbox_id,
            name="Navidad",
            content=BroadcastContent(text="¡Hola!"),
        )
    )
    await office.call(calls.CancelBroadcast(broadcast_id=made.id))


async def held_answer_is_discarded(office: Office, ana: Conversation) -> None:
    await office.write("UPDATE conversation SET window_ends_at = NULL")
    content = Content(type="text", text="later")
    call = calls.Hold(conversation_id=ana.id, client_id="h", content=content)
    held = await office.call(call)
    await office.told()
    await office.call(calls.DiscardHeld(message_id=held.id))
    await office.post(from_customer("wamid.then", ANA, at=9))


async def many_write(office: Office, ana: Conversation) -> None:
    people = [f"3469900{number:04}" for number in range(hub.MANY + 20)]
    await office.post(
        body(messages=tuple(text_message(f"wamid.{person}", person) for person in people))
    )


async def agent_is_renamed(office: Office, ana: Conversation) -> None:
    agent = await office.call(calls.SaveAgent(name="Eva"))
    await office.call(calls.AssignAgent(conversation_id=ana.id, agent_id=agent.id))
    await office.told()
    await office.call(calls.SaveAgent(agent_id=agent.id, name="Eva María"))


HAPPENINGS: list[tuple[Callable[[Office, Conversation], Awaitable[None]], str]] = [
    (message_arrives, "MessageChanged"),
    (reply_goes, "MessageChanged"),
    (message_is_edited, "MessageChanged"),
    (quoted_message_comes_late, "MessageChanged"),
    (halves_are_merged, "ConversationGone"),
    (draft_is_saved, "ConversationChanged"),
    (row_is_read_and_moved, "ConversationChanged"),
    (user_is_renamed, "UserChanged"),
    (user_renames_themselves, "UserChanged"),
    (number_changes, "UserChanged"),
    (inbox_is_added_and_paused, "InboxesChanged"),
    (settings_change, "InboxesChanged"),
    (template_is_paused, "TemplatesChanged"),
    (webhook_dies, "DiagnosticsChanged"),
    (send_fails, "DiagnosticsChanged"),
    (doubt_is_settled, "CountsChanged"),
    (held_answer_is_discarded, "MessageGone"),
    (many_write, "ManyChanged"),
    (broadcast_is_made, "BroadcastsChanged"),
    (agent_is_renamed, "AgentsChanged"),
]


@pytest.mark.parametrize(
    ("happening", "event"), HAPPENINGS, ids=[happening.__name__ for happening, _ in HAPPENINGS]
)
async def test_events_lead_where_a_fresh_start_does(
    office: Office, ana: Conversation, console: Console,
    happening: Callable[[Office, Conversation], Awaitable[None]], event: str,
) -> None:  # fmt: skip
    await happening(office, ana)
    await console.equals_a_fresh_one()
    assert event in console.heard


def test_there_is_a_test_for_every_event() -> None:
    assert {event for _, event in HAPPENINGS} == {
        kind.__name__ for kind in get_args(events.AnyEvent)
    }


async def test_a_customer_who_writes_is_said_to_have_arrived(
    office: Office, ana: Conversation, console: Console
) -> None:
    await message_arrives(office, ana)
    await console.follow()
    arrived = [
        event.arrived
        for frame in console.frames
        for event in frame.events
        if isinstance(event, events.ConversationChanged)
    ]
    assert any(arrived)
    await office.post(body(messages=(reaction_message("wamid.r", ANA, "wamid.m", "👍", at=99),)))
    seen = len(console.frames)
    await console.follow()
    assert not any(
        event.arrived
        for frame in console.frames[seen:]
        for event in frame.events
        if isinstance(event, events.ConversationChanged)
    )


async def test_only_the_watched_conversation_brings_messages(
    office: Office, ana: Conversation, console: Console
) -> None:
    ben = await office.conversation(BEN)
    await console.follow()
    console.heard.clear()
    await office.post(from_customer("wamid.b", BEN, at=3))
    await console.follow()
    assert "MessageChanged" not in console.heard
    console.subscription.watch(ben.id)
    console.watching = ben.id
    await console.take_snapshot()
    await office.post(from_customer("wamid.b2", BEN, at=4))
    await console.equals_a_fresh_one()
    assert "MessageChanged" in console.heard
    console.heard.clear()
    console.subscription.watch(None)
    await office.post(from_customer("wamid.b3", BEN, at=5))
    await console.follow()
    assert "MessageChanged" not in console.heard
    console.watching, console.items = None, {}


async def test_a_console_that_falls_behind_starts_afresh(
    office: Office, ana: Conversation, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MAX_FRAMES", 3)
    for number in range(5):
        await office.call(calls.SaveDraft(conversation_id=ana.id, text=f"{number}"))
        await office.told()
    frames = []
    newest = (await office.rows("SELECT max(seq) FROM event"))[0][0]
    while not frames or frames[-1].seq < newest:
        frames.append(await console.subscription.next())
    assert frames[0].resync
    assert len(frames) <= 3
    console.frames += frames
    await console.take_snapshot()


async def test_too_much_at_once_is_a_fresh_start(
    office: Office, ana: Conversation, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MAX_ROWS", 5)
    await many_write(office, ana)
    await console.equals_a_fresh_one()
    assert any(frame.resync for frame in console.frames[1:])


async def test_a_flood_is_told_in_one_event(
    office: Office, ana: Conversation, console: Console
) -> None:
    await many_write(office, ana)
    await console.follow()
    floods = [
        event
        for frame in console.frames
        for event in frame.events
        if isinstance(event, events.ManyChanged)
    ]
    assert sum(flood.arrived for flood in floods) == hub.MANY + 20


async def test_following_from_the_desk_itself(office: Office, ana: Conversation) -> None:
    stream = office.desk.follow()
    assert (await anext(stream)).resync
    await office.desk.watch(ana.id)
    await message_arrives(office, ana)
    frame = await anext(stream)
    assert any(isinstance(event, events.MessageChanged) for event in frame.events)
    await stream.aclose()
    await office.desk.watch(ana.id)  # nobody follows: nothing to do
