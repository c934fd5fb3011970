"""The list of conversations, and what is done with one of them."""

from __future__ import annotations

import msgspec

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Conversation, ConversationPage, Counts, Folder


class ConversationFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which conversations a list shows. `text` matches name, address, phone digits, e-mail.

    `closing`: only those whose window is open, the first to close on top.
    """

    folder: Folder = Folder.INBOX
    unread_only: bool = False
    closing: bool = False
    inbox_id: int | None = None
    agent_id: int | None = None  # only what is assigned to them
    text: str = ""


class GetCounts(Call[Counts], frozen=True, kw_only=True, tag="get_counts"):
    """The numbers in the header."""


class ListConversations(
    Call[ConversationPage], frozen=True, kw_only=True, tag="list_conversations"
):
    """A page of the list, newest activity first."""

    filter: ConversationFilter = ConversationFilter()
    offset: int = 0
    limit: int = 50


class LocateConversation(Call[int | None], frozen=True, kw_only=True, tag="locate_conversation"):
    """The place of a conversation in a filtered list, counted from 0; None: not in it."""

    conversation_id: int
    filter: ConversationFilter = ConversationFilter()


class NextUnread(Call[Conversation | None], frozen=True, kw_only=True, tag="next_unread"):
    """The unread conversation that waits longest, other than `after`."""

    after: int | None = None


class GetConversation(Call[Conversation], frozen=True, kw_only=True, tag="get_conversation"):
    """One row."""

    conversation_id: int


class StartConversation(Call[Conversation], frozen=True, kw_only=True, tag="start_conversation"):
    """Open the conversation of a user (or an address) with an inbox, made where there is none."""

    inbox_id: int
    user_id: int | None = None
    address: str | None = None


class MarkRead(Call[Conversation], frozen=True, kw_only=True, tag="mark_read"):
    """Nothing in the conversation is unread, up to a message (all, where none is given)."""

    conversation_id: int
    up_to: int | None = None


class Typing(Call[None], frozen=True, kw_only=True, tag="typing"):
    """An agent writes an answer; the customer sees it where the inbox's settings say so."""

    conversation_id: int


class MarkUnread(Call[Conversation], frozen=True, kw_only=True, tag="mark_unread"):
    """The customer's last message is unread again."""

    conversation_id: int


class MoveConversation(Call[Conversation], frozen=True, kw_only=True, tag="move_conversation"):
    """To the archive, the trash, or back."""

    conversation_id: int
    folder: Folder


class SaveDraft(Call[None], frozen=True, kw_only=True, tag="save_draft"):
    """Keep what is typed; an empty text removes the draft."""

    conversation_id: int
    text: str
    cursor: tuple[int, int] = (0, 0)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed and not sent."""

    text: str
    cursor: tuple[int, int] = (0, 0)


class GetDraft(Call[Draft | None], frozen=True, kw_only=True, tag="get_draft"):
    """The draft of a conversation."""

    conversation_id: int
