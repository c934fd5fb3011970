"""The window on the server: what may be sent now, and what a refusal by the provider means."""

from __future__ import annotations

import sqlite3

from vchat_tui import window
from vchat_tui.channels import errors, registry
from vchat_tui.channels.base import ErrorClass
from vchat_tui.desk.calls import DeskError
from vchat_tui.models import Conversation, MessageError
from vchat_tui.settings import _
from vchat_tui.store import windows
from vchat_tui.store.changes import Changes
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


def closes(channel: str, error: MessageError | None) -> bool:
    """Does the provider say with this error that the window is closed?"""
    rule = errors.rule(channel, error.code) if error is not None else None
    return rule is not None and rule.error_class is ErrorClass.WINDOW


def refused(
    db: sqlite3.Connection,
    inbox_id: int,
    provider_id: str,
    callback_data: str | None,
    changes: Changes,
) -> None:
    """A status says that the window is closed."""
    message_id = windows.message_of(db, inbox_id, provider_id, callback_data)
    if message_id is not None:
        windows.refuse(db, message_id, changes)
