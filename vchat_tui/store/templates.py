"""Templates as the provider last told us, and when that was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from vchat_tui.channels.base import TemplateDefinition
from vchat_tui.models import Content, MessageError
from vchat_tui.store.changes import TEMPLATES, Changes
from vchat_tui.templates.model import Template

_encode = msgspec.json.Encoder().encode
_decode_error = msgspec.json.Decoder(MessageError).decode
_decode_components = msgspec.json.Decoder(tuple[dict[str, Any], ...]).decode

MINUTE_MS = 60_000
EVERY_MS = 30 * MINUTE_MS
AFTER_ERROR_MS = 5 * MINUTE_MS

# What a failed send says of our copy: the number of values, the language, or the state is another
# (Meta, "Error codes"; Twilio, "Error and warning dictionary").
_META_OUTDATED = ("132000", "132001", "132012", "132015", "132016")
_TWILIO_OUTDATED = ("21655", "21656", "63027", "63028", "63041", "63042")
OUTDATED = _META_OUTDATED + _TWILIO_OUTDATED

_COLUMNS = (
    "id, inbox_id, provider_id, name, language, category, status, quality, reason, named, components,"
    " hidden, (SELECT channel FROM inbox WHERE inbox.id = inbox_id)"
)


class Wanted(NamedTuple):
    """Which templates a list shows. `words` are looked for in name, language, category, status."""

    inbox_id: int
    words: str = ""
    sendable: bool = False


class Sync(NamedTuple):
    """How the last reading went."""

    synced_at: int | None = None
    error: MessageError | None = None


def _template(row: tuple[Any, ...]) -> Template:
    return Template(
        id=row[0], inbox_id=row[1], provider_id=row[2], name=row[3], language=row[4],
        category=row[5], status=row[6], quality=row[7], reason=row[8], named=bool(row[9]),
        components=_decode_components(row[10]), hidden=bool(row[11]),
        channel=row[12],
    )  # fmt: skip


def get(db: sqlite3.Connection, template_id: int) -> Template | None:
    """One template."""
    row = db.execute(f"SELECT {_COLUMNS} FROM template WHERE id = ?", (template_id,)).fetchone()
    return _template(row) if row else None


def page(
    db: sqlite3.Connection, wanted: Wanted, offset: int, limit: int
) -> tuple[list[Template], int]:
    """Rows of a filtered list by name and language, and how many there are in all."""
    clauses, values = ["inbox_id = ?"], [wanted.inbox_id]
    given: list[Any] = list(values)
    if wanted.sendable:
        clauses.append("status = 'APPROVED' AND NOT hidden")
    for word in wanted.words.split()[:8]:
        clauses.append(
            "instr(lower(name || ' ' || language || ' ' || category || ' ' || status), ?) > 0"
        )
        given.append(word.lower())
    where = " AND ".join(clauses)
    total = db.execute(f"SELECT count(*) FROM template WHERE {where}", given).fetchone()[0]
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM template WHERE {where} ORDER BY name, language LIMIT ? OFFSET ?",
        (*given, limit, offset),
    )
    return [_template(row) for row in rows], total


def called(db: sqlite3.Connection, inbox_id: int, name: str) -> list[Template]:
    """A template in all its languages."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM template WHERE inbox_id = ? AND name = ? ORDER BY language",
        (inbox_id, name),
    )
    return [_template(row) for row in rows]


def category(db: sqlite3.Connection, inbox_id: int, name: str, language: str) -> str | None:
    """What a template is for, in the provider's word; None where it is not known here."""
    row = db.execute(
        "SELECT category FROM template WHERE inbox_id = ? AND name = ? AND language = ?",
        (inbox_id, name, language),
    ).fetchone()
    return row[0].upper() if row else None


def is_marketing(db: sqlite3.Connection, inbox_id: int, content: Content) -> bool:
    """Whether a message is a template that is not known to be of another category."""
    if content.template is None:
        return False
    known = category(db, inbox_id, content.template.name, content.template.language)
    return known not in ("UTILITY", "AUTHENTICATION")


def hide(db: sqlite3.Connection, template_id: int, hidden: bool, changes: Changes) -> None:
    """Whether it is offered to agents; a new reading does not change that."""
    db.execute("UPDATE template SET hidden = ? WHERE id = ?", (hidden, template_id))
    changes.note(TEMPLATES)


# ---- reading from the provider ------------------------------------------------------------------


def replace_all(
    db: sqlite3.Connection,
    inbox_id: int,
    account: str | None,
    definitions: Iterable[TemplateDefinition],
    changes: Changes,
) -> None:
    """All templates of an inbox, as they are now; those that are not among them are gone."""
    kept = set()
    for definition in definitions:
        kept.add((definition.name, definition.language))
        db.execute(
            "INSERT INTO template (inbox_id, provider_id, name, language, category, status, quality,"
            " reason, named, components, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (inbox_id, name, language) DO UPDATE SET provider_id = excluded.provider_id,"
            " category = excluded.category, status = excluded.status, quality = excluded.quality,"
            " reason = excluded.reason, named = excluded.named, components = excluded.components,"
            " changed_at = excluded.changed_at",
            (
                inbox_id, definition.provider_id, definition.name, definition.language,
                definition.category, definition.status, definition.quality, definition.reason,
                definition.named, _encode(definition.components).decode(), changes.now,
            ),
        )  # fmt: skip
    for template_id, name, language in db.execute(
        "SELECT id, name, language FROM template WHERE inbox_id = ?", (inbox_id,)
    ).fetchall():
        if (name, language) not in kept:
            db.execute("DELETE FROM template WHERE id = ?", (template_id,))
    db.execute(
        "INSERT OR REPLACE INTO template_sync (inbox_id, business_account, tried_at, synced_at)"
        " VALUES (?, ?, ?, ?)",
        (inbox_id, account, changes.now, changes.now),
    )
    changes.note(TEMPLATES)


