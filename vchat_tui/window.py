"""The window: how long after a customer's message free text may still be sent to them.

Server and console decide by these same functions, on the server's clock, and both stop a little
early: clocks differ, and a message refused by the provider is worse than one held two minutes
too soon.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from vchat_tui.models import Conversation

SAFETY = timedelta(minutes=2)
FREE_TYPES = frozenset({"template", "reaction"})
"""What may be sent at any time (Meta, WhatsApp › "Send messages", customer service windows)."""


class Window(StrEnum):
    """How a conversation's window stands."""

    ALWAYS = "always"  # the channel has no such rule
    OPEN = "open"
    NEVER = "never"  # the customer has not written yet
    OVER = "over"
    REFUSED = "refused"  # by our clock it is open, but the provider said otherwise


def state(conversation: Conversation, hours: int | None, now: datetime) -> Window:
    """How the window stands.

    Args:
        hours: how long the channel leaves it open; None: it has no such rule.
        now: by the server's clock.
    """
    if hours is None:
        return Window.ALWAYS
    if conversation.window_refused:
        return Window.REFUSED
    if conversation.window_ends_at is None:
        return Window.NEVER
    return Window.OPEN if left(conversation, now) > timedelta(0) else Window.OVER


def allows_text(conversation: Conversation, hours: int | None, now: datetime) -> bool:
    """May free text be sent now?"""
    return state(conversation, hours, now) in (Window.ALWAYS, Window.OPEN)


def left(conversation: Conversation, now: datetime) -> timedelta:
    """How long free text may still be sent; negative once it may not, or where it never could."""
    if conversation.window_ends_at is None:
        return timedelta(-1)
    return conversation.window_ends_at - SAFETY - now
