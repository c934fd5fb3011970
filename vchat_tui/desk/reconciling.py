"""Finds what a provider took in while our webhook did not answer, where it brings each only once.

What it finds goes into the journal like any webhook, so that everything behind it is the same.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime, timedelta

from vchat_tui.channels import registry
from vchat_tui.channels.base import Channel
from vchat_tui.channels.facts import MessageFact
from vchat_tui.desk.gate import JournalUnavailable
from vchat_tui.desk.inbound import inbox_of
from vchat_tui.desk.services import Services
from vchat_tui.models import Inbox, MessageError
from vchat_tui.store import inboxes, messages, reconciling
from vchat_tui.text import clean

log = logging.getLogger(__name__)

EVERY = 300.0  # seconds
# The provider's list lags behind, and clocks differ; what is looked at again costs little.
OVERLAP = timedelta(minutes=10)
FIRST_LOOK = timedelta(days=1)


async def reconcile_regularly(services: Services) -> None:
    """Looks at the start and every few minutes, until cancelled."""
    while True:
        await reconcile(services)
        await asyncio.sleep(EVERY)


async def reconcile(services: Services) -> int:
    """Asks each provider that brings webhooks only once; answers how many were missed."""
    count = 0
    for inbox in await services.core.store.read(inboxes.everything):
        channel = services.sender.channel(inbox.id)
        if channel is None or not channel.capabilities.missed_webhooks:
            continue
        try:
            count += await _reconcile(services, inbox, channel)
        except (sqlite3.Error, JournalUnavailable) as error:
            log.error("missed webhooks cannot be stored now: %s", error)
    return count


async def _reconcile(services: Services, inbox: Inbox, channel: Channel) -> int:
    now = datetime.now(UTC)
    looked = await services.core.store.read(reconciling.looked_at, inbox.id)
    since = looked - OVERLAP if looked else now - FIRST_LOOK
    bodies = await channel.missed(since)
    if isinstance(bodies, MessageError):
        log.warning("cannot ask for missed messages: %s", clean(bodies.code, one_line=True))
        return 0
    source = registry.source_of(inbox.channel)
    missed = [
        body for body in bodies if not await services.core.store.read(_is_known, source, body)
    ]
    for body in missed:
        await services.gate.append(source, {"x-vchat-reconciled": "1"}, body, inbox.id)
    await services.core.change(
        lambda db, changes: reconciling.set_looked_at(db, inbox.id, now, len(missed), changes)
    )
    return len(missed)


def _is_known(db: sqlite3.Connection, source: str, body: bytes) -> bool:
    """Whether its message is in the store (or nothing can be made of it)."""
    for fact in registry.parse(source, body).facts:
        if isinstance(fact, MessageFact):
            found = inbox_of(db, fact)
            return found is None or messages.is_known(db, found[0], fact.provider_id)
    return True
