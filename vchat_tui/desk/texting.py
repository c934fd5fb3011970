"""Reaching the customer of a conversation by text on another channel: an SMS, while the window of
WhatsApp is closed. Which channels can do that is a capability (`registry.is_sms`).
"""

from __future__ import annotations

import sqlite3

from vchat_tui.channels import registry
from vchat_tui.channels.facts import Party
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.releasing import setting
from vchat_tui.desk.services import Services
from vchat_tui.models import Content, Conversation, Direction, Folder, Inbox, Message
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.settings import _
from vchat_tui.store import conversations, identities, inboxes, messages, pointers, recipients
from vchat_tui.store.changes import MESSAGE, Changes
from vchat_tui.store.people import address_key
from vchat_tui.store.recipients import Contact
from vchat_tui.store.times import place

NOTE = "elsewhere"
"""The type of a note that stands for a message in another conversation."""


async def text_customer(services: Services, call: calls.TextCustomer) -> Message:
    """Queues a text to the customer of a conversation, in their conversation on another channel."""

    def change(db: sqlite3.Connection, changes: Changes) -> Message:
        conversation = conversations.get(db, call.conversation_id)
        if conversation is None:
            raise DeskError(_("This conversation is no longer there."))
        if registry.is_sms(conversation.channel):
            raise DeskError(_("This conversation goes by SMS already: write and send."))
        return text(db, conversation, call.client_id, call.text, call.author, changes)

    return await services.core.change(change)


def text(
    db: sqlite3.Connection,
    conversation: Conversation,
    client_id: str,
    words: str,
    author: str | None,
    changes: Changes,
) -> Message:
    """Queues a text to the customer of a conversation on another channel, and notes it in this one.
    The same client id again answers what was written then.

    Raises:
        DeskError: there is no way; the text says why and what to do.
    """
    before = messages.by_client_id(db, client_id)
    if before is not None:
        return before
    inbox = _inbox(db, conversation)
    there = _their_conversation(db, conversation, inbox, changes)
    message = queue(db, there, client_id, Content(type="text", text=words), author, changes)
    _note(db, conversation, message, changes)
    return message


def check_inbox_name(db: sqlite3.Connection, name: str | None) -> None:
    """Whether the settings of a number may name this inbox for its texts. While there is no SMS
    inbox at all, one that is still to come may be named.

    Raises:
        DeskError: there are others, and none is called so.
    """
    known = [row.name for row in _able(db)]
    if name and known and name not in known:
        raise DeskError(
            _("There is no SMS inbox “{name}”; there are: {known}"), field="fallback_sms_inbox",
            name=name, known=", ".join(known),
        )  # fmt: skip


def _able(db: sqlite3.Connection) -> list[Inbox]:
    return [row for row in inboxes.everything(db) if registry.is_sms(row.channel)]


def _inbox(db: sqlite3.Connection, conversation: Conversation) -> Inbox:
    """The inbox that texts the customers of a conversation: the one that the settings name, else
    the first."""
    able = _able(db)
    wanted = setting(db, conversation.inbox_id, "fallback_sms_inbox")
    named = [row for row in able if wanted in (None, row.name)]
    if not named and wanted is not None:
        raise DeskError(
            _("There is no SMS inbox “{name}”, which the settings of this number name."),
            name=wanted,
        )
    if not named:
        raise DeskError(
            _("There is no SMS number that could tell the customer. An administrator adds one:"
              " Settings.")
        )  # fmt: skip
    return min(named, key=lambda row: row.id)


def _their_conversation(
    db: sqlite3.Connection, conversation: Conversation, inbox: Inbox, changes: Changes
) -> Conversation:
    """The customer's conversation with another inbox. A new one is not put before agents."""
    key = address_key(conversation.address) if conversation.address else None
    contact = recipients.contact_of_user(db, conversation.user_id, inbox.id, key)
    if contact is None or not contact.address:
        raise DeskError(
            _("No phone number of this customer is known. Type it in their card, then try again.")
        )
    if contact.opted_out_at is not None:
        raise DeskError(
            _("This customer wants no SMS (they wrote STOP). They must text START first.")
        )
    if contact.unreachable_at is not None:
        raise DeskError(
            _("The provider says that no SMS reaches {number}."), number=f"+{contact.address}"
        )
    identity_id, user_id = reach(db, inbox, contact, changes)
    conversation_id = conversations.for_identity(
        db, identity_id, user_id, inbox.id, changes.now, changes, folder=Folder.ARCHIVE
    )
    found = conversations.get(db, conversation_id)
    assert found is not None
    return found


def reach(
    db: sqlite3.Connection, inbox: Inbox, contact: Contact, changes: Changes
) -> tuple[int, int]:
    """Identity and user of somebody on an inbox; made where nobody wrote yet.

    Raises:
        DeskError: their number is none.
    """
    if contact.identity_id is not None and contact.user_id is not None:
        return contact.identity_id, contact.user_id
    number = contact.address or ""
    if registry.capabilities(inbox.channel).phone_numbers:
        # Another channel's spelling, such as a wa_id of Mexico, is no number that can be texted.
        try:
            number = to_e164(f"+{number.removeprefix('+')}").removeprefix("+")
        except PhoneError as error:
            raise DeskError(error.message, **error.values) from None
    return identities.resolve(db, inbox.id, Party(address=number), 0, changes)


def _note(
    db: sqlite3.Connection, conversation: Conversation, message: Message, changes: Changes
) -> None:
    """Shows a message of another conversation in this one, too."""
    new = messages.NewMessage(
        conversation_id=conversation.id, inbox_id=conversation.inbox_id, direction=Direction.NOTE,
        content=Content(type=NOTE, text=message.text), author=message.author, recipient=message.to,
        order_at=place(None, changes.now), received_at=changes.now,
    )  # fmt: skip
    note_id = messages.insert(db, new)
    assert note_id is not None
    pointers.add(db, note_id, message.id)
    posted = conversations.Posted(note_id, new.order_at, Direction.NOTE, NOTE, message.text, None)
    conversations.posted(db, conversation.id, posted, None)
    changes.note(MESSAGE, conversation.id, note_id)
