"""The conversation list: rows whose columns (last message, unread, window) are kept as messages come.

`recompute` derives the same columns from the messages alone; a test holds the two equal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any, NamedTuple

from vchat_tui import sandbox
from vchat_tui.models import Conversation, Counts, Direction, Folder, Status
from vchat_tui.settings.twilio_fields import takes_answers
from vchat_tui.store import people
from vchat_tui.store.changes import CONVERSATION, USER, Changes
from vchat_tui.store.times import optional

# Customers' messages that are not words to us: they make nothing unread and open no window.
SILENT_TYPES = frozenset({"reaction", "edit", "revoke", "system"})
SILENT_SQL = "('reaction', 'edit', 'revoke', 'system')"
PREVIEW_LENGTH = 160


class ListFilter(NamedTuple):
    """Which conversations a list shows."""

    folder: Folder
    unread_only: bool
    inbox_id: int | None
    text: str
    agent_id: int | None = None  # only what is assigned to them
    closing_after: int | None = None  # only windows that are open then, the first to close on top


class Posted(NamedTuple):
    """What a new message means for its conversation."""

    message_id: int
    order_at: int
    direction: Direction
    type: str
    text: str | None
    status: Status | None


_COLUMNS = (
    "c.id, c.user_id, c.inbox_id, b.name, b.channel, u.name, i.address, c.folder, c.unread,"
    " c.last_message_id, c.last_message_at, c.last_text, c.last_type, c.last_direction,"
    " c.last_status, c.window_ends_at, c.window_refused_at, d.text, i.opted_out_at IS NOT NULL,"
    " json_extract(b.settings, '$.display_name'), c.department, c.agent_id, a.name,"
    " c.last_agent_id, coalesce(u.language, json_extract(b.settings, '$.default_language')),"
    " b.account, json_extract(b.settings, '$.messaging_service_sid'),"
    " c.joined_at, i.last_inbound_at, c.not_in_at"
)
_TABLES = (
    "conversation c JOIN user u ON u.id = c.user_id JOIN inbox b ON b.id = c.inbox_id"
    " JOIN identity i ON i.id = c.identity_id LEFT JOIN draft d ON d.conversation_id = c.id"
    " LEFT JOIN agent a ON a.id = c.agent_id"
)


def _row(row: tuple[Any, ...]) -> Conversation:
    (cid, user_id, inbox_id, inbox, channel, title, address, folder, unread, last_id, last_at,
     last_text, last_type, direction, status, window, refused, draft, opted_out, label,
     department, agent_id, agent, last_agent_id, language, account, service,
     *member) = row  # fmt: skip
    in_sandbox = sandbox.is_sandbox(channel, account) or member[-1] is not None
    return Conversation(
        id=cid, user_id=user_id, inbox_id=inbox_id, inbox=inbox, channel=channel, title=title,
        address=address, folder=Folder(folder), unread=unread, last_message_id=last_id,
        last_message_at=optional(last_at), last_text=last_text, last_type=last_type,
        last_direction=Direction(direction) if direction else None,
        last_status=Status(status) if status else None,
        window_ends_at=optional(window), window_refused=window is None and refused is not None,
        draft=draft, opted_out=bool(opted_out), inbox_label=label, department=department,
        agent_id=agent_id, agent=agent, last_agent_id=last_agent_id, language=language,
        takes_answers=takes_answers(account, service), is_sandbox=in_sandbox,
        member_until=sandbox.ends_at(*map(optional, member)) if in_sandbox else None,
    )  # fmt: skip


def get(db: sqlite3.Connection, conversation_id: int) -> Conversation | None:
    """One row of the list."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE c.id = ?", (conversation_id,)
    ).fetchone()
    return _row(row) if row else None


def several(db: sqlite3.Connection, conversation_ids: Collection[int]) -> dict[int, Conversation]:
    """Rows of the list by their ids, in one query; those that are not there are absent."""
    marks = ",".join("?" * len(conversation_ids))
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE c.id IN ({marks})", (*conversation_ids,)
    )
    return {row[0]: _row(row) for row in rows}


