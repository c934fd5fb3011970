"""Everything that a console may ask of the desk: one struct per call, with what it answers.

The structs are the wire format too: `server` decodes them (unknown fields are refused) and
`remote` encodes them, so a call is described once. `Desk` is the interface that screens see;
the server's own desk and the remote one both have it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Generic, Protocol, TypeVar, get_args

import msgspec

from vchat_tui.channels.base import CheckResult
from vchat_tui.events import Frame
from vchat_tui.models import (
    Conversation,
    ConversationPage,
    Counts,
    Diagnostics,
    Folder,
    Inbox,
    Message,
    SearchPage,
    TimelineItem,
    TimelinePage,
    UserCard,
    UserPage,
    Webhook,
    WebhookState,
)

Answer = TypeVar("Answer")


class DeskError(Exception):
    """A call was refused. The text is for the person who made it: what is wrong, what is right.

    Args:
        message: a message id of the catalogues (English), with `{name}` places.
        values: what goes in the places.
        field: the setting or input that was wrong, where one was.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: str) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.values = values
        self.field = field


class Disconnected(Exception):
    """The server cannot be reached now; the call may be made again once it can."""


class Call(
    msgspec.Struct,
    Generic[Answer],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="call",
):
    """Base of all calls; the parameter is the type of the answer."""


class ConversationFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which conversations a list shows. `text` matches name, address, phone digits, e-mail."""

    folder: Folder = Folder.INBOX
    unread_only: bool = False
    inbox_id: int | None = None
    text: str = ""


# ---- reading --------------------------------------------------------------------------------


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


class GetTimeline(Call[TimelinePage], frozen=True, kw_only=True, tag="get_timeline"):
    """A run of a conversation: the newest, or those before / after / around a place."""

    conversation_id: int
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    around: int | None = None  # a message id
    limit: int = 50


class GetRaw(Call[dict[str, Any]], frozen=True, kw_only=True, tag="get_raw"):
    """A message with the provider's own object from the journal, for the raw view."""

    message_id: int


class ListUsers(Call[UserPage], frozen=True, kw_only=True, tag="list_users"):
    """A page of the users screen, by name; `text` matches name, phone digits, e-mail, username."""

    text: str = ""
    offset: int = 0
    limit: int = 50


class GetUser(Call[UserCard], frozen=True, kw_only=True, tag="get_user"):
    """A user with identities and conversations."""

    user_id: int


class SearchMessages(Call[SearchPage], frozen=True, kw_only=True, tag="search_messages"):
    """Full-text search, newest first; `before` pages on (the order of the last hit)."""

    text: str
    before: tuple[int, int] | None = None
    limit: int = 50


class ListMessages(Call[tuple[Message, ...]], frozen=True, kw_only=True, tag="list_messages"):
    """Messages in the order of the conversation(s); pages by `after_id` (ascending ids)."""

    conversation_id: int | None = None
    user_id: int | None = None
    after_id: int = 0
    limit: int = 500


class ListFailed(Call[tuple[TimelineItem, ...]], frozen=True, kw_only=True, tag="list_failed"):
    """Messages that failed or whose fate is unknown, newest first."""

    limit: int = 200


class ListInboxes(Call[tuple[Inbox, ...]], frozen=True, kw_only=True, tag="list_inboxes"):
    """All inboxes, by name."""


class GetServerSettings(Call[dict[str, Any]], frozen=True, kw_only=True, tag="get_server_settings"):
    """The settings of the server itself (see settings.SERVER_FIELDS)."""


class GetDiagnostics(Call[Diagnostics], frozen=True, kw_only=True, tag="get_diagnostics"):
    """The state of the server."""


class CheckInbox(Call[CheckResult], frozen=True, kw_only=True, tag="check_inbox"):
    """What the provider says of an inbox's number or page now: proves address and token."""

    inbox_id: int


class ListWebhooks(Call[tuple[Webhook, ...]], frozen=True, kw_only=True, tag="list_webhooks"):
    """The journal, oldest first, from `after_id`."""

    state: WebhookState | None = None
    facts: bool = False
    after_id: int = 0
    limit: int = 200


class GetWebhook(Call[Webhook], frozen=True, kw_only=True, tag="get_webhook"):
    """A journal entry with its facts and its raw body."""

    webhook_id: int


