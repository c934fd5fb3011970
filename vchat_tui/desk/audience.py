"""Who is in a broadcast: adding people to a draft, and the check before the start."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter

from vchat_tui import audience_words
from vchat_tui.broadcast_models import (
    Broadcast,
    BroadcastPlan,
    BroadcastState,
    LeftOut,
)
from vchat_tui.channels import registry
from vchat_tui.channels.plain_text import as_text
from vchat_tui.channels.sms_text import split
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.recipients import DAY_MS, Judge, Ready, Skip
from vchat_tui.desk.services import Services
from vchat_tui.models import Inbox
from vchat_tui.phones import PhoneError, digits, to_e164
from vchat_tui.settings import _
from vchat_tui.store import (
    accounts,
    broadcast_views,
    broadcasts,
    inboxes,
    people,
    recipients,
    templates,
    turns,
)
from vchat_tui.store.broadcasts import Job
from vchat_tui.store.changes import Changes
from vchat_tui.store.people import address_key
from vchat_tui.store.times import now_ms, to_ms
from vchat_tui.store.turns import Pending

MAX_AT_ONCE = 2000
PORTION = 500  # recipients that are looked at in one reading
EXAMPLES = 100
CLOSED = "window_closed"

_BETWEEN = re.compile(r"[\n\r,;\t]+")
_USER_ID = re.compile(r"#[ ]?([0-9]{1,9})|([0-9]{1,7})")
_SCOPED = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


async def add(services: Services, call: calls.AddRecipients) -> Broadcast:
    """Adds people to a draft."""
    words = [word.strip() for typed in call.typed for word in _BETWEEN.split(typed)]
    words = [word for word in words if word]
    if len(call.user_ids) > MAX_AT_ONCE or len(words) > MAX_AT_ONCE:
        raise DeskError(_("Add at most {limit} at once."), limit=str(MAX_AT_ONCE))

    closed = await _closed_in(services, call.closed_in) if call.closed_in is not None else []

    def write(db: sqlite3.Connection, changes: Changes) -> Broadcast:
        broadcast = _known(db, call.broadcast_id)
        if broadcast.state != BroadcastState.DRAFT:
            raise DeskError(_("People can only be added before a broadcast starts."))
        broadcasts.add_users(db, broadcast.id, call.user_ids)
        if call.matching is not None:
            broadcasts.add_matching(db, broadcast.id, call.matching[:200])
        for word in words:
            _add_typed(db, broadcast, word)
        for left in closed:
            shown = left.address or ""
            broadcasts.add_typed(db, broadcast.id, left.user_id, shown, left.address_key, None)
        return _known(db, broadcast.id)

    return await services.core.change(write)


async def _closed_in(services: Services, broadcast_id: int) -> list[Pending]:
    """Whom the text of a broadcast cannot reach, or did not, because their window is closed."""
    store = services.core.store
    broadcast = await store.read(_known, broadcast_id)
    found = await store.read(turns.skipped, broadcast.id, CLOSED)
    after: int | None = 0
    while after is not None:
        some, after = await store.read(_closed_portion, broadcast.id, after)
        found += some
    if not found:
        raise DeskError(_("Nobody is left out because of a closed window."))
    return found


def _closed_portion(
    db: sqlite3.Connection, broadcast_id: int, after: int
) -> tuple[list[Pending], int | None]:
    job, inbox = _parts(db, broadcast_id)
    judge = Judge(db, job, inbox, now_ms(), trial=True)
    rows = turns.pending(db, broadcast_id, after, PORTION)
    closed = [row for row in rows if judge.decide(row) == Skip(CLOSED)]
    return closed, rows[-1].number if rows else None


def _add_typed(db: sqlite3.Connection, broadcast: Broadcast, word: str) -> None:
    if audience_words.everybody(word):
        broadcasts.add_matching(db, broadcast.id, "")
        return
    try:
        channels = audience_words.channels(word)
    except audience_words.WordError as error:
        raise DeskError(error.message, field="typed", **error.values) from None
    if channels is not None:
        broadcasts.add_on(db, broadcast.id, channels)
        return
    shown = word[:100]
    user_id: int | None = None
    key: str | None = None
    reason: str | None = None
    if found := _USER_ID.fullmatch(word):
        user_id = int(found[1] or found[2])
        reason = None if people.get_user(db, user_id) else "no_user"
    elif _SCOPED.fullmatch(word):
        user_id = recipients.with_scoped_id(db, broadcast.inbox_id, word)
        reason = None if user_id is not None else "no_user"
    else:
        number, user_id = _number(db, word)
        key = address_key(number) if number else None
        shown = number or shown
        reason = None if number else "not_a_number"
    broadcasts.add_typed(
        db, broadcast.id, None if reason else user_id, shown, None if reason else key, reason
    )


def _number(db: sqlite3.Connection, word: str) -> tuple[str | None, int | None]:
    """The digits of a typed number, and whose it is. Without a plus only where somebody has it:
    a number without its country would reach a stranger."""
    number = digits(word)
    user_id = people.with_number(db, address_key(number)) if number else None
    if user_id is not None:
        return number, user_id
    try:
        number = to_e164(word).removeprefix("+")
    except PhoneError:
        return None, None
    return number, people.with_number(db, address_key(number))


class _Tally:
    """What the check has found so far."""

    def __init__(self, channel: str) -> None:
        self._by_sms = registry.is_sms(channel)
        self.ready = 0
        self.left_out: Counter[str] = Counter()
        self.examples: list[LeftOut] = []
        self.sample: str | None = None
        self.quiet = 0
        self.segments = 0
        self._people: set[object] = set()

    def add(
        self, recipient: Pending, decision: Ready | Skip, name: str, quiet_until: int | None
    ) -> None:
        """One more recipient."""
        if isinstance(decision, Ready):
            contact = decision.contact
            person = contact.identity_id or address_key(contact.address or "")
            if person not in self._people:
                self._people.add(person)
                self.ready += 1
                self.quiet += quiet_until is not None
                self.sample = self.sample or decision.content.text
                self.segments += split(as_text(decision.content)).count if self._by_sms else 0
                return
            decision = Skip("duplicate")
        self.left_out[decision.reason] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(LeftOut(who=name, reason=decision.reason, detail=decision.detail))


async def plan(services: Services, call: calls.PlanBroadcast) -> BroadcastPlan:
    """Looks at every recipient as the feeder will, in portions, and changes nothing."""
    store = services.core.store
    broadcast = await store.read(_known, call.broadcast_id)
    tally = _Tally(broadcast.channel)
    for row in (
        await store.read(broadcast_views.recipients, broadcast.id, "skipped", 0, EXAMPLES)
    ).rows:
        reason = row.reason or ""
        tally.examples.append(LeftOut(who=row.name or row.address or "?", reason=reason))
    tally.left_out.update(await store.read(broadcast_views.skipped_by_reason, broadcast.id))
    after: int | None = 0
    while after is not None:
        after = await store.read(_judge_portion, broadcast, after, tally)
    limit = await store.read(_reach, broadcast.inbox_id)
    rate = _rate(services, broadcast.inbox_id)
    category = await store.read(_category, broadcast)
    used = await store.read(broadcast_views.reached, broadcast.inbox_id, now_ms() - DAY_MS)
    return BroadcastPlan(
        ready=tally.ready,
        left_out=dict(tally.left_out),
        examples=tuple(tally.examples),
        category=category,
        reach_limit=limit if category else None,
        reach_left=max(0, limit - used) if category and limit is not None else None,
        sample=tally.sample,
        seconds=(tally.segments or tally.ready) / rate,  # carriers count segments
        segments=tally.segments or None,
        answers=await store.read(_answers, broadcast.inbox_id),
        quiet=tally.quiet,
        quiet_hours=broadcast.quiet,
    )


def _judge_portion(
    db: sqlite3.Connection, broadcast: Broadcast, after: int, tally: _Tally
) -> int | None:
    """Looks at some recipients; answers the number of the last, None where there are no more."""
    job, inbox = _parts(db, broadcast.id)
    at = to_ms(broadcast.scheduled_at) if broadcast.scheduled_at else now_ms()
    judge = Judge(db, job, inbox, max(at, now_ms()), trial=True)
    rows = turns.pending(db, broadcast.id, after, PORTION)
    for recipient in rows:
        decision = judge.decide(recipient)
        tally.add(recipient, decision, _name(db, recipient), judge.quiet_until(decision))
    return rows[-1].number if rows else None


def _name(db: sqlite3.Connection, recipient: Pending) -> str:
    user = people.get_user(db, recipient.user_id) if recipient.user_id is not None else None
    return (user.name if user else None) or recipient.address or "?"


def _reach(db: sqlite3.Connection, inbox_id: int) -> int | None:
    """To how many people the provider lets us write first in 24 hours: as a webhook told, else as
    it said when it was last asked about the account; None where it never did."""
    told = broadcast_views.reach(db, inbox_id)
    known = accounts.get(db, inbox_id)
    if told is not None or known is None:
        return told
    return broadcast_views.read_limit(known.report.number.limit)


def _rate(services: Services, inbox_id: int) -> float:
    channel = services.sender.channel(inbox_id)
    return channel.capabilities.sends_per_second if channel else 1.0


def _answers(db: sqlite3.Connection, inbox_id: int) -> bool:
    """Whether people can write back, and opt out."""
    inbox = inboxes.get(db, inbox_id)
    return inbox is None or registry.inbox_capabilities(inbox).answers


def _category(db: sqlite3.Connection, broadcast: Broadcast) -> str | None:
    known = templates.called(db, broadcast.inbox_id, broadcast.content.template or "")
    return known[0].category.lower() if known else None


def _parts(db: sqlite3.Connection, broadcast_id: int) -> tuple[Job, Inbox]:
    job = broadcasts.job(db, broadcast_id)
    inbox = inboxes.get(db, job.inbox_id) if job else None
    if job is None or inbox is None:
        raise DeskError(_("This broadcast is no longer there."))
    return job, inbox


def _known(db: sqlite3.Connection, broadcast_id: int) -> Broadcast:
    found = broadcast_views.get(db, broadcast_id)
    if found is None:
        raise DeskError(_("This broadcast is no longer there."))
    return found
