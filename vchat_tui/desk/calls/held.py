"""Answers that wait for the customer to write."""

from __future__ import annotations

from vchat_tui.desk.calls.base import Call
from vchat_tui.desk.calls.conversations import Draft
from vchat_tui.models import Content, Message


class Hold(Call[Message], frozen=True, kw_only=True, tag="hold"):
    """Keep an answer until the customer writes, and tell them that it waits as the inbox's settings
    say. Where the window is open it is queued at once. The same `client_id` twice is one message.
    """

    conversation_id: int
    client_id: str
    content: Content
    reply_to: int | None = None  # a message id of ours
    author: str | None = None


class HoldFailed(Call[Message], frozen=True, kw_only=True, tag="hold_failed"):
    """Keep a message that failed, until the customer writes."""

    message_id: int
    author: str | None = None


class SendHeld(Call[Message], frozen=True, kw_only=True, tag="send_held"):
    """Queue a held answer now; the window must be open."""

    message_id: int


class TakeBackHeld(Call[Message], frozen=True, kw_only=True, tag="take_back_held"):
    """A held answer does not go by itself: it waits for an agent."""

    message_id: int


class EditHeld(Call[Draft], frozen=True, kw_only=True, tag="edit_held"):
    """Turn a held text into the draft of its conversation, above what is typed there; answers that
    draft."""

    message_id: int


class DiscardHeld(Call[None], frozen=True, kw_only=True, tag="discard_held"):
    """Forget a held answer."""

    message_id: int
