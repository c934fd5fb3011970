"""From the journal to the store: reads webhooks in order and applies what is in them.

Applying is idempotent and does not depend on the order in which webhooks come: the database's
unique keys refuse what is there already, and times decide what is newer. How far the journal was
read is written in the same transaction as what was read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import sqlite3

import msgspec

from vchat_tui.channels import registry
from vchat_tui.channels.facts import (
    EchoFact,
    ErrorFact,
    EventFact,
    Fact,
    MessageFact,
    Parsed,
    Party,
    StatusFact,
)
from vchat_tui.desk import consequences, opting, releasing
from vchat_tui.desk.choosing import with_choice
from vchat_tui.desk.core import Core
from vchat_tui.desk.gate import NO_INBOX
from vchat_tui.desk.order_posts import note_order
from vchat_tui.models import Direction, Status
from vchat_tui.store import (
    conversations,
    deliveries,
    downloads,
    effects,
    identities,
    inboxes,
    journal,
    memberships,
    messages,
    notices,
    people,
    projection,
    templates,
)
from vchat_tui.store.changes import ARRIVED, MESSAGE, Changes
from vchat_tui.store.database import savepoint
from vchat_tui.store.inboxes import Health
from vchat_tui.store.journal import Entry
from vchat_tui.store.projection import Outcome
from vchat_tui.store.times import now_ms, place, to_ms

log = logging.getLogger(__name__)

BATCH = 1024  # at most: what waits goes together, and a commit costs more than what is in it
NOT_CONFIGURED = "not_configured"
_OF_THE_FACT = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError)


class Projector:
    """Keeps the store up with the journal."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = asyncio.Event()
        self._caught_up = asyncio.Condition()
        self.position = 0

    def wake(self) -> None:
        """There may be something new in the journal."""
        self._wake.set()

    async def run(self) -> None:
        """Applies what comes, until cancelled."""
        self.position = await self._core.store.read(projection.position)
        async with self._caught_up:
            self._caught_up.notify_all()  # who settles already may have nothing to wait for
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except sqlite3.OperationalError as error:
                # Disk full, database held by another process: nothing is lost, it waits in the journal.
                log.error("cannot apply webhooks now, trying again: %s", error)
                await asyncio.sleep(1)
                self._wake.set()

    async def _catch_up(self) -> None:
        while entries := await self._core.journal.read(journal.after, self.position, BATCH):
            await asyncio.shield(self._core.store.write(apply_batch, entries))
            self.position = entries[-1].id
            self._core.changed()
            async with self._caught_up:
                self._caught_up.notify_all()

    async def settle(self) -> None:
        """Returns once everything that is in the journal now has been applied."""
        target = await self._core.journal.read(journal.last_id)
        self.wake()
        async with self._caught_up:
            await self._caught_up.wait_for(lambda: self.position >= target)

    async def replay(self, webhook_ids: list[int]) -> None:
        """Applies journal entries again, in order; what is there already stays as it is."""
        for webhook_id in sorted(webhook_ids):
            entry = await self._core.journal.read(journal.get, webhook_id)
            if entry is not None:
                await asyncio.shield(self._core.store.write(apply_batch, [entry], advance=False))
                self._core.changed()


class _BadFact(Exception):
    """A fact could not be applied, while they were all applied together."""


def apply_batch(db: sqlite3.Connection, entries: list[Entry], advance: bool = True) -> None:
    """Applies journal entries in one transaction.

    At first without a savepoint for each fact: at every savepoint the full-text search writes out
    what it has gathered, which costs more than the facts do. When one fails, all of it is undone
    and done again with a savepoint for each, so that one bad part does not lose the others.
    """
    changes = Changes(now_ms())
    try:
        with savepoint(db):
            heard = _apply_entries(db, entries, changes, apart=False, again=not advance)
    except _BadFact:
        changes = Changes(now_ms())
        heard = _apply_entries(db, entries, changes, apart=True, again=not advance)
    if advance:
        projection.advance(db, entries[-1].id)
        inboxes.add_health(db, heard, changes)
    notices.note_arrived(db, changes.subjects(ARRIVED))
    changes.flush(db)


def _apply_entries(
    db: sqlite3.Connection, entries: list[Entry], changes: Changes, *, apart: bool, again: bool
) -> dict[int, Health]:
    """Applies entries; answers what was heard of each inbox.

    Args:
        again: they were read before, so that an outcome may have to go.
    """
    heard: dict[int, Health] = {}
    for entry in entries:
        parsed = registry.parse(entry.source, entry.body)
        outcome, inbox_ids = _apply_entry(db, entry, parsed, changes, apart=apart)
        if outcome is not None or again:
            projection.set_outcome(db, entry.id, outcome, changes)
        for inbox_id in inbox_ids:
            good = heard[inbox_id].good + 1 if inbox_id in heard else 1
            heard[inbox_id] = Health(last_good_at=entry.received_at, good=good)
    return heard


