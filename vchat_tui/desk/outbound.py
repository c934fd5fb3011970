"""From the outbox to the providers.

A row is claimed (`sending` is on the disk) before the first byte leaves. What certainly was not
sent goes again a few times; what may have been sent is `unknown` and never repeated by itself: a
status webhook that carries our data settles it, or a person decides. Messages of one conversation
go one after the other, conversations side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
import time
from collections.abc import Callable, Coroutine
from typing import TypeVar

from vchat_tui import settings
from vchat_tui.channels import registry
from vchat_tui.channels.base import Accepted, Channel, NotSent, Outcome, Outgoing, Rejected, Unclear
from vchat_tui.channels.facts import Party
from vchat_tui.desk import consequences
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import DISK_PAUSE
from vchat_tui.desk.pacing import Bucket, Pair
from vchat_tui.desk.together import Together
from vchat_tui.models import Inbox, MessageError
from vchat_tui.settings import Secret, SettingError
from vchat_tui.store import claims, conversations, deliveries, identities, inboxes, outbox
from vchat_tui.store.changes import Changes
from vchat_tui.store.deliveries import Claimed
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS = 5
LONGEST_BACKOFF = 300.0  # seconds
MAX_IN_FLIGHT = 256  # a number that may send 1,000 a second needs them: providers take some 150 ms
KEPT_FOR_ANSWERS = 8  # of these: a broadcast that hangs at the provider leaves them room
# Rows considered at once. Every send that ends looks again, so it must cost little; only where all
# of these wait for their own person, more are looked at, so that slow people hold up nobody else.
FIRST_LOOK = 100
LOOK_AHEAD = 1000
NOT_SENT = "not_sent"
UNCLEAR = "unclear"
INTERRUPTED = MessageError(code=UNCLEAR, details="the server stopped while it was sending")


class Line:
    """One inbox's channel with its speed limits."""

    def __init__(self, inbox: Inbox, channel: Channel) -> None:
        self.channel = channel
        self.name = inbox.channel
        self._capabilities = channel.capabilities
        now = time.monotonic()
        rate = self._capabilities.sends_per_second
        # A tenth of a second's worth may go at once: more would overrun the provider's own window.
        # Half of that is worth a look at the outbox: one message after the other costs much more.
        burst = max(1.0, rate / 10)
        self._worth_a_look = max(1.0, burst / 2)
        self._all = Bucket(rate, burst, now)
        self._persons: dict[int, Pair] = {}
        self.refused: MessageError | None = None  # what the provider will answer every message

    def wait_of_all(self, now: float) -> float:
        """Seconds until so many may go to anybody that a look at the outbox is worth it."""
        return self._all.wait(now, self._worth_a_look)

    def wait(self, conversation_id: int, now: float) -> float:
        """Seconds until a message to this person may go."""
        person = self._persons.get(conversation_id)
        return max(self._all.wait(now), person.wait(now) if person else 0.0)

    def take(self, conversation_id: int, now: float) -> None:
        """A message to this person goes."""
        self._all.take(now)
        interval = self._capabilities.per_person_interval
        if interval > 0:
            if conversation_id not in self._persons:
                if len(self._persons) > 10_000:
                    self._persons = {k: p for k, p in self._persons.items() if not p.is_free(now)}
                burst = self._capabilities.per_person_burst
                self._persons[conversation_id] = Pair(interval, burst)
            self._persons[conversation_id].take(now)


