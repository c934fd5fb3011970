"""A desk that lives in memory, small enough to be trusted, for the tests of the link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from vchat_tui.desk.calls import (
    Call,
    DeskError,
    GetConversation,
    GetCounts,
    GetServerSettings,
    ListMessages,
    LocateConversation,
    MarkRead,
    Reply,
    SaveDraft,
    Settle,
)
from vchat_tui.events import AnyEvent, CountsChanged, Frame, MessageChanged
from vchat_tui.models import Conversation, Counts, Direction, Message, Status, TimelineItem


class MemoryDesk:
    """One conversation list, one journal of events. Every message is in a conversation of its id.

    `Settle` answers once `gate` is open. `MarkRead` fails in a way that nobody foresaw.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.by_client_id: dict[str, Message] = {}
        self.drafts: list[str] = []
        self.seq = 0
        self.gate = asyncio.Event()
        self.running = 0
        self.most_running = 0
        self.done: list[str] = []
        self.subscriptions: set[MemorySubscription] = set()

    async def call(self, call: Call[Any]) -> Any:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            answer = await self._do(call)
        finally:
            self.running -= 1
        self.done.append(type(call).__name__)
        return answer

    async def _do(self, call: Call[Any]) -> Any:
        match call:
            case GetCounts():
                return Counts(unread_messages=len(self.messages))
            case Settle():
                await self.gate.wait()
                return None
            case Reply():
                return self.reply(call)
            case ListMessages():
                wanted = call.conversation_id
                return tuple(
                    message
                    for message in self.messages
                    if wanted in (None, message.conversation_id) and message.id > call.after_id
                )
            case GetConversation():
                return self._conversation(call.conversation_id)
            case LocateConversation():
                return None
            case GetServerSettings():
                return {"public_url": None, "text": "\x1b[31m ñ 🎈 \u2028"}
            case SaveDraft():
                self.drafts.append(call.text)
                return None
            case MarkRead():
                raise RuntimeError("the secret of the inner life")
            case _:
                raise DeskError("“{what}” is not for today", field="what", what=type(call).__name__)

    def _conversation(self, number: int) -> Conversation:
        if number > 1000:
            raise DeskError("There is no conversation {number}", number=str(number))
        return Conversation(
            id=number, user_id=1, inbox_id=1, inbox="Ventas", channel="whatsapp_cloud", title="Ana"
        )

    def reply(self, call: Reply) -> Message:
        known = self.by_client_id.get(call.client_id)
        if known is not None:
            return known
        message = Message(
            id=len(self.messages) + 1,
            conversation_id=call.conversation_id,
            user_id=1,
            inbox="Ventas",
            channel="whatsapp_cloud",
            direction=Direction.OUT,
            type="text",
            text=call.text,
            status=Status.QUEUED,
        )
        self.messages.append(message)
        self.by_client_id[call.client_id] = message
        item = TimelineItem(message=message, order=(message.id, message.id))
        self.publish(MessageChanged(item=item))
        self.publish(CountsChanged(counts=Counts(unread_messages=len(self.messages))))
        return message

    def publish(self, event: AnyEvent) -> None:
        self.seq += 1
        for subscription in self.subscriptions:
            subscription.hear(self.seq, event)

    def attach(self) -> MemorySubscription:
        return MemorySubscription(self)


class MemorySubscription:
    LIMIT = 64

    def __init__(self, desk: MemoryDesk) -> None:
        self._desk = desk
        self._watched: int | None = None
        self._events: list[AnyEvent] = []
        self._resync = True
        self._news = asyncio.Event()
        self._news.set()
        desk.subscriptions.add(self)

    def watch(self, conversation_id: int | None) -> None:
        self._watched = conversation_id

    def hear(self, seq: int, event: AnyEvent) -> None:
        if (
            isinstance(event, MessageChanged)
            and event.item.message.conversation_id != self._watched
        ):
            return
        if len(self._events) >= self.LIMIT:
            self._resync = True
        self._events.append(event)
        self._news.set()

    async def next(self) -> Frame:
        await self._news.wait()
        self._news.clear()
        events = () if self._resync else tuple(self._events)
        frame = Frame(seq=self._desk.seq, events=events, resync=self._resync)
        self._events, self._resync = [], False
        return frame

    async def call(self, call: Call[Any]) -> Any:
        return await self._desk.call(call)

    def close(self) -> None:
        self._desk.subscriptions.discard(self)


class LocalDesk:
    """The memory desk as screens see one: a single subscription, no link."""

    def __init__(self, desk: MemoryDesk) -> None:
        self._desk = desk
        self._subscription: MemorySubscription | None = None
        self._watched: int | None = None

    async def call(self, call: Call[Any]) -> Any:
        return await self._desk.call(call)

    async def follow(self) -> AsyncIterator[Frame]:
        self._subscription = self._desk.attach()
        self._subscription.watch(self._watched)
        with contextlib.closing(self._subscription) as subscription:
            while True:
                yield await subscription.next()

    async def watch(self, conversation_id: int | None) -> None:
        self._watched = conversation_id
        if self._subscription is not None:
            self._subscription.watch(conversation_id)
