"""Links to the page on which a customer reads a conversation.

A token is a random id and its signature. The writing connection knows how to sign, so that
whatever fills in a text within a transaction can make a link, and nothing else needs the key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import sqlite3
from typing import NamedTuple

ID_BYTES = 16
SIGNATURE_BYTES = 16
STAND_IN = "x" * 43  # as long as a token


class Link(NamedTuple):
    """A link that we made."""

    id: str
    conversation_id: int
    expires_at: int
    opened_by: str | None


def sign(key: bytes, link_id: bytes) -> bytes:
    """The signature of an id."""
    return hmac.digest(key, link_id, "sha256")[:SIGNATURE_BYTES]


def sign_with(db: sqlite3.Connection, key: bytes) -> None:
    """Lets this connection make links."""
    db.create_function("page_signature", 1, lambda link_id: sign(key, link_id), deterministic=True)


def id_of(key: bytes, token: str) -> str | None:
    """The id in a token; None where we did not sign it."""
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != ID_BYTES + SIGNATURE_BYTES or not hmac.compare_digest(_token(raw), token):
        return None  # not a token, or the same bytes spelt in another way
    link_id, signature = raw[:ID_BYTES], raw[ID_BYTES:]
    return link_id.hex() if hmac.compare_digest(sign(key, link_id), signature) else None


def _token(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def add(db: sqlite3.Connection, conversation_id: int, now: int, expires_at: int) -> str:
    """Makes a link; answers its token. A reader, which only tries out what a text would be, gets a
    stand-in that opens nothing."""
    if db.execute("PRAGMA query_only").fetchone()[0]:
        return STAND_IN
    link_id = secrets.token_bytes(ID_BYTES)
    (signature,) = db.execute("SELECT page_signature(?)", (link_id,)).fetchone()
    db.execute(
        "INSERT INTO page_link (id, conversation_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
        (link_id.hex(), conversation_id, now, expires_at),
    )
    return _token(link_id + signature)


def get(db: sqlite3.Connection, link_id: str) -> Link | None:
    """A link; None where it expired so long ago that it was forgotten."""
    row = db.execute(
        "SELECT id, conversation_id, expires_at, opened_by FROM page_link WHERE id = ?", (link_id,)
    ).fetchone()
    return Link(*row) if row else None


def bind(db: sqlite3.Connection, link_id: str, browser: str, now: int) -> bool:
    """Gives a link to the browser that opens it first; False where another one did.

    Args:
        browser: the SHA-256 of its cookie.
    """
    cursor = db.execute(
        "UPDATE page_link SET opened_by = ?, opened_at = ? WHERE id = ? AND opened_by IS NULL",
        (browser, now, link_id),
    )
    return cursor.rowcount == 1


def forget_before(db: sqlite3.Connection, moment: int) -> None:
    """Deletes links that expired before; their tokens stay expired."""
    db.execute("DELETE FROM page_link WHERE expires_at < ?", (moment,))


def our_number(db: sqlite3.Connection, conversation_id: int, inbox_id: int) -> str | None:
    """Our number as customers see it: the one to which they wrote."""
    row = db.execute(
        "SELECT recipient FROM message WHERE conversation_id = ? AND direction = 'in'"
        " AND recipient IS NOT NULL ORDER BY order_at DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if row is None:
        row = db.execute(
            "SELECT m.recipient FROM conversation c JOIN message m ON m.id = c.last_message_id"
            " WHERE c.inbox_id = ? AND m.direction = 'in' AND m.recipient IS NOT NULL LIMIT 1",
            (inbox_id,),
        ).fetchone()
    return row[0] if row else None