def _apply_entry(
    db: sqlite3.Connection, entry: Entry, parsed: Parsed, changes: Changes, *, apart: bool
) -> tuple[Outcome | None, set[int]]:
    """Applies the facts of an entry; answers its outcome and the inboxes that it was for.

    Args:
        apart: each fact in a savepoint of its own.

    Raises:
        _BadFact: one failed and was not apart.
    """
    problems = list(parsed.problems)
    missing = False
    inbox_ids: set[int] = set()
    for number, fact in enumerate(parsed.facts):
        found = inbox_of(db, fact, entry.inbox_id)
        if found is None:
            missing = True
            continue
        inbox_ids.add(found[0])
        try:
            with savepoint(db) if apart else contextlib.nullcontext():
                _apply_fact(db, entry, number, fact, found[0], changes)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_FACT):
                raise  # the disk, not the fact
            if not apart:
                raise _BadFact from error
            log.exception("fact %d of webhook %d could not be applied", number, entry.id)
            problems.append(f"fact {number}: {type(error).__name__}: {error}")
    if missing:
        problems.insert(0, NOT_CONFIGURED)
    if problems:
        return Outcome("dead", "; ".join(problems)[:2000]), inbox_ids
    return None if parsed.facts else Outcome("ignored", None), inbox_ids


def inbox_of(
    db: sqlite3.Connection, fact: Fact, behind_address: int = NO_INBOX
) -> tuple[int, str] | None:
    """Id and name of the inbox that a fact is for.

    Args:
        behind_address: the inbox whose own address the webhook came to, where it has one.
    """
    found = inboxes.by_account(db, fact.channel, fact.account)
    if found is None and registry.capabilities(fact.channel).own_webhook:
        return inboxes.behind_address(db, behind_address, fact.channel, fact.account)
    if found is None and isinstance(fact, MessageFact | StatusFact) and fact.service is not None:
        return inboxes.by_business_account(db, fact.channel, fact.service)
    if found is None and isinstance(fact, EventFact | ErrorFact):
        found = inboxes.by_business_account(db, fact.channel, fact.account)
    return found


def _apply_fact(
    db: sqlite3.Connection, entry: Entry, number: int, fact: Fact, inbox_id: int, changes: Changes
) -> None:
    match fact:
        case MessageFact():
            _apply_message(db, entry, fact, inbox_id, changes)
        case StatusFact():
            _apply_status(db, entry, fact, inbox_id, changes)
        case EchoFact():
            _apply_echo(db, entry, fact, inbox_id, changes)
        case EventFact():
            raw = msgspec.json.encode(fact.raw)
            is_new = projection.keep_event(
                db, inbox_id, entry.id, number, fact.field, fact.event,
                to_ms(fact.sent_at) if fact.sent_at else None, raw.decode(),
                hashlib.sha256(fact.field.encode() + raw).hexdigest(),
            )  # fmt: skip
            if fact.field in templates.FIELDS:
                told = fact.raw or {}
                templates.apply_event(db, inbox_id, fact.field, fact.event, told, changes)
            if is_new:  # an old one said again: the number may be somebody else's by now
                opting.apply_preferences(db, inbox_id, fact, entry.received_at, changes)
        case ErrorFact():
            inboxes.set_account_error(db, inbox_id, fact.error, changes)


def _apply_message(
    db: sqlite3.Connection, entry: Entry, fact: MessageFact, inbox_id: int, changes: Changes
) -> None:
    if messages.is_known(db, inbox_id, fact.provider_id):
        return  # delivered before; its sender's names may be out of date by now
    at = place(fact.sent_at, entry.received_at)
    identity_id, user_id = identities.resolve(db, inbox_id, _sender(fact), at, changes)
    conversation_id = conversations.for_identity(db, identity_id, user_id, inbox_id, at, changes)
    message_id = messages.insert(
        db,
        messages.NewMessage(
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            direction=Direction.IN,
            content=with_choice(db, fact.channel, conversation_id, downloads.pending(fact), at),
            order_at=at,
            sent_at=to_ms(fact.sent_at) if fact.sent_at else None,
            received_at=entry.received_at,
            provider_id=fact.provider_id,
            sender=fact.from_,
            recipient=fact.to,
            from_user_id=fact.from_user_id,
            profile_name=fact.profile_name,
            error=fact.error,
            webhook_id=entry.id,
        ),
    )
    assert message_id is not None
    downloads.want(db, message_id, inbox_id, fact)
    messages.note_quoting(db, inbox_id, fact.provider_id, changes)
    _note_effect(db, message_id, inbox_id, fact, Direction.IN, at, changes)
    posted = conversations.Posted(message_id, at, Direction.IN, fact.type, fact.text, None)
    conversations.posted(db, conversation_id, posted, _window_ms(fact.channel))
    if conversations.counts_as_unread(Direction.IN, fact.type):
        people.seen(db, user_id, at)
        releasing.customer_wrote(db, conversation_id, changes)
        changes.note(ARRIVED, conversation_id, message_id)
    else:
        changes.note(MESSAGE, conversation_id, message_id)
    _heed(db, identity_id, conversation_id, fact, at, changes)


