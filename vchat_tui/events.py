"""What happened, as consoles hear of it.

Every change of the store appends a numbered row in its own transaction; the desk turns the rows
that a console has not seen into these events. An event carries the thing as it stands now, so
that applying one twice, or applying only the last of several, ends in the same picture.
"""

from __future__ import annotations

import msgspec

from vchat_tui.models import Conversation, Counts, TimelineItem


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events."""


class MessageChanged(Event, frozen=True, kw_only=True, tag="message"):
    """A message of the conversation that this console watches is new, or changed."""

    item: TimelineItem


class MessageGone(Event, frozen=True, kw_only=True, tag="message_gone"):
    """A message of the conversation that this console watches is no longer there."""

    conversation_id: int
    message_id: int


class ConversationChanged(Event, frozen=True, kw_only=True, tag="conversation"):
    """A row of the conversation list is new, or changed. `arrived`: a customer's message came."""

    conversation: Conversation
    arrived: bool = False


class ConversationGone(Event, frozen=True, kw_only=True, tag="conversation_gone"):
    """A conversation was merged into another, or deleted."""

    conversation_id: int


class ManyChanged(Event, frozen=True, kw_only=True, tag="many"):
    """So many rows changed at once that a console does better to read again what it shows.
    `arrived`: how many conversations had a customer's message."""

    arrived: int = 0


class UserChanged(Event, frozen=True, kw_only=True, tag="user"):
    """A user is new, changed or gone: read again what shows it."""

    user_id: int


class InboxesChanged(Event, frozen=True, kw_only=True, tag="inboxes"):
    """An inbox was added, changed, paused or resumed."""


class DiagnosticsChanged(Event, frozen=True, kw_only=True, tag="diagnostics"):
    """A dead letter, a bad signature, a failed send: something for the diagnostics screen."""


class TemplatesChanged(Event, frozen=True, kw_only=True, tag="templates"):
    """Templates of an inbox were read again, changed, hidden or shown."""


class BroadcastsChanged(Event, frozen=True, kw_only=True, tag="broadcasts"):
    """A broadcast is new, gone, or in another state."""


class AgentsChanged(Event, frozen=True, kw_only=True, tag="agents"):
    """An agent is new, changed or gone, came online or went."""


class CountsChanged(Event, frozen=True, kw_only=True, tag="counts"):
    """The numbers in the header."""

    counts: Counts


AnyEvent = (
    MessageChanged
    | MessageGone
    | ConversationChanged
    | ConversationGone
    | ManyChanged
    | UserChanged
    | InboxesChanged
    | DiagnosticsChanged
    | BroadcastsChanged
    | TemplatesChanged
    | AgentsChanged
    | CountsChanged
)


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some events together, up to and including number `seq`.

    `resync`: too much happened, or too long ago; take a fresh snapshot of everything shown.
    """

    seq: int
    events: tuple[AnyEvent, ...] = ()
    resync: bool = False
