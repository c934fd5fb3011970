"""Broadcasts: making one, watching it, steering it."""

from __future__ import annotations

from datetime import datetime

from vchat_tui.broadcast_models import Broadcast, BroadcastContent, BroadcastPlan, RecipientPage
from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Message


class CreateBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="create_broadcast"):
    """A new draft without recipients. The same `client_id` twice is one. `quiet`: hours in which
    nobody gets it, by the clock where they live, such as `21:00-09:00`."""

    client_id: str
    inbox_id: int
    name: str
    content: BroadcastContent
    author: str | None = None
    quiet: str | None = None


class AddRecipients(Call[Broadcast], frozen=True, kw_only=True, tag="add_recipients"):
    """Add people to a draft: users by id, all whom a search finds (empty: everybody), or what was
    typed: numbers, business-scoped ids, `#` with a user id, `All`, and channels (`whatsapp`, `sms`).
    Up to 2,000 of each at once. `closed_in`: all whom the text of another broadcast leaves out
    because their window is closed."""

    broadcast_id: int
    user_ids: tuple[int, ...] = ()
    matching: str | None = None
    typed: tuple[str, ...] = ()
    closed_in: int | None = None


class PlanBroadcast(Call[BroadcastPlan], frozen=True, kw_only=True, tag="plan_broadcast"):
    """Who would get a message and who would not, and why. Changes nothing."""

    broadcast_id: int


class SendBroadcastTest(Call[Message], frozen=True, kw_only=True, tag="send_broadcast_test"):
    """Send the message of a broadcast to one number now, beside the broadcast."""

    broadcast_id: int
    client_id: str
    to: str
    author: str | None = None


class StartBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="start_broadcast"):
    """Start a draft now, or have it start by itself at a time."""

    broadcast_id: int
    at: datetime | None = None


class PauseBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="pause_broadcast"):
    """Stop sending; what has not left waits."""

    broadcast_id: int


class ResumeBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="resume_broadcast"):
    """Go on with one that is paused."""

    broadcast_id: int


class CancelBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="cancel_broadcast"):
    """End one for good: whoever has not been written to will not be."""

    broadcast_id: int


class RetryBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="retry_broadcast"):
    """Send the failed messages of one again (never those of unknown fate), but to nobody who opted
    out, cannot be reached, or is spared marketing for a day."""

    broadcast_id: int


class DeleteBroadcast(Call[None], frozen=True, kw_only=True, tag="delete_broadcast"):
    """Throw a draft away."""

    broadcast_id: int


class ListBroadcasts(Call[tuple[Broadcast, ...]], frozen=True, kw_only=True, tag="list_broadcasts"):
    """The newest first."""

    limit: int = 50


class GetBroadcast(Call[Broadcast], frozen=True, kw_only=True, tag="get_broadcast"):
    """One, with its counts as they are now."""

    broadcast_id: int


class ListRecipients(Call[RecipientPage], frozen=True, kw_only=True, tag="list_recipients"):
    """Recipients in the order of sending; `state` as in the counts of a broadcast."""

    broadcast_id: int
    state: str | None = None
    offset: int = 0
    limit: int = 100