def _heed(
    db: sqlite3.Connection, identity_id: int, conversation_id: int, fact: MessageFact, at: int,
    changes: Changes,
) -> None:  # fmt: skip
    """What a message says of its sender."""
    opting.heed_word(db, identity_id, fact, at, changes)
    memberships.heed(db, conversation_id, fact, at)
    if fact.moved_to is not None:
        identities.move(db, identity_id, fact.moved_to, at, changes)


def _sender(fact: MessageFact) -> Party:
    if not fact.from_ and not fact.from_user_id:
        if fact.moved_to is None:
            raise ValueError("the message names no sender")
        return fact.moved_to
    return Party(
        address=fact.from_,
        business_scoped_id=fact.from_user_id,
        parent_business_scoped_id=fact.parent_user_id,
        username=fact.username,
        profile_name=fact.profile_name,
    )


def _note_effect(
    db: sqlite3.Connection,
    message_id: int,
    inbox_id: int,
    fact: MessageFact | EchoFact,
    direction: Direction,
    at: int,
    changes: Changes,
) -> None:
    if fact.reaction is not None:
        effects.add_effect(
            db, message_id, inbox_id, fact.reaction.message_id, "reaction", direction, at,
            fact.reaction.emoji, changes,
        )  # fmt: skip
    elif fact.type in ("edit", "revoke") and fact.reply_to:
        effects.add_effect(
            db, message_id, inbox_id, fact.reply_to, fact.type, direction, at, fact.text, changes
        )
    elif fact.order is not None and direction is Direction.IN:
        note_order(db, message_id, inbox_id, changes)


def _apply_echo(
    db: sqlite3.Connection, entry: Entry, fact: EchoFact, inbox_id: int, changes: Changes
) -> None:
    if messages.is_known(db, inbox_id, fact.provider_id):
        return
    at = place(fact.sent_at, entry.received_at)
    party = Party(address=fact.to, business_scoped_id=fact.to_user_id)
    if not fact.to and not fact.to_user_id:
        raise ValueError("the echo names no recipient")
    identity_id, user_id = identities.resolve(db, inbox_id, party, at, changes)
    conversation_id = conversations.for_identity(db, identity_id, user_id, inbox_id, at, changes)
    message_id = messages.insert(
        db,
        messages.NewMessage(
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            direction=Direction.OUT,
            content=downloads.pending(fact),
            author="phone",
            order_at=at,
            sent_at=to_ms(fact.sent_at) if fact.sent_at else None,
            received_at=entry.received_at,
            provider_id=fact.provider_id,
            sender=fact.from_,
            recipient=fact.to,
            status=Status.SENT,
            error=fact.error,
            webhook_id=entry.id,
        ),
    )
    assert message_id is not None
    downloads.want(db, message_id, inbox_id, fact)
    messages.note_quoting(db, inbox_id, fact.provider_id, changes)
    _note_effect(db, message_id, inbox_id, fact, Direction.OUT, at, changes)
    posted = conversations.Posted(message_id, at, Direction.OUT, fact.type, fact.text, Status.SENT)
    conversations.posted(db, conversation_id, posted, _window_ms(fact.channel))
    changes.note(MESSAGE, conversation_id, message_id)
    deliveries.apply_reported(db, message_id, changes)


def _apply_status(
    db: sqlite3.Connection, entry: Entry, fact: StatusFact, inbox_id: int, changes: Changes
) -> None:
    if fact.status is None:
        return  # a word that we do not know: the status that we have stays
    if fact.callback_data is not None and fact.callback_data.startswith(notices.BUNDLE):
        notices.report(db, fact.callback_data, fact.status, fact.error, changes)
        return
    at = to_ms(fact.sent_at) if fact.sent_at else entry.received_at
    reported = deliveries.Reported(
        inbox_id=inbox_id,
        provider_id=fact.provider_id,
        status=fact.status,
        at=at,
        error=fact.error,
        callback_data=fact.callback_data,
    )
    is_new = deliveries.report(db, reported, changes)
    if is_new and fact.error is not None and fact.status == Status.FAILED:
        message_id = deliveries.message_of(db, inbox_id, fact.provider_id, fact.callback_data)
        if message_id is not None:
            consequences.heed(db, message_id, fact.channel, fact.error, at, changes)


def _window_ms(channel: str) -> int | None:
    hours = registry.capabilities(channel).window_hours
    return None if hours is None else hours * 3_600_000
