"""Answers written while the window is closed, and what an agent does with them. How the customer
hears of them is in `telling`, when they go in `releasing`."""

from __future__ import annotations

import sqlite3

from vchat_tui.desk import calls, window
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.outgoing import queue, write
from vchat_tui.desk.replies import quoted_content
from vchat_tui.desk.services import Services
from vchat_tui.desk.telling import tell_customer
from vchat_tui.models import Conversation, Message, Status
from vchat_tui.settings import _
from vchat_tui.store import conversations, deliveries, drafts, held, messages
from vchat_tui.store.changes import Changes


async def hold(services: Services, call: calls.Hold) -> Message:
    """Keeps an answer until the customer writes; queues it where they just did."""

    def change(db: sqlite3.Connection, changes: Changes) -> Message:
        before = messages.by_client_id(db, call.client_id)
        if before is not None:
            return before
        conversation, content = quoted_content(
            db, call.conversation_id, call.content, call.reply_to
        )
        if window.is_open(conversation, changes.now):
            return queue(db, conversation, call.client_id, content, call.author, changes)
        message_id = write(
            db, conversation, call.client_id, content, call.author, Status.HELD, changes
        )
        held.add(db, message_id, conversation.id, changes)
        tell_customer(db, conversation, message_id, call.author, changes)
        return _message(db, message_id)

    return await services.core.change(change)


async def hold_failed(services: Services, call: calls.HoldFailed) -> Message:
    """Keeps a message that failed, until the customer writes."""

    def change(db: sqlite3.Connection, changes: Changes) -> Message:
        message = messages.get(db, call.message_id)
        if message is None or message.status != Status.FAILED:
            raise DeskError(_("Only a message that failed can be held."))
        if not deliveries.is_ours(db, message.id):
            raise DeskError(_("This message was written in the phone app; send it again there."))
        conversation = _conversation(db, message.conversation_id)
        if window.is_open(conversation, changes.now):
            deliveries.retry(db, message.id, changes)
        else:
            held.take_failed(db, message.id, changes)
            tell_customer(db, conversation, message.id, call.author, changes)
        return _message(db, message.id)

    return await services.core.change(change)


# ---- what an agent does about a held answer ------------------------------------------------------


async def send_held(services: Services, call: calls.SendHeld) -> Message:
    """Queues a held answer now."""

    def change(db: sqlite3.Connection, changes: Changes) -> Message:
        row = _held(db, call.message_id)
        message = _message(db, row.message_id)
        window.require_open(_conversation(db, row.conversation_id), message.type, changes.now)
        held.release(db, row, changes)
        return _message(db, row.message_id)

    return await services.core.change(change)


async def take_back(services: Services, call: calls.TakeBackHeld) -> Message:
    """A held answer does not go by itself."""

    def change(db: sqlite3.Connection, changes: Changes) -> Message:
        row = _held(db, call.message_id)
        held.ask(db, row.message_id, held.TAKEN_BACK, changes)
        return _message(db, row.message_id)

    return await services.core.change(change)


async def edit(services: Services, call: calls.EditHeld) -> calls.Draft:
    """Turns a held text into the draft of its conversation."""

    def change(db: sqlite3.Connection, changes: Changes) -> calls.Draft:
        row = _held(db, call.message_id)
        message = _message(db, row.message_id)
        if message.type != "text" or not message.text:
            raise DeskError(_("Only a text can be changed; discard it and make it anew."))
        typed = drafts.get(db, row.conversation_id)
        text = f"{message.text}\n{typed[0]}" if typed else message.text
        lines = text.split("\n")
        cursor = (len(lines) - 1, len(lines[-1]))
        drafts.save(db, row.conversation_id, text, cursor, changes)
        held.delete(db, row, changes)
        return calls.Draft(text=text, cursor=cursor)

    return await services.core.change(change)


async def discard(services: Services, call: calls.DiscardHeld) -> None:
    """Forgets a held answer."""
    await services.core.change(
        lambda db, changes: held.delete(db, _held(db, call.message_id), changes)
    )


def _held(db: sqlite3.Connection, message_id: int) -> held.Row:
    row = held.get(db, message_id)
    if row is None:
        raise DeskError(_("This answer is not held any more."))
    return row


def _message(db: sqlite3.Connection, message_id: int) -> Message:
    found = messages.get(db, message_id)
    assert found is not None
    return found


def _conversation(db: sqlite3.Connection, conversation_id: int) -> Conversation:
    found = conversations.get(db, conversation_id)
    assert found is not None
    return found
