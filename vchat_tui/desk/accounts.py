"""Asking the provider about our own account: for the set-up, and every hour to know of trouble first."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from vchat_tui import settings
from vchat_tui.channels import errors
from vchat_tui.channels.base import Channel
from vchat_tui.desk import calls, diagnostics
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.services import Services
from vchat_tui.models import Inbox
from vchat_tui.phones import digits
from vchat_tui.settings import _
from vchat_tui.store import accounts, inboxes
from vchat_tui.store.accounts import Known, Proofs
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import now_ms, optional

log = logging.getLogger(__name__)

FIRST = 60.0  # seconds after the start: a server that starts has better things to do
EVERY = 3600.0


async def inspect_inbox(services: Services, call: calls.InspectInbox) -> calls.InboxInspection:
    """All that is known of an inbox, the provider's word included."""
    found = await services.core.store.read(_read, call.inbox_id)
    if found is None:
        raise DeskError(_("This inbox is no longer there."))
    inbox, known, _proofs = found
    channel = services.sender.channel(call.inbox_id)
    if channel is not None and call.max_age is not None and _is_old(known, call.max_age):
        await ask(services, inbox, channel)
    return await _inspection(services, call.inbox_id)


async def subscribe_app(services: Services, call: calls.SubscribeApp) -> calls.InboxInspection:
    """Subscribes our app to the business account; a refusal is told as it would be for a message."""
    found = await services.core.store.read(_read, call.inbox_id)
    channel = services.sender.channel(call.inbox_id)
    if found is None:
        raise DeskError(_("This inbox is no longer there."))
    if channel is None:
        raise DeskError(_("Enter the token first: without it the provider cannot be asked."))
    inbox, _known, _proofs = found
    error = await channel.subscribe()
    if error is not None:
        raise DeskError(
            _("The provider refused: {reason}"), reason=errors.advice(inbox.channel, error)
        )
    await ask(services, inbox, channel)
    return await _inspection(services, call.inbox_id)


async def watch_accounts(services: Services) -> None:
    """Asks about every inbox from time to time, until cancelled."""
    await asyncio.sleep(FIRST)
    while True:
        try:
            await check_all(services)
        except sqlite3.Error as error:
            log.error("what the providers said could not be kept: %s", error)
        await asyncio.sleep(EVERY)


async def check_all(services: Services) -> None:
    """Asks about every inbox that can be asked about."""
    for inbox in await services.core.store.read(inboxes.everything):
        channel = services.sender.channel(inbox.id)
        if channel is not None:
            await ask(services, inbox, channel)


def _is_old(known: Known | None, max_age: float) -> bool:
    return known is None or now_ms() - known.checked_at >= max_age * 1000


async def ask(services: Services, inbox: Inbox, channel: Channel) -> None:
    """Asks the provider about an inbox, and keeps what it says."""
    report = await channel.inspect()

    def keep(db: sqlite3.Connection, changes: Changes) -> None:
        # The inbox may have got other credentials, or be gone, while the provider thought.
        if inboxes.get(db, inbox.id) is None or services.sender.channel(inbox.id) is not channel:
            return
        accounts.save(db, inbox.id, report, changes)
        number = digits(report.number.number or "")
        if channel.capabilities.own_webhook and number is not None:
            key = settings.ACCOUNT_FIELD[inbox.channel]
            inboxes.learn_account(db, inbox.id, key, f"+{number}", changes)

    await services.core.change(keep)
    if channel.capabilities.own_webhook:
        await services.gate.reload()  # it asks for the header that the report found


def _read(db: sqlite3.Connection, inbox_id: int) -> tuple[Inbox, Known | None, Proofs] | None:
    inbox = inboxes.get(db, inbox_id)
    if inbox is None:
        return None
    return inbox, accounts.get(db, inbox_id), accounts.proofs(db, inbox_id)


async def _inspection(services: Services, inbox_id: int) -> calls.InboxInspection:
    overall = await diagnostics.get_diagnostics(services, calls.GetDiagnostics())
    found = await services.core.store.read(_read, inbox_id)
    health = next((part for part in overall.inboxes if part.inbox.id == inbox_id), None)
    if found is None or health is None:
        raise DeskError(_("This inbox is no longer there."))
    inbox, known, proofs = found
    return calls.InboxInspection(
        health=health,
        missing=settings.missing(inbox.channel, {*inbox.settings, *inbox.secrets}),
        report=known.report if known else None,
        checked_at=optional(known.checked_at if known else None),
        received_at=optional(proofs.received_at),
        delivered_at=optional(proofs.delivered_at),
        public_url=overall.public_url,
        listening=overall.listening,
        listener_error=overall.listener_error,
        last_bad_at=overall.last_bad_at,
        last_bad_reason=overall.last_bad_reason,
        dead=overall.dead,
    )
