"""What merge fields stand for, in a conversation."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from vchat_tui import merge_fields
from vchat_tui.desk.page_links import link_for
from vchat_tui.merge_fields import detail_field
from vchat_tui.models import Conversation
from vchat_tui.store import inboxes, people

LINK = "conversation_url_parameter"


def values_of(
    db: sqlite3.Connection, conversation: Conversation, author: str | None
) -> dict[str, str]:
    """The values of the fields for the customer of a conversation; those without one are absent.

    The link to the conversation is not among them: one is made once a text needs it.

    Args:
        author: the agent who writes, where one does.
    """
    user = people.get_user(db, conversation.user_id)
    address = conversation.address or ""
    phone = (user.phone if user else None) or (f"+{address}" if address.isdigit() else None)
    name = _said_name(user.name if user else conversation.title)
    email = user.email if user else None
    values = {
        "user_name": name,
        "user_email": email,
        "recipient_name": name,
        "recipient_email": email,
        "recipient_phone": phone,
        "agent_name": author,
        "sender_name": author,
        "conversation_id": str(conversation.id),
        "ticket": str(conversation.id),
        "department": conversation.department,
    }
    if user:
        values |= {detail_field(key): value for key, value in user.details.items()}
    return {field: value for field, value in values.items() if value}


def _said_name(name: str) -> str | None:
    """Where nobody told us a name, the number stands for it: nobody wants to be greeted by that."""
    return name if any(letter.isalpha() for letter in name) else None


def fill_all(
    db: sqlite3.Connection,
    conversation: Conversation,
    author: str | None,
    texts: Mapping[str, str],
    *,
    whole_link: bool = False,
) -> dict[str, str]:
    """Texts with their merge fields filled in, for the customer of a conversation. A link to the
    page of the conversation is made within the caller's transaction.

    Args:
        whole_link: the address of the page, where the server has a public URL; else what a
            template's button adds to the address that it was approved with.

    Raises:
        PlacedMergeError: a field in one of them is unknown or empty.
    """
    values = values_of(db, conversation, author)
    filled = {}
    for place, text in texts.items():
        try:
            if LINK not in values and LINK in merge_fields.used(text):
                values[LINK] = _link(db, conversation, whole_link)
            filled[place] = merge_fields.fill(text, values)
        except merge_fields.MergeError as error:
            raise PlacedMergeError(place, error) from None
    return filled


def _link(db: sqlite3.Connection, conversation: Conversation, whole: bool) -> str:
    """A new link to the page of the conversation; empty where it has no address."""
    if not whole:
        return link_for(db, conversation.id)
    public_url = inboxes.server_settings(db).get("public_url")
    return f"{public_url}/c/{link_for(db, conversation.id)}" if public_url else ""


class PlacedMergeError(Exception):
    """A merge field of one of several texts is unknown or empty."""

    def __init__(self, place: str, error: merge_fields.MergeError) -> None:
        super().__init__(str(error))
        self.place = place
        self.message = error.message
        self.values = {"name": error.field}
