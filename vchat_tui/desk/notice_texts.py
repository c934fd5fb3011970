"""What a notice says: the admin's text with its merge fields, or one text for several messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from vchat_tui import i18n, merge_fields
from vchat_tui.desk.merging import LINK, values_of
from vchat_tui.desk.notice_config import Config
from vchat_tui.desk.page_links import link_for
from vchat_tui.models import Conversation, Message
from vchat_tui.notice_rules import Audience, Way
from vchat_tui.settings import _
from vchat_tui.store import conversations, messages
from vchat_tui.text import clean

SMS_QUOTE = 300  # characters of a message in an SMS: each 153 cost a segment
EMAIL_QUOTE = 4000
LISTED = 20  # messages in an e-mail about many
NAMED = 3  # customers in an SMS about many


class Text(msgspec.Struct, frozen=True):
    """What goes out; an SMS has no subject."""

    subject: str
    body: str


def write(
    db: sqlite3.Connection, config: Config, audience: Audience, way: Way, name: str, language: str,
    message_ids: tuple[int, ...],
) -> Text:  # fmt: skip
    """The text for one or several messages; a link to the conversation is made in the caller's
    transaction.

    Args:
        name: the recipient's.
        language: one of `notice_fields.LANGUAGES`.
        message_ids: none for a sample.

    Raises:
        MergeError: a merge field is empty and has no default.
    """
    found = [message for one in message_ids if (message := messages.get(db, one)) is not None]
    if len(found) > 1:
        return _about_many(db, audience, way, language, found)
    values = _values(db, found[0], audience, way, name) if found else sample(name, language)
    parts = ("", "sms_text") if way is Way.SMS else ("email_subject", "email_text")
    subject, body = (
        _filled(db, found[0] if found else None, config.text(audience, part, language), values)
        if part else ""
        for part in parts
    )  # fmt: skip
    return Text(subject, body)


def _filled(
    db: sqlite3.Connection, message: Message | None, text: str, values: Mapping[str, str]
) -> str:
    if message is not None and LINK in merge_fields.used(text):
        values = {**values, LINK: link_for(db, message.conversation_id)}
    return merge_fields.fill(text, values)


def _values(
    db: sqlite3.Connection, message: Message, audience: Audience, way: Way, name: str
) -> dict[str, str]:
    """What the merge fields stand for; the sender is who wrote the message."""
    conversation = conversations.get(db, message.conversation_id)
    assert conversation is not None  # a message has one
    values = values_of(db, conversation, message.author)
    if audience is Audience.AGENT:
        values |= {"sender_name": _customer(conversation), "recipient_name": name}
    return values | {"message": _quote(message, way)}


def sample(name: str, language: str) -> dict[str, str]:
    """Values for a test."""
    say = i18n.speaker(language)
    words = {
        "sender_name": "Ana", "user_name": "Ana", "agent_name": "Luis", "recipient_name": name,
        "message": say(_("This is a test of the notices.")), "conversation_id": "1", "ticket": "1",
        "department": "Ventas", LINK: "test",
    }  # fmt: skip
    return {field: words.get(field, "–") for field in merge_fields.FIELDS}


def _about_many(
    db: sqlite3.Connection, audience: Audience, way: Way, language: str, found: list[Message]
) -> Text:
    """One text for several messages: how many, from whom, and in an e-mail what they say."""
    say = i18n.speaker(language)
    senders = [_sender(db, message, audience) for message in found]
    names = list(dict.fromkeys(senders))
    shown = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
    headline = say(_("{n} new messages from {names}")).format(n=len(found), names=shown)
    if way is Way.SMS:
        return Text("", headline)
    a_file = say(_("(file)"))
    lines = [
        f"{sender}: {_quote(message, way) or a_file}"
        for sender, message in zip(senders[:LISTED], found, strict=False)
    ]
    if len(found) > LISTED:
        lines.append(say(_("… and {n} more")).format(n=len(found) - LISTED))
    return Text(headline, "\n\n".join([headline, *lines]))


def _sender(db: sqlite3.Connection, message: Message, audience: Audience) -> str:
    if audience is Audience.USER:
        return str(clean(message.author or "–", one_line=True))
    conversation = conversations.get(db, message.conversation_id)
    return _customer(conversation) if conversation else "–"


def _customer(conversation: Conversation) -> str:
    return str(clean(conversation.title, one_line=True, limit=60))


def _quote(message: Message, way: Way) -> str:
    limit = SMS_QUOTE if way is Way.SMS else EMAIL_QUOTE
    return str(clean(message.text or "", limit=limit))