class Sender:
    """Sends what is in the outbox.

    Args:
        open_channel: makes the line to a provider; tests may give their own.
    """

    def __init__(
        self,
        core: Core,
        open_channel: Callable[
            [str, dict[str, object], dict[str, Secret]], Channel
        ] = registry.open_channel,
    ) -> None:
        self._core = core
        self._open_channel = open_channel
        self._wake = asyncio.Event()
        self._lines: dict[int, Line] = {}
        self._retired: list[Channel] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._records = Together(core)
        core.on_change(self._wake.set)

    async def reload(self) -> None:
        """Opens the channels again, after an inbox was added or changed."""
        secrets = await self._core.secrets()
        lines = {}
        public_url = (await self._core.store.read(inboxes.server_settings)).get("public_url")
        for inbox in await self._core.store.read(inboxes.everything):
            if inbox.id in self._core.locked:
                continue  # its messages wait; it is paused, and says why
            own = {key: value for (inbox_id, key, slot), value in secrets.items()
                   if inbox_id == inbox.id and slot == "current"}  # fmt: skip
            try:
                channel = self._open_channel(
                    inbox.channel, inbox.settings | {"public_url": public_url}, own
                )
            except SettingError:
                if settings.missing(inbox.channel, {*inbox.settings, *inbox.secrets}):
                    continue  # it is being set up, and cannot even be asked yet
                raise
            lines[inbox.id] = Line(inbox, channel)
        self._retired += [line.channel for line in self._lines.values()]
        self._lines = lines
        self._wake.set()

    def channel(self, inbox_id: int) -> Channel | None:
        """The line of an inbox; None where there is no such inbox."""
        line = self._lines.get(inbox_id)
        return line.channel if line else None

    async def run(self) -> None:
        """Sends until cancelled; what is under way then becomes unknown at the next start."""
        orphans = await self._write(
            lambda db, changes: deliveries.orphaned(db, self._core.boot_id, INTERRUPTED, changes)
        )
        if orphans:
            log.warning(
                "%d messages were being sent when the server stopped: fate unknown", orphans
            )
        self._wake.set()
        while True:
            try:
                pause = await self._send_due()
            except sqlite3.OperationalError as error:
                # Disk full, database held by another process: the messages wait in the outbox.
                log.error("cannot send now, trying again: %s", error)
                pause = DISK_PAUSE
            # Not wait_for: before Python 3.12 it can swallow the word to stop.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def stop(self, grace: float) -> None:
        """Lets sends under way finish for up to `grace` seconds, then closes the channels."""
        until = time.monotonic() + grace
        while self._tasks and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
            await asyncio.sleep(0)  # what has ended leaves the set, what it began is in it
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._records.finish()
        for channel in [*self._retired, *(line.channel for line in self._lines.values())]:
            await channel.aclose()

    async def _send_due(self) -> float | None:
        """Starts what may go now; answers the seconds until something may go again."""
        room = MAX_IN_FLIGHT - len(self._tasks)
        if room <= 0:
            return None  # a send that ends wakes us
        now = time.monotonic()
        waits = [line.wait_of_all(now) for line in self._lines.values() if line.refused is None]
        if waits and min(waits) > 0:
            return min(waits)  # nothing may go, so the outbox need not be read
        at = now_ms()  # one for all looks: what falls due between two of them is in neither
        chosen, pause = await self._choose(room, now, at, FIRST_LOOK)
        if not chosen and pause is not None:
            chosen, pause = await self._choose(room, now, at, LOOK_AHEAD)
        if chosen:
            # To its end even when the server stops: a claim without its send would be `unknown`.
            claiming = self._begin(self._claim(chosen))
            await asyncio.shield(claiming)
        due_at = await self._core.store.read(outbox.next_due_at, at)
        if due_at is not None:
            later = (due_at - at) / 1000
            pause = later if pause is None else min(pause, later)
        return pause

    async def _choose(
        self, room: int, now: float, at: int, look_ahead: int
    ) -> tuple[list[int], float | None]:
        """The messages that may go now, at most `room`, of so many at the head of the outbox; and
        the seconds until another of these may go."""
        pause: float | None = None
        chosen: list[int] = []
        for message_id, conversation_id, inbox_id, bulk in await self._core.store.read(
            outbox.due, at, look_ahead
        ):
            line = self._lines.get(inbox_id)
            if line is None or line.refused is not None:
                continue
            wait = line.wait(conversation_id, now)
            if wait > 0:
                pause = wait if pause is None else min(pause, wait)
            elif len(chosen) < (room - KEPT_FOR_ANSWERS if bulk else room):
                line.take(conversation_id, now)
                chosen.append(message_id)
        return chosen, pause

    async def _claim(self, chosen: list[int]) -> None:
        claimed = await self._core.change(
            lambda db, changes: claims.claim(db, chosen, self._core.boot_id, changes)
        )
        for sent in claimed:
            self._begin(self._send(sent, self._lines[sent.inbox_id]))

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("a send could not be recorded: %s", error)

    async def _send(self, sent: Claimed, line: Line) -> None:
        if (refused := line.refused) is not None:
            # Another message heard, since this one was claimed, that none can go.
            await self._write(
                lambda db, changes: deliveries.postponed(
                    db, sent, "not_sent", 0, refused, False, changes
                )
            )
            return
        outgoing = Outgoing(
            content=sent.content,
            callback_data=sent.callback_data,
            address=sent.address,
            business_scoped_id=sent.business_scoped_id,
        )
        try:
            outcome = await line.channel.send(outgoing, sent.attempt)
        except Exception as error:
            log.exception("a channel broke while it was sending")
            outcome = Unclear(reason=type(error).__name__)
        await self._record(sent, outcome, line)

    async def _write(self, action: Callable[[sqlite3.Connection, Changes], T]) -> T:
        """Runs a change, however long the disk refuses it: what became of a send exists only here."""
        while True:
            try:
                return await self._records.change(action)
            except sqlite3.OperationalError as error:
                log.error("the outbox cannot be written now, trying again: %s", error)
                await asyncio.sleep(DISK_PAUSE)

    async def _record(self, sent: Claimed, outcome: Outcome, line: Line) -> None:
        match outcome:
            case Accepted():
                await self._write(lambda db, changes: _accept(db, sent, outcome, changes))
            case Unclear():
                error = MessageError(code=UNCLEAR, details=outcome.reason)
                await self._write(lambda db, changes: deliveries.unclear(db, sent, error, changes))
            case NotSent():
                error = MessageError(code=NOT_SENT, details=outcome.reason)
                await self._try_later(sent, "not_sent", error, backoff(sent.attempt))
            case Rejected():
                await self._rejected(sent, outcome, line)

    async def _rejected(self, sent: Claimed, outcome: Rejected, line: Line) -> None:
        if outcome.pauses_inbox and self._lines.get(sent.inbox_id) is not line:
            # The inbox was changed meanwhile; what the old credentials met says nothing of the new.
            await self._write(
                lambda db, changes: deliveries.postponed(
                    db, sent, "rejected", 0, outcome.error, False, changes
                )
            )
        elif outcome.pauses_inbox:
            line.refused = outcome.error
            await self._write(lambda db, changes: _hold(db, sent, outcome.error, changes))
        elif outcome.retry_after is not None:
            await self._try_later(sent, "rejected", outcome.error, outcome.retry_after)
        else:
            channel = line.name
            await self._write(lambda db, changes: _fail(db, sent, outcome.error, channel, changes))

    async def _try_later(
        self, sent: Claimed, outcome: str, error: MessageError, seconds: float
    ) -> None:
        if sent.attempt >= MAX_ATTEMPTS:
            await self._write(lambda db, changes: deliveries.failed(db, sent, error, changes))
            return
        next_at = now_ms() + round(seconds * 1000)
        await self._write(
            lambda db, changes: deliveries.postponed(
                db, sent, outcome, next_at, error, True, changes
            )
        )


