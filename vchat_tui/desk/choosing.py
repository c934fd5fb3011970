"""What a customer chose, where their channel knows only text: the answer to our last question."""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from vchat_tui import questions
from vchat_tui.channels import registry
from vchat_tui.models import Content, Reply
from vchat_tui.store.last_said import last_said


def with_choice(
    db: sqlite3.Connection, channel: str, conversation_id: int, content: Content, at: int
) -> Content:
    """The content with what it chooses, where our last message was a question and this answers it.
    The customer's own words stay.

    Args:
        at: its place in the conversation, in milliseconds.
    """
    if content.type != "text" or not registry.capabilities(channel).interactive_as_text:
        return content
    asked = last_said(db, conversation_id, at)
    if asked is None or asked.interactive is None:
        return content
    choice = questions.chosen(asked.interactive, content.text or "")
    if choice is None:
        return content
    reply = Reply(id=choice.id or None, title=choice.title)
    return replace(content, reply=reply, reply_to=content.reply_to or asked.provider_id)


def as_the_channel_says_it(content: Content, channel: str, language: str | None) -> Content:
    """An interactive message with the text that goes in its place, where its channel knows only text.

    Args:
        language: the customer's, where it is known.
    """
    if content.interactive is None or not registry.capabilities(channel).interactive_as_text:
        return content
    return replace(content, text=questions.as_text(content.interactive, language))
