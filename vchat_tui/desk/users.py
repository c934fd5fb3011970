"""Browsing users and correcting what we know of them."""

from __future__ import annotations

import re
import sqlite3

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.services import Services
from vchat_tui.models import UserCard, UserPage
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.settings import _
from vchat_tui.store import conversations, identities, people
from vchat_tui.store.changes import Changes


async def list_users(services: Services, call: calls.ListUsers) -> UserPage:
    """A page of the users screen."""
    offset = max(0, call.offset)
    rows, total = await services.core.store.read(
        people.list_users, call.text[:200], offset, bounded(call.limit)
    )
    return UserPage(rows=tuple(rows), total=total, offset=offset)


async def get_user(services: Services, call: calls.GetUser) -> UserCard:
    """A user with identities and conversations."""
    return await services.core.store.read(_card, call.user_id)


async def save_user(services: Services, call: calls.SaveUser) -> UserCard:
    """Changes what an agent typed; a field that is None stays, an empty one is removed."""
    given = {
        "name": call.name, "email": call.email, "phone": call.phone, "language": call.language,
    }  # fmt: skip
    fields = {
        key: _checked(key, value.strip()) for key, value in given.items() if value is not None
    }

    def save(db: sqlite3.Connection, changes: Changes) -> UserCard:
        _card(db, call.user_id)
        people.save_user(db, call.user_id, fields, changes)
        return _card(db, call.user_id)

    return await services.core.change(save)


async def set_opt_out(services: Services, call: calls.SetOptOut) -> UserCard:
    """A customer told an agent that they want no marketing, or want it again: on all inboxes."""

    def write(db: sqlite3.Connection, changes: Changes) -> UserCard:
        for identity in _card(db, call.user_id).identities:
            identities.set_opt_out(db, identity.id, call.out, "agent", changes.now, changes)
        return _card(db, call.user_id)

    return await services.core.change(write)


def _checked(key: str, value: str) -> str | None:
    if key == "name" and not value:
        raise DeskError(_("A user needs a name."), field=key)
    if not value:
        return None
    if len(value) > 200:
        raise DeskError(_("This is longer than {limit} characters."), limit="200", field=key)
    if key == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
        raise DeskError(
            _("This is not an e-mail address; it looks like ana@example.com"), field=key
        )
    if key == "language" and not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", value):
        raise DeskError(_("A language looks like es or es_MX."), field=key)
    if key == "phone":
        try:
            return to_e164(value)
        except PhoneError as error:
            raise DeskError(error.message, field=key, **error.values) from None
    return value


def _card(db: sqlite3.Connection, user_id: int) -> UserCard:
    user = people.get_user(db, user_id)
    if user is None:
        raise DeskError(_("This user is no longer there."))
    return UserCard(
        user=user,
        identities=tuple(people.identities_of(db, user_id)),
        conversations=tuple(conversations.of_user(db, user_id)),
    )
