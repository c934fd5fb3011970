"""A message on its way to the outbox: checked against its channel, then written with its outbox row.

Every way of sending (an agent's answer, the command line, a broadcast, a held answer) ends here.
"""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from vchat_tui import local_files, settings
from vchat_tui.channels import registry
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.choosing import as_the_channel_says_it
from vchat_tui.desk.window import require_open
from vchat_tui.models import Content, Conversation, Direction, Media, Message, Status
from vchat_tui.settings import _
from vchat_tui.store import (
    agents,
    conversations,
    deliveries,
    effects,
    files,
    inboxes,
    messages,
    opt_outs,
)
from vchat_tui.store.changes import MESSAGE, Changes
from vchat_tui.store.times import place

MAX_CLIENT_ID = 64


def queue(
    db: sqlite3.Connection,
    conversation: Conversation,
    client_id: str,
    content: Content,
    author: str | None,
    changes: Changes,
    *,
    bulk: bool = False,
) -> Message:
    """Writes message and outbox row; the same client id again answers what was written then.

    Args:
        content: what to send; `reply_to` is the provider's id.
        client_id: the sender's own id of this message, up to 64 characters.
        bulk: part of a broadcast.

    Raises:
        DeskError: the channel cannot send it; the text says why, the field which part.
    """
    before = messages.by_client_id(db, client_id)
    if before is not None:
        return before
    require_open(conversation, content.type, changes.now)
    message_id = write(
        db, conversation, client_id, content, author, Status.QUEUED, changes, bulk=bulk
    )
    deliveries.enqueue(db, message_id, conversation.id, conversation.inbox_id, changes, bulk=bulk)
    written = messages.get(db, message_id)
    assert written is not None
    return written


def write(
    db: sqlite3.Connection,
    conversation: Conversation,
    client_id: str,
    content: Content,
    author: str | None,
    status: Status,
    changes: Changes,
    *,
    bulk: bool = False,
) -> int:
    """Checks a message and writes it, in the outbox or not; answers its id.

    Raises:
        DeskError: the channel cannot send it; the text says why, the field which part.
    """
    if not client_id or len(client_id) > MAX_CLIENT_ID:
        raise DeskError(_("The console sent no usable id with the message."))
    content = _with_known_files(db, content)
    content = as_the_channel_says_it(content, conversation.channel, conversation.language)
    _check(db, conversation, content, bulk)
    new = messages.NewMessage(
        conversation_id=conversation.id, inbox_id=conversation.inbox_id, direction=Direction.OUT,
        content=content, author=author, client_id=client_id,
        recipient=_shown_address(conversation.address), order_at=place(None, changes.now),
        received_at=changes.now, status=status,
    )  # fmt: skip
    message_id = messages.insert(db, new)
    assert message_id is not None
    posted = conversations.Posted(
        message_id, changes.now, Direction.OUT, content.type, content.text, status
    )
    conversations.posted(db, conversation.id, posted, None)
    if not bulk and content.reaction is None:
        agents.answered(db, conversation.id, author)
    _show_reaction(db, message_id, conversation, content, changes)
    changes.note(MESSAGE, conversation.id, message_id)
    return message_id


def _check(
    db: sqlite3.Connection, conversation: Conversation, content: Content, bulk: bool
) -> None:
    """Whether the inbox can send at all, its channel this content, and the person wants it."""
    inbox = inboxes.get(db, conversation.inbox_id)
    if inbox is None or settings.missing(inbox.channel, {*inbox.settings, *inbox.secrets}):
        raise DeskError(
            _(
                "This number is not set up yet. An administrator finishes it: Settings › Guided set-up."
            )
        )
    problem = registry.check_content(conversation.channel, content)
    if problem is not None:
        raise DeskError(problem.message, field=problem.field, **problem.values)
    _check_files_inside(db, conversation.channel, content)
    refusal = None
    if conversation.opted_out:
        refusal = opt_outs.refusal(db, conversation.inbox_id, content, bulk=bulk)
    if refusal == opt_outs.STOPPED:
        raise DeskError(
            _(
                "The customer wrote STOP, so nothing may be sent to them here until they write START."
            )
        )
    if refusal is not None:
        raise DeskError(
            _("This customer wants no marketing messages. Send a utility template, or wait until"
              " they write.")
        )  # fmt: skip


def _show_reaction(
    db: sqlite3.Connection, message_id: int, conversation: Conversation, content: Content,
    changes: Changes,
) -> None:  # fmt: skip
    """A reaction stands on its target at once, not only when the provider has it."""
    if content.reaction is not None:
        effects.add_effect(
            db, message_id, conversation.inbox_id, content.reaction.message_id, "reaction",
            Direction.OUT, changes.now, content.reaction.emoji, changes,
        )  # fmt: skip


def _with_known_files(db: sqlite3.Connection, content: Content) -> Content:
    """The content with what the home knows of its files, whatever the console says of them.

    Raises:
        DeskError: a file is not here.
    """
    for sha256 in local_files.hashes(content):
        if files.get(db, sha256) is None:
            raise DeskError(_("The file is not on the server; attach it again."), field="media")
    media = []
    for file in content.media:
        known = files.get(db, file.sha256) if file.sha256 else None
        if known is not None:
            file = replace(
                file, size=known.size, mime_type=known.mime_type, state="ready",
                animated=known.animated,
            )  # fmt: skip
        media.append(file)
    return replace(content, media=tuple(media))


def _check_files_inside(db: sqlite3.Connection, channel: str, content: Content) -> None:
    """A file in a header must be one that its channel takes, like a message of its own."""
    for path, kind, sha256 in local_files.inside(content):
        known = files.get(db, sha256)
        assert known is not None
        file = Media(sha256=sha256, mime_type=known.mime_type, size=known.size)
        problem = registry.check_content(channel, Content(type=kind, media=(file,)))
        if problem is not None:
            raise DeskError(problem.message, field=path, **problem.values)


def _shown_address(address: str | None) -> str | None:
    """A number as providers take it: with its plus."""
    return f"+{address}" if address and address.isdigit() else address
