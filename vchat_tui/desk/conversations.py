"""Browsing conversations, and what an agent does to a whole one."""

from __future__ import annotations

import sqlite3

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.services import Services
from vchat_tui.models import Conversation, ConversationPage, Counts, TimelinePage
from vchat_tui.settings import _
from vchat_tui.store import conversations, drafts, messages
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import now_ms
from vchat_tui.window import SAFETY

MAX_PAGE = 500
MAX_DRAFT = 65_536


def _filter(wanted: calls.ConversationFilter) -> conversations.ListFilter:
    closing_after = now_ms() + round(SAFETY.total_seconds() * 1000) if wanted.closing else None
    return conversations.ListFilter(
        wanted.folder,
        wanted.unread_only,
        wanted.inbox_id,
        wanted.text[:200],
        wanted.agent_id,
        closing_after,
    )


def bounded(limit: int) -> int:
    """A page size within reason."""
    return max(1, min(limit, MAX_PAGE))


async def get_counts(services: Services, call: calls.GetCounts) -> Counts:
    """The numbers in the header."""
    return await services.core.store.read(conversations.counts)


async def list_conversations(services: Services, call: calls.ListConversations) -> ConversationPage:
    """A page of the list."""
    offset = max(0, call.offset)
    rows, total = await services.core.store.read(
        conversations.page, _filter(call.filter), offset, bounded(call.limit)
    )
    return ConversationPage(rows=tuple(rows), total=total, offset=offset)


async def locate(services: Services, call: calls.LocateConversation) -> int | None:
    """The place of a conversation in a list."""
    return await services.core.store.read(
        conversations.locate, call.conversation_id, _filter(call.filter)
    )


async def next_unread(services: Services, call: calls.NextUnread) -> Conversation | None:
    """The unread conversation that waits longest."""
    return await services.core.store.read(conversations.next_unread, call.after)


async def get(services: Services, call: calls.GetConversation) -> Conversation:
    """One row."""
    return await _existing(services, call.conversation_id)


async def timeline(services: Services, call: calls.GetTimeline) -> TimelinePage:
    """A run of a conversation."""
    return await services.core.store.read(
        messages.timeline,
        call.conversation_id,
        before=call.before,
        after=call.after,
        around=call.around,
        limit=bounded(call.limit),
    )


async def mark_read(services: Services, call: calls.MarkRead) -> Conversation:
    """Nothing in it is unread."""
    await services.core.change(
        lambda db, changes: conversations.mark_read(db, call.conversation_id, call.up_to, changes)
    )
    services.receipts.read(call.conversation_id, call.up_to)
    return await _existing(services, call.conversation_id)


async def typing(services: Services, call: calls.Typing) -> None:
    """An agent writes an answer."""
    services.receipts.typing(call.conversation_id)


async def mark_unread(services: Services, call: calls.MarkUnread) -> Conversation:
    """The customer's last message is unread again."""
    await services.core.change(
        lambda db, changes: conversations.mark_unread(db, call.conversation_id, changes)
    )
    return await _existing(services, call.conversation_id)


async def move(services: Services, call: calls.MoveConversation) -> Conversation:
    """To the archive, the trash, or back."""
    await services.core.change(
        lambda db, changes: conversations.move(db, call.conversation_id, call.folder, changes)
    )
    return await _existing(services, call.conversation_id)


async def save_draft(services: Services, call: calls.SaveDraft) -> None:
    """Keeps what is typed."""
    if len(call.text) > MAX_DRAFT:
        raise DeskError(_("The draft is longer than {limit} characters."), limit=str(MAX_DRAFT))

    def save(db: sqlite3.Connection, changes: Changes) -> None:
        if conversations.get(db, call.conversation_id) is not None:
            drafts.save(db, call.conversation_id, call.text, call.cursor, changes)

    await services.core.change(save)


async def get_draft(services: Services, call: calls.GetDraft) -> calls.Draft | None:
    """The draft of a conversation."""
    found = await services.core.store.read(drafts.get, call.conversation_id)
    return calls.Draft(text=found[0], cursor=found[1]) if found else None


async def _existing(services: Services, conversation_id: int) -> Conversation:
    found = await services.core.store.read(conversations.get, conversation_id)
    if found is None:
        raise DeskError(_("This conversation is no longer there."))
    return found