def backoff(attempt: int) -> float:
    """Seconds until a message that never left goes again, with full jitter: many that failed
    together must not come back together.

    Args:
        attempt: how many tries there were, at least 1.
    """
    return random.uniform(1.0, min(LONGEST_BACKOFF, 4.0**attempt))  # noqa: S311 - not for security


def _accept(db: sqlite3.Connection, sent: Claimed, answer: Accepted, changes: Changes) -> None:
    deliveries.accepted(db, sent, answer.provider_id, answer.note, changes)
    party = Party(address=answer.address, business_scoped_id=answer.business_scoped_id)
    if party != Party():
        identity_id = conversations.identity_of(db, sent.message_id)
        identities.learn_recipient(db, identity_id, party, changes.now, changes)


def _fail(
    db: sqlite3.Connection, sent: Claimed, error: MessageError, channel: str, changes: Changes
) -> None:
    deliveries.failed(db, sent, error, changes)
    consequences.heed(db, sent.message_id, channel, error, changes.now, changes)


def _hold(db: sqlite3.Connection, sent: Claimed, error: MessageError, changes: Changes) -> None:
    """The message is as good as ever: it waits, with the others, until an admin acts."""
    inboxes.pause(db, sent.inbox_id, error, changes)
    deliveries.postponed(db, sent, "rejected", 0, error, False, changes)
