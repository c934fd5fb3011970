"""What a console shows, kept up from frames as the real one does it, to compare with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import msgspec

from vchat_tui import events
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, Disconnected
from vchat_tui.events import Event, Frame
from vchat_tui.models import Folder, WebhookState
from vchat_tui.store import changes


class Picture(msgspec.Struct):
    """Everything on the screens: the list, a conversation, header, users, settings, templates, dead
    letters."""

    conversations: dict[int, Any]
    timeline: dict[int, Any]
    counts: Any
    users: Any
    inboxes: Any
    templates: Any
    dead: Any
    broadcasts: Any
    agents: Any


async def read_conversations(desk: Desk) -> dict[int, Any]:
    """The list."""
    page = await desk.call(calls.ListConversations(limit=500))
    return {row.id: row for row in page.rows}


async def read_timeline(desk: Desk, conversation_id: int | None) -> dict[int, Any]:
    """The conversation that is open."""
    if conversation_id is None:
        return {}
    page = await desk.call(calls.GetTimeline(conversation_id=conversation_id, limit=500))
    return {item.message.id: item for item in page.items}


async def read_users(desk: Desk) -> Any:
    """The people. When each was last seen changes with every message and is not worth an event:
    it is read when somebody looks."""
    page = await desk.call(calls.ListUsers(limit=500))
    return [msgspec.structs.replace(row, last_seen_at=None) for row in page.rows]


async def read_templates(desk: Desk) -> Any:
    """The templates of every inbox, and when they were read."""
    inboxes = await desk.call(calls.ListInboxes())
    return [await desk.call(calls.ListTemplates(inbox_id=inbox.id)) for inbox in inboxes]


async def read_dead(desk: Desk) -> Any:
    """The dead letters."""
    return await desk.call(calls.ListWebhooks(state=WebhookState.DEAD))


async def snapshot(desk: Desk, conversation_id: int | None) -> Picture:
    """Everything, read anew."""
    return Picture(
        conversations=await read_conversations(desk),
        timeline=await read_timeline(desk, conversation_id),
        counts=await desk.call(calls.GetCounts()),
        users=await read_users(desk),
        inboxes=await desk.call(calls.ListInboxes()),
        templates=await read_templates(desk),
        dead=await read_dead(desk),
        broadcasts=await desk.call(calls.ListBroadcasts()),
        agents=await desk.call(calls.ListAgents()),
    )


class ConsoleModel:
    """Follows a desk.

    Attributes:
        picture: what is shown.
        seq: the number of the last event that is in it.
        seen: the kinds of events that came.
    """

    def __init__(self, desk: Desk, conversation_id: int | None) -> None:
        self.desk = desk
        self.watched = conversation_id
        self.picture: Picture | None = None
        self.seq = -1
        self.resyncs = 0
        self.frames = 0
        self.seen: set[type[Event]] = set()
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        await self.desk.watch(self.watched)
        async for frame in self.desk.follow():
            try:
                await self._apply(frame)
            except Disconnected:
                self.picture = None  # the next link begins with a snapshot

    async def _apply(self, frame: Frame) -> None:
        self.frames += 1
        if frame.resync:
            self.resyncs += 1
            self.picture = await snapshot(self.desk, self.watched)
        for event in frame.events:
            self.seen.add(type(event))
            if self.picture is not None:
                await self.HANDLERS[type(event)](self, self.picture, event)
        self.seq = frame.seq

    async def settle(self, store: Any) -> Picture:
        """Returns what is shown once everything that happened is in it."""
        while not self._task.done():
            if self.picture is not None and self.seq >= await store.read(changes.last_seq):
                return self.picture
            await asyncio.sleep(0.01)
        await self._task  # raises what went wrong
        raise AssertionError("the events ended")

    async def stop(self) -> None:
        """Follows no longer."""
        self._task.cancel()
        await asyncio.wait({self._task})

    # ---- one case for every kind of event ---------------------------------------------------

    async def _message(self, picture: Picture, event: events.MessageChanged) -> None:
        if event.item.message.conversation_id == self.watched:
            picture.timeline[event.item.message.id] = event.item

    async def _message_gone(self, picture: Picture, event: events.MessageGone) -> None:
        picture.timeline.pop(event.message_id, None)

    async def _conversation(self, picture: Picture, event: events.ConversationChanged) -> None:
        row = event.conversation
        if row.folder == Folder.INBOX:
            picture.conversations[row.id] = row
        else:
            picture.conversations.pop(row.id, None)

    async def _gone(self, picture: Picture, event: events.ConversationGone) -> None:
        picture.conversations.pop(event.conversation_id, None)

    async def _many(self, picture: Picture, event: events.ManyChanged) -> None:
        picture.conversations = await read_conversations(self.desk)
        picture.users = await read_users(self.desk)

    async def _user(self, picture: Picture, event: events.UserChanged) -> None:
        picture.users = await read_users(self.desk)

    async def _inboxes(self, picture: Picture, event: events.InboxesChanged) -> None:
        picture.inboxes = await self.desk.call(calls.ListInboxes())

    async def _templates(self, picture: Picture, event: events.TemplatesChanged) -> None:
        picture.templates = await read_templates(self.desk)

    async def _diagnostics(self, picture: Picture, event: events.DiagnosticsChanged) -> None:
        picture.dead = await read_dead(self.desk)

    async def _broadcasts(self, picture: Picture, event: events.BroadcastsChanged) -> None:
        picture.broadcasts = await self.desk.call(calls.ListBroadcasts())

    async def _agents(self, picture: Picture, event: events.AgentsChanged) -> None:
        picture.agents = await self.desk.call(calls.ListAgents())

    async def _counts(self, picture: Picture, event: events.CountsChanged) -> None:
        picture.counts = event.counts

    HANDLERS: ClassVar[dict[type[Event], Callable[..., Awaitable[None]]]] = {
        events.MessageChanged: _message,
        events.MessageGone: _message_gone,
        events.ConversationChanged: _conversation,
        events.ConversationGone: _gone,
        events.ManyChanged: _many,
        events.UserChanged: _user,
        events.InboxesChanged: _inboxes,
        events.TemplatesChanged: _templates,
        events.DiagnosticsChanged: _diagnostics,
        events.CountsChanged: _counts,
        events.BroadcastsChanged: _broadcasts,
        events.AgentsChanged: _agents,
    }
