"""A text to a customer on another channel than the open conversation's."""

from __future__ import annotations

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Message


class TextCustomer(Call[Message], frozen=True, kw_only=True, tag="text_customer"):
    """Send an SMS to the customer of a conversation, in their SMS conversation; a note in this one
    shows it. The same `client_id` twice is one message."""

    conversation_id: int
    client_id: str
    text: str
    author: str | None = None
