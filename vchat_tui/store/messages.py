"""Messages: writing them once, and reading them as a timeline."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any, NamedTuple

import msgspec

from vchat_tui import orders
from vchat_tui.models import (
    Content,
    Direction,
    Elsewhere,
    Held,
    Media,
    Message,
    MessageError,
    Reaction,
    ReactionMark,
    Refused,
    Reply,
    Status,
    TemplateUse,
    TimelineItem,
    TimelinePage,
)
from vchat_tui.store import conversations, index, pointers
from vchat_tui.store.changes import CONVERSATION, MESSAGE, Changes
from vchat_tui.store.times import optional

QUOTE_LENGTH = 200


class NewMessage(NamedTuple):
    """A message to be written."""

    conversation_id: int
    inbox_id: int
    direction: Direction
    content: Content
    order_at: int
    received_at: int
    sent_at: int | None = None
    author: str | None = None
    provider_id: str | None = None
    client_id: str | None = None
    sender: str | None = None
    recipient: str | None = None
    from_user_id: str | None = None
    profile_name: str | None = None
    status: Status | None = None
    error: MessageError | None = None
    webhook_id: int | None = None


class _Rest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts of a content that have no column of their own; stored as JSON."""

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

    def content(self, type_: str, text: str | None, reply_to: str | None) -> Content:
        """The whole content, with what the columns hold."""
        return Content(
            type=type_, text=text, reply_to=reply_to, media=self.media, location=self.location,
            contacts=self.contacts, reply=self.reply, form=self.form, order=self.order,
            reaction=self.reaction, referral=self.referral, interactive=self.interactive,
            template=self.template, raw=self.raw,
        )  # fmt: skip


_NOTHING = _Rest()
_encode = msgspec.json.Encoder().encode
_decode_error = msgspec.json.Decoder(MessageError).decode
_decode_refused = msgspec.json.Decoder(tuple[Refused, ...]).decode
_decode_rest = msgspec.json.Decoder(_Rest).decode


def _rest_of(content: Content) -> str | None:
    """JSON of what the columns do not hold; None for a plain text, which most messages are."""
    rest = _Rest(
        content.media, content.location, content.contacts, content.reply, content.form,
        content.order, content.reaction, content.referral, content.interactive, content.template,
        content.raw,
    )  # fmt: skip
    return None if rest == _NOTHING else _encode(rest).decode()


def insert(db: sqlite3.Connection, new: NewMessage) -> int | None:
    """Writes a message; None where one with its provider id or client id is there already."""
    content = new.content
    filename = _name_of(content)
    cursor = db.execute(
        "INSERT INTO message (conversation_id, inbox_id, direction, type, text, filename, content,"
        " author, provider_id, client_id, sender, recipient, from_user_id, profile_name, reply_to,"
        " status, error, order_at, sent_at, received_at, webhook_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (
            new.conversation_id, new.inbox_id, new.direction, content.type, content.text, filename,
            _rest_of(content), new.author, new.provider_id, new.client_id, new.sender, new.recipient,
            new.from_user_id, new.profile_name, content.reply_to, new.status,
            _encode(new.error).decode() if new.error else None, new.order_at, new.sent_at,
            new.received_at, new.webhook_id,
        ),
    )  # fmt: skip
    if cursor.rowcount != 1:
        return None
    assert cursor.lastrowid is not None
    index.add_message(db, cursor.lastrowid, content.text, filename)
    return cursor.lastrowid


def _name_of(content: Content) -> str | None:
    """What a message without words is found and listed by: its file's name, or what was ordered."""
    if content.order is not None:
        return orders.readable(content.order)
    return content.media[0].filename if content.media else None


def is_known(db: sqlite3.Connection, inbox_id: int, provider_id: str) -> bool:
    """Whether a message with this provider id is here already."""
    row = db.execute(
        "SELECT 1 FROM message WHERE inbox_id = ? AND provider_id = ?", (inbox_id, provider_id)
    ).fetchone()
    return row is not None


_COLUMNS = (
    "m.id, m.conversation_id, c.user_id, b.name, b.channel, m.direction, m.type, m.text, m.content,"
    " m.author, m.provider_id, m.sender, m.recipient, m.from_user_id, m.profile_name, m.reply_to,"
    " m.status, m.error, m.sent_at, m.delivered_at, m.read_at, m.received_at"
)
_TABLES = (
    "message m JOIN conversation c ON c.id = m.conversation_id JOIN inbox b ON b.id = m.inbox_id"
)


