"""What a broadcast is: a template (or a text) to many users, as a durable job.

`Broadcast` and `Recipient` encode to the JSON that scripts read (docs/agents.md, "Broadcasts").
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from vchat_tui.models import MessageError, Model
from vchat_tui.settings import _


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


STATES = {
    BroadcastState.DRAFT: _("draft"),
    BroadcastState.SCHEDULED: _("scheduled"),
    BroadcastState.RUNNING: _("running"),
    BroadcastState.PAUSED: _("paused"),
    BroadcastState.DONE: _("done"),
    BroadcastState.CANCELLED: _("cancelled"),
}
"""Message ids."""

LEFT_OUT = {
    "not_a_number": _("no user id, and no number with + and the country code"),
    "no_user": _("there is no such user"),
    "duplicate": _("the same person twice"),
    "no_number": _("no number on this channel"),
    "opted_out": _("wants no marketing"),
    "unreachable": _("not on this channel, says the provider"),
    "needs_number": _("the template needs a phone number, and only an id is known"),
    "missing_value": _("a value of the message is missing"),
    "no_template": _("the template is not approved in a language for them"),
    "withheld": _("the provider withheld marketing less than a day ago"),
    "window_closed": _("the 24-hour window is closed, so only a template may go"),
    "cannot_send": _("the channel cannot send this"),
    "cancelled": _("cancelled before it went"),
}
"""Why a recipient gets no message: message ids."""


class BroadcastContent(Model, frozen=True, kw_only=True):
    """What is sent: a template with its values by place, or a text. Merge fields are filled in for
    each recipient when their message is made."""

    text: str | None = None
    template: str | None = None
    language: str | None = None  # where the template has none of the recipient's
    values: dict[str, str] = msgspec.field(default_factory=dict)


class Broadcast(Model, frozen=True, kw_only=True):
    """A broadcast as it stands. `counts`: recipients by state; a recipient whose message exists has
    the message's status as state, else `pending` or `skipped`. `quiet`: hours in which nobody gets
    it, by the clock where they live; `in_quiet_hours`: how many of those `pending` wait for that, and
    `quiet_until`: until when the first of them does."""

    id: int
    name: str
    inbox_id: int
    inbox: str
    channel: str
    state: BroadcastState
    content: BroadcastContent
    author: str | None = None
    reason: MessageError | None = None  # why it paused by itself
    scheduled_at: datetime | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    total: int = 0
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    rate: float | None = None  # messages a second, lately; only while it runs
    seconds_left: float | None = None
    quiet: str | None = None
    in_quiet_hours: int = 0
    quiet_until: datetime | None = None

    @property
    def settled(self) -> int:
        """How many recipients need nothing more: their message left, or none will."""
        return self.total - sum(self.counts.get(key, 0) for key in WAITING)


WAITING = ("pending", "queued", "sending")
"""States of recipients whose message has not left."""


class Recipient(Model, frozen=True, kw_only=True):
    """One person in a broadcast. `state`: as in `Broadcast.counts`; `reason`: a key of LEFT_OUT."""

    number: int
    state: str
    user_id: int | None = None
    name: str | None = None
    address: str | None = None
    reason: str | None = None
    message_id: int | None = None
    conversation_id: int | None = None
    error: MessageError | None = None
    queued_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None


class RecipientPage(Model, frozen=True, kw_only=True):
    """Rows of the results."""

    rows: tuple[Recipient, ...]
    total: int
    offset: int = 0


class LeftOut(Model, frozen=True, kw_only=True):
    """Somebody who will get nothing, and why: `reason` as in LEFT_OUT, `detail` is foreign text."""

    who: str
    reason: str
    detail: str | None = None


class BroadcastPlan(Model, frozen=True, kw_only=True):
    """What would happen if a broadcast started now.

    `category`: the template's, in lower case; absent for a text. `reach_left`: how many more
    people may be written to today, where the provider told; absent where it did not. `quiet`: how
    many of those who are ready would wait, because it is quiet where they live at the start.
    `segments`: how many SMS segments are paid for; absent on other channels. `answers`: whether the
    recipients can write back, and opt out by a word.
    """

    ready: int
    left_out: dict[str, int] = msgspec.field(default_factory=dict)
    examples: tuple[LeftOut, ...] = ()
    category: str | None = None
    reach_limit: int | None = None
    reach_left: int | None = None
    sample: str | None = None  # the first recipient's message
    seconds: float = 0  # how long sending takes at least
    quiet: int = 0
    quiet_hours: str | None = None
    segments: int | None = None
    answers: bool = True
