"""From a broadcast to the outbox: a little at a time, so that answers never wait behind it.

A recipient, their conversation, their message and its outbox row are one transaction. The outbox
holds what can leave in the next moment and no more; whatever happens to the server, the next one
goes on after the last recipient that was written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from functools import partial

from vchat_tui.broadcast_models import BroadcastState
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.core import Core
from vchat_tui.desk.outbound import Sender
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.recipients import Judge, Ready, Skip
from vchat_tui.desk.texting import reach
from vchat_tui.models import Folder, Inbox, Status
from vchat_tui.store import broadcasts, conversations, deliveries, inboxes, turns
from vchat_tui.store.broadcasts import Job
from vchat_tui.store.changes import BROADCASTS, Changes
from vchat_tui.store.times import now_ms
from vchat_tui.store.turns import Pending

log = logging.getLogger(__name__)

PACE = 0.25  # seconds between two looks
AHEAD = 1.5  # seconds of sending that the outbox holds
PORTION = 50  # recipients in one transaction: what else wants to write waits for it
LONGEST_SLEEP = 60.0  # seconds; the clock may be set meanwhile


class Feeder:
    """Moves the recipients of running broadcasts into the outbox."""

    def __init__(self, core: Core, sender: Sender) -> None:
        self._core = core
        self._sender = sender
        self._wake = asyncio.Event()
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Works until cancelled."""
        self._wake.set()
        while True:
            pause = LONGEST_SLEEP
            self._wake.clear()
            try:
                pause = await self._look()
            except sqlite3.OperationalError as error:
                log.error("broadcasts wait, trying again: %s", error)
            await asyncio.sleep(PACE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _look(self) -> float:
        """Does what is to be done now; answers the seconds until something starts by itself."""
        now = now_ms()  # one for all looks: what falls due between two would be in neither
        next_start = await self._core.store.read(broadcasts.next_start)
        if next_start is not None and next_start <= now:
            await self._core.change(broadcasts.start_scheduled)
        if await self._core.store.read(broadcasts.stragglers):
            await self._core.change(broadcasts.take_back_stragglers)
        for job in await self._core.store.read(broadcasts.running):
            await self._feed(job)
        quiet_until = await self._core.store.read(turns.next_end, now)
        times = [at for at in (next_start, quiet_until) if at is not None]
        return max(0.0, min([LONGEST_SLEEP, *((at - now_ms()) / 1000 for at in times)]))

    async def _feed(self, job: Job) -> None:
        """Fills the outbox up for one broadcast."""
        channel = self._sender.channel(job.inbox_id)
        rate = channel.capabilities.sends_per_second if channel else 1.0
        room = max(10, round(rate * AHEAD)) - await self._core.store.read(
            broadcasts.waiting, job.id
        )
        while room > 0:
            queued = await self._core.change(partial(_feed, job, min(room, PORTION)))
            if queued is None:
                return
            room -= queued


def _feed(job: Job, portion: int, db: sqlite3.Connection, changes: Changes) -> int | None:
    """Writes messages for the next recipients.

    Returns:
        How many went into the outbox; None where there is nothing more to do now.
    """
    if job.id not in broadcasts.running_on(db, job.inbox_id):
        return None
    inbox = inboxes.get(db, job.inbox_id)
    assert inbox is not None
    if inbox.paused is not None:
        broadcasts.pause(db, job.id, inbox.paused, changes)
        return None
    recipients = turns.due(db, job.id, changes.now, portion)
    if not recipients:
        if not broadcasts.waiting(db, job.id) and not turns.quiet(db, job.id, changes.now)[0]:
            broadcasts.set_state(db, job.id, BroadcastState.DONE, changes)
        return None
    judge = Judge(db, job, inbox, changes.now)
    count = 0
    for recipient in recipients:
        decision = judge.decide(recipient)
        until = judge.quiet_until(decision)
        if until is not None:
            turns.postpone(db, job.id, recipient.number, until)
            continue
        reason = _write(db, job, inbox, judge, recipient, decision, changes)
        if reason is None:
            count += 1
        else:
            broadcasts.skipped(db, job.id, recipient.number, reason)
    changes.note(BROADCASTS)
    return count


def _write(
    db: sqlite3.Connection, job: Job, inbox: Inbox, judge: Judge, recipient: Pending,
    decision: Ready | Skip, changes: Changes,
) -> str | None:  # fmt: skip
    """Puts a recipient's message into the outbox; answers the reason where there is none for them."""
    if recipient.message_id is not None:
        return _again(db, job, recipient, recipient.message_id, decision, changes)
    if not isinstance(decision, Ready):
        return decision.reason
    contact = decision.contact
    try:
        identity_id, user_id = reach(db, inbox, contact, changes)
    except DeskError:
        return "no_number"
    # Whoever never wrote is not put before agents until they answer.
    conversation_id = conversations.for_identity(
        db, identity_id, user_id, inbox.id, changes.now, changes, folder=Folder.ARCHIVE
    )
    if broadcasts.has_message_in(db, job.id, conversation_id):
        return "duplicate"
    conversation = conversations.get(db, conversation_id)
    assert conversation is not None
    if contact.conversation_id is None and judge.needs_conversation:
        decision = judge.decide(recipient)
        if not isinstance(decision, Ready):
            return decision.reason
    client_id = f"{job.client_id}-{recipient.number}"
    try:
        message = queue(
            db, conversation, client_id, decision.content, job.author, changes, bulk=True
        )
    except DeskError as error:
        log.warning("recipient %d of broadcast %d is left out: %s", recipient.number, job.id, error)
        return "cannot_send"
    broadcasts.queued(db, job.id, recipient.number, user_id, message.id, changes)
    return None


def _again(
    db: sqlite3.Connection, job: Job, recipient: Pending, message_id: int,
    decision: Ready | Skip, changes: Changes,
) -> str | None:  # fmt: skip
    """A message that failed goes again, as it was; where it may not, it stays failed."""
    failed = deliveries.status_of(db, message_id) == Status.FAILED  # nobody else sent it again
    if failed and isinstance(decision, Ready):
        deliveries.retry(db, message_id, changes, bulk=True)
    broadcasts.queued(db, job.id, recipient.number, recipient.user_id, message_id, changes)
    return None
