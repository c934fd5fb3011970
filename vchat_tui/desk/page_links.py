"""The page on which a customer reads their conversation: who may see it, and what is on it."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from vchat_tui import settings
from vchat_tui.desk.core import Core
from vchat_tui.models import Direction, Status, TimelineItem
from vchat_tui.phones import digits
from vchat_tui.store import conversations, inboxes, messages, page_links, people
from vchat_tui.store.times import now_ms
from vchat_tui.zones import zone_of

SHOWN = 100  # messages
HOUR_MS = 3600 * 1000
FIRST_FETCH = 200  # of a conversation: enough for SHOWN, with what customers do not see
_HOURS = next(field for field in settings.SERVER_FIELDS if field.key == "page_hours")
_SENT = frozenset(
    {Status.ACCEPTED, Status.SENT, Status.DELIVERED, Status.READ, Status.PLAYED, Status.UNKNOWN}
)
_NOT_SHOWN = frozenset({"reaction", "edit", "revoke", "system"})


class Access(StrEnum):
    """What a browser may do with a token."""

    UNKNOWN = "unknown"  # not one of ours
    EXPIRED = "expired"
    TAKEN = "taken"  # another browser opened it first
    UNOPENED = "unopened"
    OPEN = "open"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser gets to see.

    Attributes:
        language: the customer's, where it is known.
        name: how our number is called.
        number: its digits, where we know them.
        items: the messages, oldest first; only where the access is `open`.
        seconds_left: until the link expires.
        zone: in which the customer lives, as far as their number tells.
    """

    access: Access
    language: str | None = None
    name: str = ""
    number: str | None = None
    items: tuple[TimelineItem, ...] = ()
    seconds_left: int = 0
    zone: ZoneInfo | None = None


def link_for(db: sqlite3.Connection, conversation_id: int) -> str:
    """A fresh token for the customer of a conversation, made within a transaction."""
    configured = inboxes.server_settings(db)
    hours = float(configured.get("page_hours") or _HOURS.default)
    now = now_ms()
    return page_links.add(db, conversation_id, now, now + round(hours * HOUR_MS))


class Pages:
    """Answers what browsers ask for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def look(self, token: str, cookie: str | None) -> Page:
        """What a token shows to the browser with this cookie."""
        link_id = page_links.id_of(self._core.page_key, token)
        if link_id is None:
            return Page(access=Access.UNKNOWN)
        return await self._core.store.read(_page, link_id, _hashed(cookie))

    async def open(self, token: str) -> str | None:
        """Gives the link to a browser; answers its cookie, None where it cannot have it (any more)."""
        link_id = page_links.id_of(self._core.page_key, token)
        if link_id is None:
            return None
        cookie = secrets.token_urlsafe(24)
        browser, now = _hashed(cookie), now_ms()
        bound = await self._core.change(
            lambda db, changes: page_links.bind(db, link_id, browser, now)
        )
        return cookie if bound else None


def _hashed(cookie: str | None) -> str:
    return hashlib.sha256((cookie or "").encode()).hexdigest()


def _page(db: sqlite3.Connection, link_id: str, browser: str) -> Page:
    link = page_links.get(db, link_id)
    conversation = conversations.get(db, link.conversation_id) if link else None
    if link is None or conversation is None:
        return Page(access=Access.EXPIRED)
    user = people.get_user(db, conversation.user_id)
    inbox = inboxes.get(db, conversation.inbox_id)
    number = page_links.our_number(db, conversation.id, conversation.inbox_id)
    access = Access.OPEN
    if link.expires_at <= now_ms():
        access = Access.EXPIRED
    elif link.opened_by is None:
        access = Access.UNOPENED
    elif not secrets.compare_digest(link.opened_by, browser):
        access = Access.TAKEN
    items: tuple[TimelineItem, ...] = ()
    if access is Access.OPEN:
        found = messages.timeline(db, conversation.id, limit=FIRST_FETCH).items
        items = tuple(item for item in found if _shown(item))[-SHOWN:]
    return Page(
        access=access,
        language=user.language if user else None,
        name=(inbox.settings.get("display_name") or inbox.name) if inbox else "",
        number=digits(number) if number else None,
        items=items,
        seconds_left=max(0, (link.expires_at - now_ms()) // 1000),
        zone=zone_of(conversation.address or (user.phone if user else None)),
    )


def _shown(item: TimelineItem) -> bool:
    """What was said between the two: no note, nothing that the customer did not get."""
    message = item.message
    if message.type in _NOT_SHOWN or message.direction is Direction.NOTE:
        return False
    return message.direction is Direction.IN or message.status in _SENT