def _message(row: tuple[Any, ...]) -> Message:
    (mid, conversation_id, user_id, inbox, channel, direction, type_, text, rest, author, provider_id,
     sender, recipient, from_user_id, profile_name, reply_to, status, error, sent, delivered, read,
     received) = row[:22]  # fmt: skip
    more = _decode_rest(rest) if rest else _NOTHING
    return Message(
        id=mid, conversation_id=conversation_id, user_id=user_id, inbox=inbox, channel=channel,
        direction=Direction(direction), type=type_, text=text, author=author,
        provider_id=provider_id, from_=sender, to=recipient, from_user_id=from_user_id,
        profile_name=profile_name, reply_to=reply_to, status=Status(status) if status else None,
        error=_decode_error(error) if error else None, sent_at=optional(sent),
        delivered_at=optional(delivered), read_at=optional(read), received_at=optional(received),
        media=more.media, location=more.location, contacts=more.contacts, reply=more.reply,
        form=more.form, order=more.order, reaction=more.reaction, referral=more.referral,
        interactive=more.interactive, template=more.template, raw=more.raw,
    )  # fmt: skip


def get(db: sqlite3.Connection, message_id: int) -> Message | None:
    """One message."""
    row = db.execute(f"SELECT {_COLUMNS} FROM {_TABLES} WHERE m.id = ?", (message_id,)).fetchone()
    return _message(row) if row else None


def several(db: sqlite3.Connection, message_ids: Collection[int]) -> dict[int, Message]:
    """Messages by their ids, in one query; those that are not there are absent."""
    marks = ",".join("?" * len(message_ids))
    rows = db.execute(f"SELECT {_COLUMNS} FROM {_TABLES} WHERE m.id IN ({marks})", (*message_ids,))
    return {row[0]: _message(row) for row in rows}


def content_of(db: sqlite3.Connection, message_id: int) -> Content:
    """What a message says, for sending it."""
    type_, text, reply_to, rest = db.execute(
        "SELECT type, text, reply_to, content FROM message WHERE id = ?", (message_id,)
    ).fetchone()
    return (_decode_rest(rest) if rest else _NOTHING).content(type_, text, reply_to)


def by_client_id(db: sqlite3.Connection, client_id: str) -> Message | None:
    """The message that a console already sent under this id."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE m.client_id = ?", (client_id,)
    ).fetchone()
    return _message(row) if row else None


def listing(
    db: sqlite3.Connection,
    conversation_id: int | None,
    user_id: int | None,
    after_id: int,
    limit: int,
) -> list[Message]:
    """Messages by ascending id, for scripts."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE m.id > ?1 AND (?2 IS NULL OR m.conversation_id = ?2)"
        " AND (?3 IS NULL OR c.user_id = ?3) ORDER BY m.id LIMIT ?4",
        (after_id, conversation_id, user_id, limit),
    )
    return [_message(row) for row in rows]


_ITEM_COLUMNS = (
    f"{_COLUMNS}, m.order_at, m.client_id,"
    " (SELECT max(number) FROM attempt a WHERE a.message_id = m.id), m.inbox_id,"
    " h.held_at, h.release_at, h.asks, n.status, h.no_notice, h.sms_id, p.target_id"
)
_ITEM_TABLES = (
    f"{_TABLES} LEFT JOIN held h ON h.message_id = m.id LEFT JOIN message n ON n.id = h.notice_id"
    " LEFT JOIN pointer p ON p.message_id = m.id"
)


