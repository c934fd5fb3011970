"""The ladder: how a customer hears that an answer waits for them, once for all answers that wait.

A template, an SMS, an SMS where the template fails, or nothing: as their number's settings say. A
template may fail long after it was queued; what follows is decided from what the database holds,
in the transaction that queues the SMS, so that it goes exactly once whatever is killed when.
"""

from __future__ import annotations

import asyncio
import sqlite3

from vchat_tui.channels import registry
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.core import Core
from vchat_tui.desk.fallback_template import fallback_content
from vchat_tui.desk.looking import keep_looking
from vchat_tui.desk.merging import PlacedMergeError, fill_all
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.releasing import setting
from vchat_tui.desk.texting import text
from vchat_tui.models import Conversation, Refused
from vchat_tui.settings import _
from vchat_tui.store import conversations, held, inboxes
from vchat_tui.store.changes import Changes
from vchat_tui.store.database import savepoint

_ASKED = Refused(message=_("Nothing was sent to the customer: this number asks you to decide."))
_ONE_WAY = Refused(
    message=_("It comes from a sender name: they cannot answer the SMS, only write here again.")
)
_BY_TEMPLATE = ("template", "template_then_sms")
_BY_SMS = ("sms", "template_then_sms")


def tell_customer(
    db: sqlite3.Connection,
    conversation: Conversation,
    message_id: int,
    author: str | None,
    changes: Changes,
) -> None:
    """Tells a customer of an answer that was held just now, unless they know that one waits.

    Args:
        message_id: the held answer.
        author: who wrote it.
    """
    fall_back(db, changes)
    if held.has_notice(db, conversation.id):
        return
    ladder = setting(db, conversation.inbox_id, "fallback")
    reasons = [_ASKED] if ladder == "ask" else []
    if ladder in _BY_TEMPLATE:
        try:
            content = fallback_content(db, conversation, author)
            client_id = f"notice:{message_id}:{changes.now}"
            notice = queue(db, conversation, client_id, content, author, changes)
        except DeskError as error:
            reasons.append(_refused(error))
        else:
            held.set_notice(db, message_id, notice.id)
            return
    if ladder in _BY_SMS:
        try:
            client_id = f"sms:{message_id}:{changes.now}"
            _text(db, conversation, message_id, client_id, author, changes)
        except DeskError as error:
            reasons.append(_refused(error))
        else:
            return
    held.set_why_not(db, message_id, reasons, changes)


def fall_back(db: sqlite3.Connection, changes: Changes) -> None:
    """Texts the customers whose template failed for good, where the settings want that."""
    for row in held.untold(db):
        if setting(db, row.inbox_id, "fallback") != "template_then_sms":
            held.set_why_not(db, row.message_id, [], changes)  # the failure says it all
            continue
        conversation = conversations.get(db, row.conversation_id)
        assert conversation is not None
        try:
            # One for each template that failed, whatever becomes of it later.
            client_id = f"sms-for:{row.notice_id}"
            _text(db, conversation, row.message_id, client_id, row.author, changes)
        except DeskError as error:
            held.set_why_not(db, row.message_id, [_refused(error)], changes)


def _text(
    db: sqlite3.Connection,
    conversation: Conversation,
    message_id: int,
    client_id: str,
    author: str | None,
    changes: Changes,
) -> None:
    words = _words(db, conversation, author)
    with savepoint(db):  # whom it cannot reach, it leaves no empty conversation behind
        sms = text(db, conversation, client_id, words, author, changes)
    held.set_sms(db, message_id, sms.id, changes)
    inbox = inboxes.by_name(db, sms.inbox)
    if inbox is not None and not registry.inbox_capabilities(inbox).answers:
        held.set_why_not(db, message_id, [_ONE_WAY], changes)


def _words(db: sqlite3.Connection, conversation: Conversation, author: str | None) -> str:
    """What the SMS says, in the customer's language."""
    spanish = (conversation.language or "es").lower().startswith("es")
    key = "fallback_sms_text_es" if spanish else "fallback_sms_text_en"
    template = setting(db, conversation.inbox_id, key)
    try:
        filled = fill_all(db, conversation, author, {key: template}, whole_link=True)
    except PlacedMergeError as error:
        raise DeskError(error.message, **error.values) from None
    return filled[key].strip()


def _refused(error: DeskError) -> Refused:
    return Refused(message=error.message, values=error.values)


class Teller:
    """Looks whether a template that told a customer has failed."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wake = asyncio.Event()
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Works until cancelled."""
        await keep_looking(self._look, self._wake, "customers cannot be told of held answers")

    async def _look(self) -> None:
        if await self._core.store.read(held.untold):
            await self._core.change(fall_back)
