"""Files that providers need before a message can go, and those that they have already.

A message with files waits in the outbox with `needs_files` until all are known to the provider;
the sender does not see it before.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from vchat_tui.local_files import hashes, with_provider_ids
from vchat_tui.models import Content
from vchat_tui.store import messages

VALID_MS = 29 * 24 * 3600 * 1000
"""Meta keeps an upload for 30 days (Meta, Cloud API, "Media"); the last one is left alone. A link of
ours has a shorter life."""


class Waiting(NamedTuple):
    """A message that waits for its files; `missing` are those that the provider lacks."""

    message_id: int
    inbox_id: int
    tries: int
    missing: tuple[str, ...]


def waiting(db: sqlite3.Connection, now: int, limit: int) -> list[Waiting]:
    """Messages whose files can be given to their provider now, oldest first."""
    rows = db.execute(
        "SELECT o.message_id, o.inbox_id, o.attempt FROM outbox o JOIN inbox b ON b.id = o.inbox_id"
        " WHERE o.needs_files = 1 AND o.state = 'queued' AND b.paused IS NULL"
        " AND (o.next_at <= ?1 OR o.changed_at > ?1) ORDER BY o.message_id LIMIT ?2",
        (now, limit),
    ).fetchall()
    return [
        Waiting(message_id, inbox_id, tries, _missing(db, message_id, inbox_id, now))
        for message_id, inbox_id, tries in rows
    ]


def next_waiting_at(db: sqlite3.Connection, now: int) -> int | None:
    """When the next message that waits for its files may be looked at again."""
    row = db.execute(
        "SELECT min(o.next_at) FROM outbox o JOIN inbox b ON b.id = o.inbox_id"
        " WHERE o.needs_files = 1 AND o.state = 'queued' AND b.paused IS NULL AND o.next_at > ?",
        (now,),
    ).fetchone()
    found: int | None = row[0]
    return found


def _missing(db: sqlite3.Connection, message_id: int, inbox_id: int, now: int) -> tuple[str, ...]:
    wanted = hashes(messages.content_of(db, message_id))
    known = _ids(db, inbox_id, wanted, now)
    return tuple(sha256 for sha256 in wanted if sha256 not in known)


def _ids(
    db: sqlite3.Connection, inbox_id: int, wanted: tuple[str, ...], now: int
) -> dict[str, str]:
    marks = ",".join("?" * len(wanted))
    rows = db.execute(
        "SELECT sha256, provider_id FROM upload"
        f" WHERE inbox_id = ? AND coalesce(usable_until, uploaded_at + {VALID_MS}) > ?"
        f" AND sha256 IN ({marks})",
        (inbox_id, now, *wanted),
    )
    return dict(rows.fetchall())


def have_files(db: sqlite3.Connection, message_ids: list[int]) -> None:
    """The provider has all files of these messages: they may go."""
    db.executemany(
        "UPDATE outbox SET needs_files = 0, next_at = 0 WHERE message_id = ?",
        [(message_id,) for message_id in message_ids],
    )


def sendable(db: sqlite3.Connection, message_id: int, now: int) -> Content | None:
    """What goes to the provider, files under its ids; None where it lacks one (it waits then), or
    where the message was taken back since it was chosen."""
    if db.execute("SELECT 1 FROM outbox WHERE message_id = ?", (message_id,)).fetchone() is None:
        return None
    content = messages.content_of(db, message_id)
    wanted = hashes(content)
    if not wanted:
        return content
    (inbox_id,) = db.execute("SELECT inbox_id FROM message WHERE id = ?", (message_id,)).fetchone()
    ids = _ids(db, inbox_id, wanted, now)
    if len(ids) < len(wanted):
        db.execute("UPDATE outbox SET needs_files = 1 WHERE message_id = ?", (message_id,))
        return None
    return with_provider_ids(content, ids)


def uploaded(
    db: sqlite3.Connection,
    inbox_id: int,
    sha256: str,
    provider_id: str,
    now: int,
    usable_until: int | None = None,
) -> None:
    """A provider has a file under this id.

    Args:
        usable_until: when no new message may name it any more; None: as long as Meta keeps it.
    """
    db.execute(
        "INSERT INTO upload (inbox_id, sha256, provider_id, uploaded_at, usable_until)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET provider_id = excluded.provider_id,"
        " uploaded_at = excluded.uploaded_at, usable_until = excluded.usable_until",
        (inbox_id, sha256, provider_id, now, usable_until),
    )


def forget(db: sqlite3.Connection, message_id: int) -> None:
    """The provider's copies of a message's files may be what is wrong: they are given anew."""
    wanted = hashes(messages.content_of(db, message_id))
    marks = ",".join("?" * len(wanted))
    db.execute(
        "DELETE FROM upload WHERE inbox_id = (SELECT inbox_id FROM message WHERE id = ?)"
        f" AND sha256 IN ({marks})",
        (message_id, *wanted),
    )
