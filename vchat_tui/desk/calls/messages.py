"""Reading and writing messages."""

from __future__ import annotations

from typing import Any

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Content, Message, SearchPage, TimelineItem, TimelinePage


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


class Reply(Call[Message], frozen=True, kw_only=True, tag="reply"):
    """Queue a text. The same `client_id` twice is one message."""

    conversation_id: int
    client_id: str
    text: str
    reply_to: int | None = None  # a message id of ours
    author: str | None = None


class Send(Call[Message], frozen=True, kw_only=True, tag="send"):
    """Queue a content of any kind. The same `client_id` twice is one message.

    Files in it are named by `Media.sha256` and must be in the home already (see `files`).
    """

    conversation_id: int
    client_id: str
    content: Content
    reply_to: int | None = None  # a message id of ours
    author: str | None = None


class SendTo(Call[Message], frozen=True, kw_only=True, tag="send_to"):
    """Queue a text to an address, through the inbox of that name; makes user and conversation."""

    inbox: str
    to: str
    client_id: str
    text: str
    author: str | None = None


class Retry(Call[Message], frozen=True, kw_only=True, tag="retry"):
    """Send a failed message again; one of unknown fate only with `may_double`."""

    message_id: int
    may_double: bool = False


class ConfirmArrived(Call[Message], frozen=True, kw_only=True, tag="confirm_arrived"):
    """A person says that a message of unknown fate did arrive."""

    message_id: int
