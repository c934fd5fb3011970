"""What the product is about: users, inboxes, conversations, messages.

Frozen msgspec structs: the store builds them, the console link and the command line encode them
as they are. `Message` encodes to the JSON that scripts rely on (docs/architecture.md, "Stable
surfaces"): a key that does not apply is absent. Every datetime is UTC.
Text in a model is as the provider sent it: hostile until it went through `text.clean`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all models."""


class Direction(StrEnum):
    """Who speaks: the customer, us, or us among ourselves."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Status(StrEnum):
    """How far an outgoing message has come, least far first (see `rank`)."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"

    @property
    def rank(self) -> int:
        """Place in the order in which a status may replace another: only a higher one does.

        `failed` is above `sent` and below `delivered`: a late `sent` never hides a failure, and
        a failure never hides that the message arrived.
        """
        return _RANKS[self]


_RANKS = {status: place for place, status in enumerate(Status)}


class Folder(StrEnum):
    """Where a conversation lies."""

    INBOX = "inbox"
    ARCHIVE = "archive"
    TRASH = "trash"


class Media(Model, frozen=True, kw_only=True):
    """A file in a message. `state`: `pending` (not fetched), `ready`, `failed`.

    Once it is `ready`, `sha256` is the hex digest of its bytes, under which the home keeps it
    (store/files.py); before that it is as the provider wrote it. `id` is the provider's. `problem`
    says why it could not be fetched.
    """

    id: str | None = None
    mime_type: str | None = None
    filename: str | None = None
    size: int | None = None
    sha256: str | None = None
    url: str | None = None
    voice: bool | None = None
    animated: bool | None = None
    state: str | None = None
    problem: MessageError | None = None


class Reply(Model, frozen=True, kw_only=True):
    """What the customer chose: a button or a list row."""

    id: str | None = None
    title: str | None = None
    payload: str | None = None


class Reaction(Model, frozen=True, kw_only=True):
    """An emoji put on a message, or taken away. `message_id` is the provider's."""

    message_id: str
    emoji: str | None = None
    removed: bool | None = None


class MessageError(Model, frozen=True, kw_only=True):
    """Why a message failed, in the provider's words; `advice` is ours, in the reader's language."""

    code: str
    title: str | None = None
    details: str | None = None
    advice: str | None = None


class TemplateUse(Model, frozen=True, kw_only=True):
    """A provider-approved template as it is sent; the text that it makes is the message's `text`.

    `components` are the provider's objects with the values filled in (for WhatsApp: Meta, "Message
    templates", the `components` of a send). Where the provider takes values by name in their place
    (Twilio's ContentVariables), they are in `variables`, and `provider_id` says which template.
    """

    name: str
    language: str
    components: tuple[dict[str, Any], ...] = ()
    provider_id: str | None = None
    variables: dict[str, str] = {}


class Content(Model, frozen=True, kw_only=True):
    """What a message says, whatever its direction: the part that a channel reads and writes.

    `interactive` is Meta's object of that name (buttons, list, product ...): the richest form there
    is; channels that cannot send it make plain text of it.
    """

    type: str
    text: str | None = None
    reply_to: str | None = None
    media: tuple[Media, ...] = ()
    location: dict[str, Any] | None = None
    contacts: tuple[dict[str, Any], ...] = ()
    reply: Reply | None = None
    form: dict[str, Any] | None = None
    order: dict[str, Any] | None = None
    reaction: Reaction | None = None
    referral: dict[str, Any] | None = None
    interactive: dict[str, Any] | None = None
    template: TemplateUse | None = None
    raw: dict[str, Any] | None = None


class Message(Content, frozen=True, kw_only=True):
    """An item of a conversation. Its JSON is a stable surface."""

    id: int
    conversation_id: int
    user_id: int
    inbox: str
    channel: str
    direction: Direction
    author: str | None = None
    provider_id: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    from_user_id: str | None = None
    profile_name: str | None = None
    status: Status | None = None
    error: MessageError | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    received_at: datetime | None = None


class Refused(Model, frozen=True, kw_only=True):
    """Why something was not done: a message id with `{name}` places for `values`."""

    message: str
    values: dict[str, str] = {}