def items(db: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[TimelineItem]:
    """Messages with what others did to them. `where` is SQL of this package, never foreign text."""
    rows = db.execute(
        f"SELECT {_ITEM_COLUMNS} FROM {_ITEM_TABLES} WHERE {where}", values
    ).fetchall()
    quotes = _quotes(db, rows)
    effects = _effects(db, rows)
    elsewhere = pointers.read(db, [id_ for row in rows for id_ in row[31:33] if id_ is not None])
    found = []
    for row in rows:
        message = _message(row)
        marks, edited, revoked = effects.get(
            (row[25], message.provider_id or ""), ((), None, False)
        )
        found.append(
            TimelineItem(
                message=message,
                order=(row[22], message.id),
                reactions=marks,
                quote=quotes.get((row[25], message.reply_to or "")),
                edited_text=edited,
                revoked=revoked,
                attempts=row[24] or 0,
                client_id=row[23],
                held=_held(row[26:32], elsewhere),
                elsewhere=elsewhere.get(row[32]),
            )
        )
    return found


def _held(row: tuple[Any, ...], elsewhere: dict[int, Elsewhere]) -> Held | None:
    held_at, release_at, asks, notice, no_notice, sms_id = row
    if held_at is None:
        return None
    return Held(
        release_at=optional(release_at), asks=asks, notice=Status(notice) if notice else None,
        sms=elsewhere.get(sms_id), no_notice=_decode_refused(no_notice) if no_notice else (),
    )  # fmt: skip


def _quotes(db: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> dict[tuple[int, str], str]:
    """What the quoted messages say, for those that we have."""
    found = {}
    for inbox_id, target in {(row[25], row[15]) for row in rows if row[15]}:
        quoted = db.execute(
            "SELECT coalesce(text, filename, type) FROM message WHERE inbox_id = ? AND provider_id = ?",
            (inbox_id, target),
        ).fetchone()
        if quoted:
            found[inbox_id, target] = quoted[0][:QUOTE_LENGTH]
    return found


_Effects = tuple[tuple[ReactionMark, ...], str | None, bool]


def _effects(
    db: sqlite3.Connection, rows: list[tuple[Any, ...]]
) -> dict[tuple[int, str], _Effects]:
    """Reactions, edits and revocations of these messages, as they stand: the latest of each counts."""
    found: dict[tuple[int, str], _Effects] = {}
    for inbox_id, target in {(row[25], row[10]) for row in rows if row[10]}:
        latest: dict[tuple[str, str], str | None] = {}
        for kind, direction, value in db.execute(
            "SELECT e.kind, e.direction, e.value FROM effect e JOIN message m ON m.id = e.message_id"
            " WHERE e.inbox_id = ? AND e.target = ? AND m.status IS NOT 'failed'"
            " ORDER BY e.at, e.message_id",
            (inbox_id, target),
        ):
            latest[kind, direction] = value
        if latest:
            marks = tuple(
                ReactionMark(emoji=value, direction=Direction(direction))
                for (kind, direction), value in latest.items()
                if kind == "reaction" and value
            )
            edited = next((value for (kind, _), value in latest.items() if kind == "edit"), None)
            found[inbox_id, target] = (marks, edited, any(kind == "revoke" for kind, _ in latest))
    return found


def item(db: sqlite3.Connection, message_id: int) -> TimelineItem | None:
    """One message as the timeline shows it."""
    found = items(db, "m.id = ?", (message_id,))
    return found[0] if found else None


def troubled(db: sqlite3.Connection, limit: int) -> list[TimelineItem]:
    """Messages that failed or whose fate is unknown, newest first."""
    return items(db, "m.status IN ('failed', 'unknown') ORDER BY m.id DESC LIMIT ?", (limit,))


# A reaction of ours stands on its target; it has a line of its own only where it went wrong.
_SHOWN = "(m.type <> 'reaction' OR m.direction <> 'out' OR m.status IN ('failed', 'unknown'))"


def timeline(
    db: sqlite3.Connection,
    conversation_id: int,
    *,
    before: tuple[int, int] | None = None,
    after: tuple[int, int] | None = None,
    around: int | None = None,
    limit: int = 50,
) -> TimelinePage:
    """A run of a conversation, oldest first: the newest, or before / after / around a place."""
    if around is not None:
        row = db.execute("SELECT order_at, id FROM message WHERE id = ?", (around,)).fetchone()
        if row is None:
            return TimelinePage(items=())
        older = timeline(db, conversation_id, before=(row[0], row[1]), limit=limit // 2)
        newer = timeline(db, conversation_id, after=(row[0], row[1] - 1), limit=limit - limit // 2)
        return TimelinePage(
            items=older.items + newer.items,
            more_before=older.more_before,
            more_after=newer.more_after,
        )
    if after is not None:
        found = items(
            db,
            f"m.conversation_id = ? AND (m.order_at, m.id) > (?, ?) AND {_SHOWN}"
            " ORDER BY m.order_at, m.id LIMIT ?",
            (conversation_id, *after, limit + 1),
        )
        return TimelinePage(
            items=tuple(found[:limit]), more_before=True, more_after=len(found) > limit
        )
    place, bounds = ("AND (m.order_at, m.id) < (?, ?)", before) if before else ("", ())
    found = items(
        db,
        f"m.conversation_id = ? {place} AND {_SHOWN} ORDER BY m.order_at DESC, m.id DESC LIMIT ?",
        (conversation_id, *bounds, limit + 1),
    )
    return TimelinePage(
        items=tuple(reversed(found[:limit])),
        more_before=len(found) > limit,
        more_after=before is not None,
    )


def forget_echo(
    db: sqlite3.Connection, message_id: int, provider_id: str, changes: Changes
) -> None:
    """Removes what a webhook told of a message of ours before we knew the provider's id of it.

    Args:
        message_id: our message, which will have this provider id.
    """
    row = db.execute(
        "SELECT e.id, e.conversation_id, e.text, e.filename FROM message e JOIN message m"
        " ON m.inbox_id = e.inbox_id WHERE m.id = ? AND e.provider_id = ? AND e.id <> m.id",
        (message_id, provider_id),
    ).fetchone()
    if row is None:
        return
    echo, conversation_id, text, filename = row
    index.delete_message(db, echo, text, filename)
    db.execute("DELETE FROM message WHERE id = ?", (echo,))
    conversations.recompute_last(db, conversation_id)
    changes.note(CONVERSATION, conversation_id)


def note_quoting(db: sqlite3.Connection, inbox_id: int, provider_id: str, changes: Changes) -> None:
    """A message is known under this id now: those that quote it can show its words."""
    for conversation_id, message_id in db.execute(
        "SELECT conversation_id, id FROM message WHERE inbox_id = ? AND reply_to = ?",
        (inbox_id, provider_id),
    ):
        changes.note(MESSAGE, conversation_id, message_id)


def webhook_of(db: sqlite3.Connection, message_id: int) -> int | None:
    """The journal entry that a message was read in."""
    row = db.execute("SELECT webhook_id FROM message WHERE id = ?", (message_id,)).fetchone()
    return row[0] if row else None