def _where(wanted: ListFilter) -> tuple[str, list[object]]:
    clauses, values = ["c.folder = ?"], [str(wanted.folder)]
    parameters: list[object] = list(values)
    if wanted.unread_only:
        clauses.append("c.unread > 0")
    if wanted.inbox_id is not None:
        clauses.append("c.inbox_id = ?")
        parameters.append(wanted.inbox_id)
    if wanted.agent_id is not None:
        clauses.append("c.agent_id = ?")
        parameters.append(wanted.agent_id)
    if wanted.closing_after is not None:
        clauses.append("c.window_ends_at > ?")
        parameters.append(wanted.closing_after)
    if wanted.text.strip():
        clause, words = people.search_clause(wanted.text)
        clauses.append(f"c.user_id IN (SELECT u.id FROM user u WHERE {clause})")
        parameters += words
    return " AND ".join(clauses), parameters


_BY_ACTIVITY = ("c.last_message_at", "DESC", ">")
_BY_CLOSING = ("c.window_ends_at", "ASC", "<")


def page(
    db: sqlite3.Connection, wanted: ListFilter, offset: int, limit: int
) -> tuple[list[Conversation], int]:
    """A page of the list, newest activity first, and how long the whole list is."""
    where, values = _where(wanted)
    column, way, _before = _BY_ACTIVITY if wanted.closing_after is None else _BY_CLOSING
    total = db.execute(f"SELECT count(*) FROM conversation c WHERE {where}", values).fetchone()[0]
    # The ids first, from the index alone: joining before the OFFSET would read every skipped row.
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM (SELECT c.id AS cid, {column} AS at FROM conversation c"
        f" WHERE {where} ORDER BY {column} {way}, c.id {way} LIMIT ? OFFSET ?)"
        f" CROSS JOIN {_TABLES.replace('conversation c', 'conversation c ON c.id = cid', 1)}"
        f" ORDER BY at {way}, cid {way}",
        (*values, limit, offset),
    )
    return [_row(row) for row in rows], total


def locate(db: sqlite3.Connection, conversation_id: int, wanted: ListFilter) -> int | None:
    """The place of a conversation in a list, from 0; None where the filter leaves it out."""
    where, values = _where(wanted)
    column, _way, before = _BY_ACTIVITY if wanted.closing_after is None else _BY_CLOSING
    here = db.execute(
        f"SELECT {column} FROM conversation c WHERE {where} AND c.id = ?",
        (*values, conversation_id),
    ).fetchone()
    if here is None:
        return None
    place: int = db.execute(
        f"SELECT count(*) FROM conversation c WHERE {where} AND ({column}, c.id) {before} (?, ?)",
        (*values, here[0], conversation_id),
    ).fetchone()[0]
    return place


def next_unread(db: sqlite3.Connection, after: int | None) -> Conversation | None:
    """The unread conversation that waits longest, other than `after`."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE c.folder = 'inbox' AND c.unread > 0 AND c.id IS NOT ?"
        " ORDER BY c.last_message_at, c.id LIMIT 1",
        (after,),
    ).fetchone()
    return _row(row) if row else None


def of_user(db: sqlite3.Connection, user_id: int) -> list[Conversation]:
    """A user's conversations, newest activity first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE c.user_id = ? ORDER BY c.last_message_at DESC",
        (user_id,),
    )
    return [_row(row) for row in rows]


def counts(db: sqlite3.Connection) -> Counts:
    """The numbers in the header."""
    conversations, messages = db.execute(
        "SELECT count(*), coalesce(sum(unread), 0) FROM conversation WHERE folder = 'inbox' AND unread > 0"
    ).fetchone()
    trouble = dict(
        db.execute(
            "SELECT status, count(*) FROM message WHERE status IN ('failed', 'unknown') GROUP BY status"
        ).fetchall()
    )
    dead = db.execute("SELECT count(*) FROM webhook_outcome WHERE state = 'dead'").fetchone()[0]
    return Counts(
        unread_conversations=conversations,
        unread_messages=messages,
        failed=trouble.get("failed", 0),
        unknown=trouble.get("unknown", 0),
        dead=dead,
    )