class Elsewhere(Model, frozen=True, kw_only=True):
    """A message in another conversation of the same person, as it stands there. `to`: the number
    that it goes to."""

    conversation_id: int
    message_id: int
    inbox: str
    channel: str
    status: Status
    to: str | None = None
    error: MessageError | None = None


class Held(Model, frozen=True, kw_only=True):
    """How a held answer stands. `release_at`: it goes then. `asks`: an agent is to decide, because
    it is `stale` or was `taken_back`. `notice`: how the template fares that told the customer of
    it; `sms`: the text that did; `no_notice`: why none did, a reason for each way, or what to know
    of the one that did."""

    release_at: datetime | None = None
    asks: str | None = None
    notice: Status | None = None
    sms: Elsewhere | None = None
    no_notice: tuple[Refused, ...] = ()


class ReactionMark(Model, frozen=True, kw_only=True):
    """A reaction as it stands on a message now."""

    emoji: str
    direction: Direction


class TimelineItem(Model, frozen=True, kw_only=True):
    """A message as the timeline shows it, with what other messages did to it."""

    message: Message
    order: tuple[int, int]  # (milliseconds, id): the place in the conversation
    reactions: tuple[ReactionMark, ...] = ()
    quote: str | None = None  # the text that `reply_to` points to, where we have it
    edited_text: str | None = None
    revoked: bool = False
    attempts: int = 0
    client_id: str | None = None
    held: Held | None = None
    elsewhere: Elsewhere | None = None  # what a note of type `elsewhere` stands for


class TimelinePage(Model, frozen=True, kw_only=True):
    """A run of a conversation, oldest first."""

    items: tuple[TimelineItem, ...]
    more_before: bool = False
    more_after: bool = False


class Conversation(Model, frozen=True, kw_only=True):
    """A row of the conversation list; its columns are kept beside the messages."""

    id: int
    user_id: int
    inbox_id: int
    inbox: str
    channel: str
    title: str  # the user's name, else what we have of an address
    address: str | None = None
    folder: Folder = Folder.INBOX
    unread: int = 0
    last_message_id: int | None = None
    last_message_at: datetime | None = None
    last_text: str | None = None
    last_type: str | None = None
    last_direction: Direction | None = None
    last_status: Status | None = None
    window_ends_at: datetime | None = None
    window_refused: bool = False  # the provider says that it is closed, whatever our clock says
    draft: str | None = None
    opted_out: bool = False  # wants no marketing
    inbox_label: str | None = None  # how the inbox is called on screen, where not by its name
    department: str | None = None
    agent_id: int | None = None  # to whom it is assigned
    agent: str | None = None  # their name
    last_agent_id: int | None = None  # who answered last; not the author of a broadcast
    language: str | None = None  # the user's, else what the inbox assumes
    takes_answers: bool = True  # False: our messages come from a name, to which nobody can write
    is_sandbox: bool = False  # the inbox is one of the provider's for trying things out
    member_until: datetime | None = None  # so long, at most, the customer is in the sandbox


class ConversationPage(Model, frozen=True, kw_only=True):
    """Rows `offset … offset+len` of a filtered list of `total` conversations."""

    rows: tuple[Conversation, ...]
    total: int
    offset: int = 0


class Identity(Model, frozen=True, kw_only=True):
    """A user as one of our inboxes knows them."""

    id: int
    user_id: int
    inbox_id: int
    inbox: str
    channel: str
    address: str | None = None  # the provider's id: WhatsApp wa_id, later +E164, PSID ...
    business_scoped_id: str | None = None
    username: str | None = None
    profile_name: str | None = None
    last_inbound_at: datetime | None = None
    opted_out_at: datetime | None = None  # no marketing and no broadcasts since then
    opted_out_by: str | None = None  # word, provider, agent
    unreachable_at: datetime | None = None  # the provider says: not on this channel


class User(Model, frozen=True, kw_only=True):
    """A customer."""

    id: int
    name: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None  # E.164 with +; absent where the provider hides it
    language: str | None = None
    country: str | None = None
    details: dict[str, str] = {}
    created_at: datetime | None = None
    last_seen_at: datetime | None = None
    conversations: int = 0