class Settle(Call[None], frozen=True, kw_only=True, tag="settle"):
    """Answers once every webhook that is in the journal now has been applied."""


# ---- doing ----------------------------------------------------------------------------------


class Reply(Call[Message], frozen=True, kw_only=True, tag="reply"):
    """Queue a text. The same `client_id` twice is one message."""

    conversation_id: int
    client_id: str
    text: str
    reply_to: int | None = None  # a message id of ours
    author: str | None = None


class SendTo(Call[Message], frozen=True, kw_only=True, tag="send_to"):
    """Queue a text to an address, through the inbox of that name; makes user and conversation."""

    inbox: str
    to: str
    client_id: str
    text: str
    author: str | None = None


class StartConversation(Call[Conversation], frozen=True, kw_only=True, tag="start_conversation"):
    """Open the conversation of a user (or an address) with an inbox, made where there is none."""

    inbox_id: int
    user_id: int | None = None
    address: str | None = None


class Retry(Call[Message], frozen=True, kw_only=True, tag="retry"):
    """Send a failed message again; one of unknown fate only with `may_double`."""

    message_id: int
    may_double: bool = False


class ConfirmArrived(Call[Message], frozen=True, kw_only=True, tag="confirm_arrived"):
    """A person says that a message of unknown fate did arrive."""

    message_id: int


class MarkRead(Call[Conversation], frozen=True, kw_only=True, tag="mark_read"):
    """Nothing in the conversation is unread, up to a message (all, where none is given)."""

    conversation_id: int
    up_to: int | None = None


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


class SaveUser(Call[UserCard], frozen=True, kw_only=True, tag="save_user"):
    """Change what we know of a user; only the fields given."""

    user_id: int
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class SaveInbox(Call[Inbox], frozen=True, kw_only=True, tag="save_inbox"):
    """Add an inbox (no id) or change one. A secret that is absent from `values` stays as it is."""

    inbox_id: int | None = None
    name: str
    channel: str
    values: dict[str, Any]


class DeleteInbox(Call[None], frozen=True, kw_only=True, tag="delete_inbox"):
    """Remove an inbox that has no conversation."""

    inbox_id: int


class ResumeInbox(Call[Inbox], frozen=True, kw_only=True, tag="resume_inbox"):
    """Send again on an inbox that was paused."""

    inbox_id: int


class SaveServerSettings(
    Call[dict[str, Any]], frozen=True, kw_only=True, tag="save_server_settings"
):
    """Change settings of the server itself; answers all of them."""

    values: dict[str, Any]


class ReplayWebhook(Call[Webhook], frozen=True, kw_only=True, tag="replay_webhook"):
    """Read and apply a journal entry again."""

    webhook_id: int


AnyCall = (
    GetCounts
    | ListConversations
    | LocateConversation
    | NextUnread
    | GetConversation
    | GetTimeline
    | GetRaw
    | ListUsers
    | GetUser
    | SearchMessages
    | ListMessages
    | ListFailed
    | ListInboxes
    | GetServerSettings
    | GetDiagnostics
    | CheckInbox
    | ListWebhooks
    | GetWebhook
    | Settle
    | Reply
    | SendTo
    | StartConversation
    | Retry
    | ConfirmArrived
    | MarkRead
    | MarkUnread
    | MoveConversation
    | SaveDraft
    | GetDraft
    | SaveUser
    | SaveInbox
    | DeleteInbox
    | ResumeInbox
    | SaveServerSettings
    | ReplayWebhook
)


def answer_type(call: type[Call[Any]]) -> Any:
    """The type that a call answers with, from its declaration `Call[...]`."""
    return get_args(call.__orig_bases__[0])[0]  # type: ignore[attr-defined]


class Desk(Protocol):
    """What screens talk to."""

    async def call(self, call: Call[Answer]) -> Answer:
        """Do one thing.

        Raises:
            DeskError: refused; the text says why.
            Disconnected: the server is away (remote desks only).
        """
        ...

    def follow(self) -> AsyncIterator[Frame]:
        """Events from now on. The first frame has `resync` set: take the snapshot then."""
        ...

    async def watch(self, conversation_id: int | None) -> None:
        """Which conversation's messages `follow` should carry."""
        ...