def for_identity(
    db: sqlite3.Connection, identity_id: int, user_id: int, inbox_id: int, at: int, changes: Changes,
    *, folder: Folder = Folder.INBOX,
) -> int:  # fmt: skip
    """The conversation of an identity, made in `folder` where there is none."""
    row = db.execute("SELECT id FROM conversation WHERE identity_id = ?", (identity_id,)).fetchone()
    if row:
        found: int = row[0]
        return found
    cursor = db.execute(
        "INSERT INTO conversation (user_id, inbox_id, identity_id, last_message_at, created_at,"
        " folder, department) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
        " (SELECT json_extract(settings, '$.default_department') FROM inbox WHERE id = ?2))",
        (user_id, inbox_id, identity_id, at, changes.now, str(folder)),
    )
    assert cursor.lastrowid is not None
    changes.note(CONVERSATION, cursor.lastrowid)
    changes.note(USER, None, user_id)  # their number of conversations
    return cursor.lastrowid


def identity_of(db: sqlite3.Connection, message_id: int) -> int:
    """The identity with whom the conversation of a message is."""
    found: int = db.execute(
        "SELECT c.identity_id FROM conversation c JOIN message m ON m.conversation_id = c.id"
        " WHERE m.id = ?",
        (message_id,),
    ).fetchone()[0]
    return found


def counts_as_unread(direction: str, type_: str) -> bool:
    """Whether a message is one that a customer wants answered."""
    return direction == Direction.IN and type_ not in SILENT_TYPES


def posted(
    db: sqlite3.Connection, conversation_id: int, message: Posted, window_ms: int | None
) -> None:
    """Brings the columns up to date for one new message.

    Args:
        window_ms: how long the channel lets us answer freely; None: for ever.
    """
    asks = counts_as_unread(message.direction, message.type)
    last_id, last_at, folder, ends_at, refused_at = db.execute(
        "SELECT last_message_id, last_message_at, folder, window_ends_at, window_refused_at"
        " FROM conversation WHERE id = ?",
        (conversation_id,),
    ).fetchone()
    if asks:
        folder = Folder.INBOX
        if window_ms is None:
            ends_at = None
        elif refused_at is None or message.order_at > refused_at:
            ends_at = max(ends_at or 0, message.order_at + window_ms)
        db.execute(
            "UPDATE identity SET last_inbound_at = max(coalesce(last_inbound_at, 0), ?1),"
            " unreachable_at = NULL"
            " WHERE id = (SELECT identity_id FROM conversation WHERE id = ?2)",
            (message.order_at, conversation_id),
        )
    asked = (asks, folder, ends_at)
    if last_id is None or (last_at, last_id) <= (message.order_at, message.message_id):
        last = (
            message.message_id, message.order_at, _preview(message.text), message.message_id,
            message.type, message.direction, message.status,
        )  # fmt: skip
        # All of it at once: each change of `folder` or of the times moves the row in indexes.
        db.execute(
            "UPDATE conversation SET unread = unread + ?, folder = ?, window_ends_at = ?,"
            " last_message_id = ?, last_message_at = ?, last_text = coalesce(?,"
            f" (SELECT substr(filename, 1, {PREVIEW_LENGTH}) FROM message WHERE id = ?)),"
            " last_type = ?, last_direction = ?, last_status = ? WHERE id = ?",
            (*asked, *last, conversation_id),
        )
    elif asks:
        db.execute(
            "UPDATE conversation SET unread = unread + ?, folder = ?, window_ends_at = ? WHERE id = ?",
            (*asked, conversation_id),
        )


def _preview(text: str | None) -> str | None:
    return None if text is None else text[:PREVIEW_LENGTH]