class UserPage(Model, frozen=True, kw_only=True):
    """Rows of the users screen."""

    rows: tuple[User, ...]
    total: int
    offset: int = 0


class UserCard(Model, frozen=True, kw_only=True):
    """A user with all that hangs on them."""

    user: User
    identities: tuple[Identity, ...] = ()
    conversations: tuple[Conversation, ...] = ()


class Agent(Model, frozen=True, kw_only=True):
    """Somebody who answers customers. `online`: has pressed a key at an attached console within the
    last minutes and is not `away` by hand. `disabled`: works here no more."""

    id: int
    name: str
    phone: str | None = None  # E.164 with +
    email: str | None = None
    department: str | None = None
    language: str | None = None
    admin: bool = False
    disabled: bool = False
    online: bool = False
    away: bool = False


class SearchHit(Model, frozen=True, kw_only=True):
    """A message found by search, with where it stands."""

    message: Message
    conversation: Conversation
    order: tuple[int, int]


class SearchPage(Model, frozen=True, kw_only=True):
    """Hits, newest first."""

    hits: tuple[SearchHit, ...]
    more: bool = False


class SecretState(Model, frozen=True, kw_only=True):
    """All that anybody may learn of a secret once it is stored."""

    set: bool
    fingerprint: str | None = None
    changed_at: datetime | None = None


class AccountCheck(Model, frozen=True, kw_only=True):
    """What the provider last said of an inbox's account. `token_state`: valid, expired, wrong, unknown."""

    at: datetime
    token_state: str
    token_expires_at: datetime | None = None
    subscribed: bool | None = None


class Inbox(Model, frozen=True, kw_only=True):
    """A number or page of ours on a channel. `settings` holds no secret."""

    id: int
    name: str
    channel: str
    settings: dict[str, Any] = {}
    secrets: dict[str, SecretState] = {}
    paused: MessageError | None = None  # sending stopped until an admin acts
    check: AccountCheck | None = None
    created_at: datetime | None = None


class WebhookState(StrEnum):
    """What became of a webhook."""

    PENDING = "pending"
    APPLIED = "applied"
    IGNORED = "ignored"
    DEAD = "dead"


class Webhook(Model, frozen=True, kw_only=True):
    """A journal entry."""

    id: int
    received_at: datetime
    state: WebhookState
    inbox: str | None = None
    error: str | None = None
    facts: tuple[dict[str, Any], ...] | None = None
    body: str | None = None


class InboxHealth(Model, frozen=True, kw_only=True):
    """What the diagnostics know of an inbox."""

    inbox: Inbox
    last_good_at: datetime | None = None
    last_bad_at: datetime | None = None
    last_bad_reason: str | None = None
    good: int = 0
    bad: int = 0
    handshake_at: datetime | None = None
    last_error: MessageError | None = None
    queued: int = 0
    unknown: int = 0
    failed: int = 0


class Diagnostics(Model, frozen=True, kw_only=True):
    """The state of the whole server, as the diagnostics screen shows it."""

    inboxes: tuple[InboxHealth, ...] = ()
    listening: str | None = None  # http://host:port of the webhook listener
    listener_error: str | None = None
    storage_error: str | None = None  # why the last write to a database failed: full, held, broken
    public_url: str | None = None
    bad_signatures: int = 0
    last_bad_at: datetime | None = None
    last_bad_reason: str | None = None
    journal_last_id: int = 0
    projected_id: int = 0
    dead: int = 0
    outbox_queued: int = 0
    outbox_unknown: int = 0
    outbox_failed: int = 0
    orders_waiting: int = 0  # to be posted to a shop's system
    orders_dead: int = 0  # given up
    notices_failed: int = 0  # ... or of unknown fate, within a day
    server_version: str | None = None
    started_at: datetime | None = None


class Counts(Model, frozen=True, kw_only=True):
    """The numbers in the header."""

    unread_conversations: int = 0
    unread_messages: int = 0
    failed: int = 0
    unknown: int = 0
    dead: int = 0