def sync_failed(
    db: sqlite3.Connection,
    inbox_id: int,
    account: str | None,
    error: MessageError,
    changes: Changes,
) -> None:
    """The provider could not be asked; what it last said stays."""
    db.execute(
        "INSERT INTO template_sync (inbox_id, business_account, tried_at, error)"
        " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET business_account = ?2, tried_at = ?3,"
        " error = ?4, wanted = 0",
        (inbox_id, account, changes.now, _encode(error).decode()),
    )
    changes.note(TEMPLATES)


def last_sync(db: sqlite3.Connection, inbox_id: int) -> Sync:
    """How the last reading of an inbox's templates went."""
    row = db.execute(
        "SELECT synced_at, error FROM template_sync WHERE inbox_id = ?", (inbox_id,)
    ).fetchone()
    return Sync(row[0], _decode_error(row[1]) if row[1] else None) if row else Sync()


def due(
    db: sqlite3.Connection, now: int, accounts: Mapping[int, str]
) -> tuple[list[int], int | None]:
    """The inboxes whose templates should be read now, and when another will be.

    Every half hour; a minute after the last time, at the earliest, where something says that ours
    are out of date; at once for an inbox, or an account of it, that is new.

    Args:
        accounts: of each inbox that can have templates, whose these are.
    """
    found, later = [], []
    for inbox_id, read_of, tried_at, wanted, error in db.execute(
        "SELECT i.id, s.business_account, s.tried_at, s.wanted, s.error"
        " FROM inbox i LEFT JOIN template_sync s ON s.inbox_id = i.id ORDER BY i.id"
    ):
        account = accounts.get(inbox_id)
        if account is None:
            continue
        pause = MINUTE_MS if wanted else AFTER_ERROR_MS if error else EVERY_MS
        # A time in the future shows that the clock was set back since.
        if tried_at is None or account != read_of or tried_at > now or tried_at + pause <= now:
            found.append(inbox_id)
        else:
            later.append(tried_at + pause)
    return found, min(later, default=None)


def want_sync(db: sqlite3.Connection, inbox_id: int) -> None:
    """Something says that the templates of an inbox are out of date."""
    db.execute(
        "INSERT INTO template_sync (inbox_id, wanted) VALUES (?, 1)"
        " ON CONFLICT DO UPDATE SET wanted = 1",
        (inbox_id,),
    )


def read_at_once(db: sqlite3.Connection, inbox_id: int) -> None:
    """The way to the provider changed: what went wrong before says nothing now."""
    db.execute("UPDATE template_sync SET tried_at = NULL WHERE inbox_id = ?", (inbox_id,))


def message_failed(db: sqlite3.Connection, message_id: int) -> None:
    """A message failed; where its template is to blame, ours is out of date."""
    places = ", ".join("?" * len(OUTDATED))
    row = db.execute(
        "SELECT inbox_id FROM message WHERE id = ? AND type = 'template'"
        f" AND json_extract(error, '$.code') IN ({places})",
        (message_id, *OUTDATED),
    ).fetchone()
    if row:
        want_sync(db, row[0])


# ---- what webhooks tell -------------------------------------------------------------------------

FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
    }
)
"""Meta's webhook fields about templates."""

_EVENT_STATUS = {
    "REINSTATED": "APPROVED",
    "FLAGGED": None,  # of low quality, but still sendable
    "LOCKED": "DISABLED",
}


def apply_event(
    db: sqlite3.Connection,
    inbox_id: int,
    field: str,
    event: str | None,
    told: dict[str, Any],
    changes: Changes,
) -> None:
    """A webhook about a template: what it says holds for all inboxes of the account, and all of
    them are read again.

    Args:
        field: one of `FIELDS`.
        event: of a status update, in Meta's word.
        told: what the webhook says.
    """
    name, language = told.get("message_template_name"), told.get("message_template_language")
    columns: dict[str, Any] = {}
    if field == "message_template_status_update" and event:
        status = _EVENT_STATUS.get(event, event)
        reason = told.get("reason")
        if status:
            columns = {"status": status, "reason": reason if _says(reason) else None}
    elif field == "message_template_quality_update":
        columns = {"quality": told.get("new_quality_score")}
    elif field == "template_category_update" and told.get("new_category"):
        columns = {"category": told["new_category"]}
    account = (
        "SELECT id FROM inbox WHERE id = ?1 OR business_account ="
        " (SELECT business_account FROM inbox WHERE id = ?1)"
    )
    for column, value in columns.items():
        if isinstance(name, str) and isinstance(language, str) and isinstance(value, str | None):
            db.execute(
                f"UPDATE template SET {column} = ?2, changed_at = ?3 WHERE name = ?4"
                f" AND language = ?5 AND inbox_id IN ({account})",
                (inbox_id, value, changes.now, name, language),
            )
    for (sibling,) in db.execute(account, (inbox_id,)).fetchall():
        want_sync(db, sibling)
    changes.note(TEMPLATES)


def _says(reason: object) -> bool:
    return isinstance(reason, str) and reason not in ("", "NONE")
