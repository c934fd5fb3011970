"""To the consoles: numbered changes become events, coalesced into frames, each thing read once.

A frame is made at most every `FRAME` seconds: a flood of webhooks costs consoles no more than a
trickle, and a change that comes alone never waits. When very many rows changed within one frame,
consoles are told to look again instead.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from typing import NamedTuple

from vchat_tui.desk.core import Core
from vchat_tui.events import (
    AgentsChanged,
    AnyEvent,
    BroadcastsChanged,
    ConversationChanged,
    ConversationGone,
    CountsChanged,
    DiagnosticsChanged,
    Frame,
    InboxesChanged,
    ManyChanged,
    MessageChanged,
    MessageGone,
    TemplatesChanged,
    UserChanged,
)
from vchat_tui.models import Conversation, Counts, TimelineItem
from vchat_tui.store import changes as log
from vchat_tui.store import conversations, messages
from vchat_tui.store.changes import ChangeRow

logger = logging.getLogger(__name__)

FRAME = 0.03  # seconds
MANY = 60  # changed conversations in a frame: more than any screen shows
MAX_ROWS = 5000
MAX_FRAMES = 256
KEEP_EVENTS = 50_000


class Picture(NamedTuple):
    """What the changes of a frame look like now, read once for all consoles."""

    conversations: dict[int, Conversation | None]
    items: dict[int, TimelineItem]
    gone: list[MessageGone]
    counts: Counts


class Subscription:
    """One console's events. Bounded: a console that falls behind starts afresh."""

    def __init__(self, hub: Hub, seq: int) -> None:
        self._hub = hub
        self._frames: deque[Frame] = deque([Frame(seq=seq, resync=True)])
        self._ready = asyncio.Event()
        self._ready.set()
        self.watching: int | None = None

    def watch(self, conversation_id: int | None) -> None:
        """Carry the messages of this conversation from now on."""
        self.watching = conversation_id

    async def next(self) -> Frame:
        """The next frame; waits for it. The first one says `resync`."""
        await self._ready.wait()
        frame = self._frames.popleft()
        if not self._frames:
            self._ready.clear()
        return frame

    def push(self, frame: Frame) -> None:
        """Adds a frame; when there are too many, one that says `resync` replaces them all."""
        if len(self._frames) >= MAX_FRAMES:
            self._frames.clear()
            frame = Frame(seq=frame.seq, resync=True)
        self._frames.append(frame)
        self._ready.set()

    def close(self) -> None:
        """No more frames are wanted."""
        self._hub.forget(self)


class Hub:
    """Follows the numbered changes of the store for all consoles."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = asyncio.Event()
        self._subscriptions: set[Subscription] = set()
        self._seq = 0
        core.on_change(self._wake.set)

    @property
    def seq(self) -> int:
        """The number of the last change that consoles were told of."""
        return self._seq

    def subscribe(self) -> Subscription:
        """Events from now on."""
        subscription = Subscription(self, self._seq)
        self._subscriptions.add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """A console left."""
        self._subscriptions.discard(subscription)

    async def run(self) -> None:
        """Makes frames until cancelled."""
        self._seq = await self._core.store.read(log.last_seq)
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._frame()
            await asyncio.sleep(FRAME)

    async def _frame(self) -> None:
        rows = await self._core.store.read(log.since, self._seq, MAX_ROWS)
        if not rows:
            return
        before, self._seq = self._seq, rows[-1].seq
        if self._seq // KEEP_EVENTS > before // KEEP_EVENTS:
            await self._forget(self._seq - KEEP_EVENTS)
        if not self._subscriptions:
            return
        if len(rows) == MAX_ROWS:
            for subscription in self._subscriptions:
                subscription.push(Frame(seq=self._seq, resync=True))
            self._wake.set()
            return
        watched = {subscription.watching for subscription in self._subscriptions}
        picture = await self._core.store.read(_picture, rows, watched)
        shared = _shared_events(rows, picture)
        for subscription in tuple(self._subscriptions):
            own: list[AnyEvent] = [
                MessageChanged(item=item)
                for item in picture.items.values()
                if item.message.conversation_id == subscription.watching
            ]
            own += [gone for gone in picture.gone if gone.conversation_id == subscription.watching]
            subscription.push(Frame(seq=self._seq, events=(*own, *shared)))

    async def _forget(self, seq: int) -> None:
        try:
            await self._core.store.write(log.forget_before, seq)
        except sqlite3.OperationalError as error:
            logger.error("old changes stay until the next time: %s", error)


def _picture(db: sqlite3.Connection, rows: list[ChangeRow], watched: set[int | None]) -> Picture:
    changed = dict.fromkeys(row.conversation_id for row in rows if row.conversation_id is not None)
    seen = {
        conversation_id: conversations.get(db, conversation_id)
        for conversation_id in (changed if len(changed) <= MANY else ())
    }
    wanted = {
        row.subject_id: row.conversation_id
        for row in rows
        if row.kind in (log.ARRIVED, log.MESSAGE) and row.conversation_id in watched
    }
    items: dict[int, TimelineItem] = {}
    gone = []
    for message_id, conversation_id in wanted.items():
        if message_id is None or conversation_id is None:
            continue
        item = messages.item(db, message_id)
        if item is None:
            gone.append(MessageGone(conversation_id=conversation_id, message_id=message_id))
        else:
            items[message_id] = item
    return Picture(seen, items, gone, conversations.counts(db))


def _shared_events(rows: list[ChangeRow], picture: Picture) -> tuple[AnyEvent, ...]:
    """The events that every console gets."""
    kinds = {row.kind for row in rows}
    events: list[AnyEvent] = []
    arrived = {row.conversation_id for row in rows if row.kind == log.ARRIVED}
    if picture.conversations:
        for conversation_id, conversation in picture.conversations.items():
            if conversation is None:
                events.append(ConversationGone(conversation_id=conversation_id))
            else:
                events.append(
                    ConversationChanged(
                        conversation=conversation, arrived=conversation_id in arrived
                    )
                )
    users = dict.fromkeys(row.subject_id for row in rows if row.kind == log.USER)
    too_many_rows = not picture.conversations and any(
        row.conversation_id is not None for row in rows
    )
    if too_many_rows or len(users) > MANY:
        events.append(ManyChanged(arrived=len(arrived)))
    else:
        events += [UserChanged(user_id=user_id) for user_id in users if user_id is not None]
    if log.INBOXES in kinds:
        events.append(InboxesChanged())
    if log.DIAGNOSTICS in kinds:
        events.append(DiagnosticsChanged())
    if log.TEMPLATES in kinds:
        events.append(TemplatesChanged())
    if log.BROADCASTS in kinds:
        events.append(BroadcastsChanged())
    if log.AGENTS in kinds:
        events.append(AgentsChanged())
    events.append(CountsChanged(counts=picture.counts))
    return tuple(events)
