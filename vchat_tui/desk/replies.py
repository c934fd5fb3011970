"""Writing to customers: a message and its place in the outbox are one transaction."""

from __future__ import annotations

import sqlite3

import msgspec

from vchat_tui.channels.facts import Party
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.services import Services
from vchat_tui.desk.window import require_open
from vchat_tui.models import (
    Content,
    Conversation,
    Direction,
    Folder,
    Inbox,
    Message,
    SearchPage,
    Status,
    TimelineItem,
)
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.settings import _
from vchat_tui.store import (
    conversations,
    deliveries,
    identities,
    inboxes,
    messages,
    notices,
    people,
    search,
    uploads,
)
from vchat_tui.store.changes import Changes


async def reply(services: Services, call: calls.Reply) -> Message:
    """Queues a text in a conversation."""

    content = Content(type="text", text=call.text)
    return await services.core.change(
        lambda db, changes: _answer(db, call, content, call.reply_to, changes)
    )


async def send(services: Services, call: calls.Send) -> Message:
    """Queues a content of any kind that the conversation's channel can send."""
    return await services.core.change(
        lambda db, changes: _answer(db, call, call.content, call.reply_to, changes)
    )


def _answer(
    db: sqlite3.Connection,
    call: calls.Reply | calls.Send,
    content: Content,
    reply_to: int | None,
    changes: Changes,
) -> Message:
    conversation, content = quoted_content(db, call.conversation_id, content, reply_to)
    message = queue(db, conversation, call.client_id, content, call.author, changes)
    notices.note_written(db, message.id)
    return message


def quoted_content(
    db: sqlite3.Connection, conversation_id: int, content: Content, reply_to: int | None
) -> tuple[Conversation, Content]:
    """A conversation, and a content for it that quotes a message of ours (by the provider's id).

    Raises:
        DeskError: there is no such conversation, or the message is not in it.
    """
    conversation = conversations.get(db, conversation_id)
    if conversation is None:
        raise DeskError(_("This conversation is no longer there."))
    quoted = None
    if reply_to is not None:
        original = messages.get(db, reply_to)
        if original is None or original.conversation_id != conversation.id:
            raise DeskError(_("The message that you quote is not in this conversation."))
        quoted = original.provider_id
    return conversation, msgspec.structs.replace(content, reply_to=quoted)


async def send_to(services: Services, call: calls.SendTo) -> Message:
    """Queues a text to an address; user and conversation are made where they are new."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        inbox = inbox_named(db, call.inbox)
        conversation = conversation_with(db, inbox, call.to, changes)
        return queue(
            db,
            conversation,
            call.client_id,
            Content(type="text", text=call.text),
            call.author,
            changes,
        )

    return await services.core.change(write)


def inbox_named(db: sqlite3.Connection, name: str) -> Inbox:
    """The inbox that a script names.

    Raises:
        DeskError: there is none; the text says which there are.
    """
    inbox = inboxes.by_name(db, name)
    if inbox is None:
        names = ", ".join(known.name for known in inboxes.everything(db)) or "-"
        raise DeskError(
            _("There is no inbox “{name}”; there are: {names}"), name=name, names=names,
            field="inbox",
        )  # fmt: skip
    return inbox


async def start(services: Services, call: calls.StartConversation) -> Conversation:
    """Opens the conversation of a user or an address with an inbox."""

    def write(db: sqlite3.Connection, changes: Changes) -> Conversation:
        inbox = inboxes.get(db, call.inbox_id)
        if inbox is None:
            raise DeskError(_("This inbox is no longer there."), field="inbox")
        address = call.address
        if call.user_id is not None:
            for known in conversations.of_user(db, call.user_id):
                if known.inbox_id == inbox.id:
                    return _brought_back(db, known, changes)
            user = people.get_user(db, call.user_id)
            if user is None:
                raise DeskError(_("This user is no longer there."))
            address = user.phone
            if not address:
                raise DeskError(
                    _("We have no phone number of this user, so only they can write first."),
                    field="phone",
                )
        if not address:
            raise DeskError(_("A phone number with its country code is needed."), field="address")
        return _brought_back(db, conversation_with(db, inbox, address, changes), changes)

    return await services.core.change(write)


def _brought_back(db: sqlite3.Connection, found: Conversation, changes: Changes) -> Conversation:
    if found.folder != Folder.INBOX:
        conversations.move(db, found.id, Folder.INBOX, changes)
        return conversations.get(db, found.id) or found
    return found


def conversation_with(
    db: sqlite3.Connection, inbox: Inbox, address: str, changes: Changes
) -> Conversation:
    """The conversation of an address with an inbox; user and conversation are made where new.

    Raises:
        DeskError: it is no phone number.
    """
    party = Party(address=address.strip())
    known, _by_id = identities.find(
        db, inbox.id, party
    )  # as the provider writes it, or any spelling
    if known is None:
        try:
            party = Party(address=to_e164(address).removeprefix("+"))
        except PhoneError as error:
            raise DeskError(error.message, field="address", **error.values) from None
    identity_id, user_id = identities.resolve(db, inbox.id, party, 0, changes)
    conversation_id = conversations.for_identity(
        db, identity_id, user_id, inbox.id, changes.now, changes
    )
    found = conversations.get(db, conversation_id)
    assert found is not None
    return found


async def retry(services: Services, call: calls.Retry) -> Message:
    """Sends a failed message again; one of unknown fate only when the person accepts a double."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        message = _outgoing(db, call.message_id)
        if message.status == Status.UNKNOWN and not call.may_double:
            raise DeskError(
                _("This message may have arrived; sending it again may deliver it twice.")
            )
        if message.status not in (Status.FAILED, Status.UNKNOWN):
            raise DeskError(_("Only a message that failed can be sent again."))
        if not deliveries.is_ours(db, message.id):
            raise DeskError(_("This message was written in the phone app; send it again there."))
        conversation = conversations.get(db, message.conversation_id)
        assert conversation is not None
        require_open(conversation, message.type, changes.now)
        uploads.forget(db, message.id)
        deliveries.retry(db, message.id, changes)
        return messages.get(db, message.id) or message

    return await services.core.change(write)


async def confirm_arrived(services: Services, call: calls.ConfirmArrived) -> Message:
    """A person says that a message of unknown fate did arrive."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        message = _outgoing(db, call.message_id)
        if message.status != Status.UNKNOWN:
            raise DeskError(_("Only a message of unknown fate needs to be confirmed."))
        deliveries.arrived(db, message.id, changes)
        return messages.get(db, message.id) or message

    return await services.core.change(write)


def _outgoing(db: sqlite3.Connection, message_id: int) -> Message:
    message = messages.get(db, message_id)
    if message is None or message.direction != Direction.OUT:
        raise DeskError(_("This message is no longer there."))
    return message


async def list_messages(services: Services, call: calls.ListMessages) -> tuple[Message, ...]:
    """Messages for scripts."""
    return tuple(
        await services.core.store.read(
            messages.listing, call.conversation_id, call.user_id, call.after_id, bounded(call.limit)
        )
    )


async def list_failed(services: Services, call: calls.ListFailed) -> tuple[TimelineItem, ...]:
    """Messages in trouble."""
    return tuple(await services.core.store.read(messages.troubled, bounded(call.limit)))


async def search_messages(services: Services, call: calls.SearchMessages) -> SearchPage:
    """Full-text search."""
    return await services.core.store.read(
        search.search, call.text[:1000], call.before, bounded(call.limit)
    )
