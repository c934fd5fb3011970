"""Which conversations the list shows: a folder, and perhaps one of our numbers only."""

from __future__ import annotations

from collections.abc import Sequence

from vchat_tui.desk.calls import ConversationFilter
from vchat_tui.models import Folder, Inbox


def list_filter(
    folder: str, inbox_id: int | None, agent_id: int | None = None
) -> ConversationFilter:
    """What to ask the desk for.

    Args:
        folder: a folder's name, `unread` or `closing`.
        inbox_id: which number; None: all.
        agent_id: whose; None: everybody's.
    """
    if folder == "unread":
        return ConversationFilter(unread_only=True, inbox_id=inbox_id, agent_id=agent_id)
    if folder == "closing":
        return ConversationFilter(closing=True, inbox_id=inbox_id, agent_id=agent_id)
    return ConversationFilter(folder=Folder(folder), inbox_id=inbox_id, agent_id=agent_id)


def number_after(inboxes: Sequence[Inbox], inbox_id: int | None) -> int | None:
    """The next of our numbers; after the last, all of them (None)."""
    numbers = [None, *(inbox.id for inbox in inboxes)]
    place = numbers.index(inbox_id) if inbox_id in numbers else 0
    return numbers[(place + 1) % len(numbers)]
