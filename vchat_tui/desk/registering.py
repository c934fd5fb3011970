"""Tells providers where our webhooks come in, where each inbox has an address of its own.

It is done once after an inbox or the public URL was saved, and again until there is an answer; never
by itself at another time, or two installations with one key would take the webhooks from each other.
What is to be done is in the database since the saving, so a server that stops in between goes on.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from vchat_tui.channels import errors, registry
from vchat_tui.desk import accounts
from vchat_tui.desk.looking import keep_looking
from vchat_tui.desk.services import Services
from vchat_tui.models import Inbox
from vchat_tui.store import inboxes, registrations
from vchat_tui.store.changes import Changes
from vchat_tui.store.registrations import Due
from vchat_tui.store.times import now_ms
from vchat_tui.text import clean

log = logging.getLogger(__name__)

PAUSES = (5.0, 30.0, 120.0, 600.0)  # seconds after each try; the last one from then on


async def keep_registered(services: Services) -> None:
    """Registers what is to be registered, until cancelled."""
    wake = asyncio.Event()
    services.core.on_change(wake.set)

    async def look() -> float | None:
        now = now_ms()  # one for both looks: what falls due between two would be in neither
        for due in await services.core.store.read(registrations.due, now):
            await _register(services, due)
        at = await services.core.store.read(registrations.next_at, now)
        return None if at is None else max(0.0, (at - now_ms()) / 1000)

    await keep_looking(look, wake, "webhook addresses cannot be registered")


def want(db: sqlite3.Connection, inbox: Inbox, changes: Changes) -> None:
    """An inbox was saved: its address may be another now."""
    if registry.capabilities(inbox.channel).own_webhook:
        registrations.want(db, inbox.id, changes.now)


def want_all(db: sqlite3.Connection, changes: Changes) -> None:
    """The public URL was saved."""
    for inbox in inboxes.everything(db):
        want(db, inbox, changes)


async def _register(services: Services, due: Due) -> None:
    inbox = await services.core.store.read(inboxes.get, due.inbox_id)
    channel = services.sender.channel(due.inbox_id)
    error = await channel.subscribe() if channel is not None else None
    if error is not None and error.code == errors.NO_ANSWER:
        at = now_ms() + round(PAUSES[min(due.tries, len(PAUSES) - 1)] * 1000)
        await services.core.change(lambda db, changes: registrations.postponed(db, due, at))
        return
    if error is not None:
        log.warning("a webhook address was refused: %s", clean(error.code, one_line=True))
    await services.core.change(lambda db, changes: registrations.done(db, due))
    if inbox is not None and channel is not None:
        await accounts.ask(services, inbox, channel)
