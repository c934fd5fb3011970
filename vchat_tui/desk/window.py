"""The window on the server: what may be sent now."""

from __future__ import annotations

from vchat_tui import window
from vchat_tui.channels import registry
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Conversation
from vchat_tui.settings import _
from vchat_tui.store.times import from_ms


def is_open(conversation: Conversation, now: int) -> bool:
    """May free text be sent to them now (milliseconds)?"""
    hours = registry.capabilities(conversation.channel).window_hours
    return window.allows_text(conversation, hours, from_ms(now))


def require_open(conversation: Conversation, kind: str, now: int) -> None:
    """Refuses what may not be sent now.

    Args:
        kind: the type of the content; templates and reactions may always go.

    Raises:
        DeskError: the window is closed; the text says what can be done.
    """
    if kind in window.FREE_TYPES or is_open(conversation, now):
        return
    hours = registry.capabilities(conversation.channel).window_hours
    if window.state(conversation, hours, from_ms(now)) is window.Window.NEVER:
        raise DeskError(
            _("This customer has not written yet, so free text may not be sent. Send a template, or"
              " hold your answer until they write.")
        )  # fmt: skip
    raise DeskError(
        _("The {hours}-hour window is closed. Send a template, or hold your answer until the"
          " customer writes."),
        hours=str(hours),
    )  # fmt: skip