def recompute(db: sqlite3.Connection, conversation_id: int, window_ms: int | None) -> None:
    """Derives the kept columns from the messages."""
    unread, last_inbound, refused = db.execute(
        "SELECT sum(m.id > c.read_id), max(m.order_at), max(c.window_refused_at) FROM message m"
        " JOIN conversation c ON c.id = m.conversation_id"
        f" WHERE m.conversation_id = ? AND m.direction = 'in' AND m.type NOT IN {SILENT_SQL}",
        (conversation_id,),
    ).fetchone()
    window = None
    if window_ms is not None and last_inbound is not None and last_inbound > (refused or 0):
        window = last_inbound + window_ms
    db.execute(
        "UPDATE conversation SET unread = ?, window_ends_at = ? WHERE id = ?",
        (unread or 0, window, conversation_id),
    )
    recompute_last(db, conversation_id)


def recompute_last(db: sqlite3.Connection, conversation_id: int) -> None:
    """Derives the columns of the last message."""
    last = db.execute(
        "SELECT id, order_at, coalesce(text, filename), type, direction, status FROM message"
        " WHERE conversation_id = ?"
        " ORDER BY order_at DESC, id DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if last:
        db.execute(
            "UPDATE conversation SET last_message_id = ?, last_message_at = ?, last_text = ?,"
            " last_type = ?, last_direction = ?, last_status = ? WHERE id = ?",
            (last[0], last[1], _preview(last[2]), last[3], last[4], last[5], conversation_id),
        )


def mark_read(
    db: sqlite3.Connection, conversation_id: int, up_to: int | None, changes: Changes
) -> None:
    """Customers' messages up to one (all, where none is given) are read."""
    newest = db.execute(
        "SELECT coalesce(max(id), 0) FROM message WHERE conversation_id = ?", (conversation_id,)
    ).fetchone()[0]
    limit = newest if up_to is None else min(up_to, newest)
    cursor = db.execute(
        "UPDATE conversation SET read_id = ?1 WHERE id = ?2 AND read_id < ?1",
        (limit, conversation_id),
    )
    if cursor.rowcount:
        _recount_unread(db, conversation_id)
        changes.note(CONVERSATION, conversation_id)


def mark_unread(db: sqlite3.Connection, conversation_id: int, changes: Changes) -> None:
    """The customer's last message is unread again."""
    row = db.execute(
        "SELECT id FROM message WHERE conversation_id = ? AND direction = 'in'"
        f" AND type NOT IN {SILENT_SQL} ORDER BY id DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if row:
        db.execute(
            "UPDATE conversation SET read_id = min(read_id, ?) WHERE id = ?",
            (row[0] - 1, conversation_id),
        )
        _recount_unread(db, conversation_id)
        changes.note(CONVERSATION, conversation_id)


def _recount_unread(db: sqlite3.Connection, conversation_id: int) -> None:
    db.execute(
        "UPDATE conversation SET unread = (SELECT count(*) FROM message m WHERE"
        " m.conversation_id = conversation.id AND m.id > conversation.read_id AND m.direction = 'in'"
        f" AND m.type NOT IN {SILENT_SQL}) WHERE id = ?",
        (conversation_id,),
    )


def move(db: sqlite3.Connection, conversation_id: int, folder: Folder, changes: Changes) -> None:
    """To the archive, the trash, or back."""
    db.execute("UPDATE conversation SET folder = ? WHERE id = ?", (str(folder), conversation_id))
    changes.note(CONVERSATION, conversation_id)


def assign(
    db: sqlite3.Connection, conversation_id: int, agent_id: int | None, changes: Changes
) -> None:
    """To an agent, or to nobody."""
    db.execute("UPDATE conversation SET agent_id = ? WHERE id = ?", (agent_id, conversation_id))
    changes.note(CONVERSATION, conversation_id)


def set_department(
    db: sqlite3.Connection, conversation_id: int, department: str | None, changes: Changes
) -> None:
    """Gives it the label of a department, or none."""
    db.execute("UPDATE conversation SET department = ? WHERE id = ?", (department, conversation_id))
    changes.note(CONVERSATION, conversation_id)
