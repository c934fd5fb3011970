"""What an admin looks at when something seems wrong: health, and the journal itself."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from vchat_tui import __version__
from vchat_tui.channels import registry
from vchat_tui.channels.base import CheckResult
from vchat_tui.channels.facts import Fact
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.gate import NO_INBOX
from vchat_tui.desk.inbound import inbox_of
from vchat_tui.desk.services import Services
from vchat_tui.models import Diagnostics, InboxHealth, Webhook, WebhookState
from vchat_tui.settings import _
from vchat_tui.store import inboxes, journal, messages, notices, orders, outbox, projection
from vchat_tui.store.inboxes import Health
from vchat_tui.store.journal import Entry
from vchat_tui.store.projection import Outcome
from vchat_tui.store.times import from_ms, now_ms, optional

DAY_MS = 24 * 3_600_000


async def get_diagnostics(services: Services, call: calls.GetDiagnostics) -> Diagnostics:
    """The state of the server."""
    await services.gate.flush_health()
    journal_last = await services.core.journal.read(journal.last_id)
    return await services.core.store.read(_diagnostics, services, journal_last)


def _diagnostics(db: sqlite3.Connection, services: Services, journal_last: int) -> Diagnostics:
    seen = inboxes.health(db)
    waiting = outbox.counts(db)
    rows = []
    for inbox in inboxes.everything(db):
        health = seen.get(inbox.id, Health())
        counts = waiting.get(inbox.id, {})
        rows.append(
            InboxHealth(
                inbox=inbox,
                last_good_at=optional(health.last_good_at),
                last_bad_at=optional(health.last_bad_at),
                last_bad_reason=health.last_bad_reason,
                good=health.good,
                bad=health.bad,
                handshake_at=optional(health.handshake_at),
                last_error=health.last_error,
                queued=counts.get("queued", 0) + counts.get("sending", 0),
                unknown=counts.get("unknown", 0),
                failed=counts.get("failed", 0),
            )
        )
    nobody = seen.get(NO_INBOX, Health())
    orders_waiting, orders_dead = orders.counts(db)
    return Diagnostics(
        inboxes=tuple(rows),
        listening=services.listening,
        listener_error=services.listener_error,
        storage_error=services.core.journal.trouble or services.core.store.trouble,
        public_url=inboxes.server_settings(db).get("public_url"),
        bad_signatures=nobody.bad,
        last_bad_at=optional(nobody.last_bad_at),
        last_bad_reason=nobody.last_bad_reason,
        journal_last_id=journal_last,
        projected_id=projection.position(db),
        dead=projection.dead_count(db),
        outbox_queued=sum(row.queued for row in rows),
        outbox_unknown=sum(row.unknown for row in rows),
        outbox_failed=sum(row.failed for row in rows),
        orders_waiting=orders_waiting,
        orders_dead=orders_dead,
        notices_failed=notices.in_trouble(db, now_ms() - DAY_MS),
        server_version=__version__,
        started_at=from_ms(services.core.started_at),
    )


async def check_inbox(services: Services, call: calls.CheckInbox) -> CheckResult:
    """Asks the provider about an inbox's number or page."""
    channel = services.sender.channel(call.inbox_id)
    if channel is None:
        raise DeskError(_("This inbox is no longer there."))
    return await channel.check()


async def list_webhooks(services: Services, call: calls.ListWebhooks) -> tuple[Webhook, ...]:
    """The journal, oldest first."""
    limit = bounded(call.limit)
    if call.state in (WebhookState.DEAD, WebhookState.IGNORED):
        ids = await services.core.store.read(
            projection.with_state, call.state, call.after_id, limit
        )
        found = [await services.core.journal.read(journal.get, webhook_id) for webhook_id in ids]
        entries = [entry for entry in found if entry is not None]
    else:
        entries = await _scan(services, call, limit)
    return tuple(await services.core.store.read(_webhooks, entries, call.facts))


async def _scan(services: Services, call: calls.ListWebhooks, limit: int) -> list[Entry]:
    """Entries of any state, or of one that is not kept as a row (pending, applied)."""
    found: list[Entry] = []
    after = call.after_id
    while len(found) < limit:
        entries = await services.core.journal.read(journal.after, after, limit)
        if not entries:
            break
        after = entries[-1].id
        states = await services.core.store.read(_states, entries)
        found += [e for e in entries if call.state is None or states[e.id][0] == call.state]
    return found[:limit]


def _states(
    db: sqlite3.Connection, entries: list[Entry]
) -> dict[int, tuple[WebhookState, str | None]]:
    if not entries:
        return {}
    position = projection.position(db)
    kept = projection.outcomes(db, entries[0].id, entries[-1].id)
    return {entry.id: _state(entry.id, position, kept.get(entry.id)) for entry in entries}


def _state(
    webhook_id: int, position: int, outcome: Outcome | None
) -> tuple[WebhookState, str | None]:
    if outcome is not None:
        return WebhookState(outcome.state), outcome.error
    return (WebhookState.PENDING if webhook_id > position else WebhookState.APPLIED), None


def _webhooks(
    db: sqlite3.Connection, entries: list[Entry], with_facts: bool, with_body: bool = False
) -> list[Webhook]:
    states = _states(db, entries)
    webhooks = []
    for entry in entries:
        parsed = registry.parse(entry.source, entry.body)
        facts, names = _named(db, parsed.facts)
        state, error = states[entry.id]
        webhooks.append(
            Webhook(
                id=entry.id,
                received_at=from_ms(entry.received_at),
                state=state,
                inbox=", ".join(names) or None,
                error=error,
                facts=tuple(facts) if with_facts else None,
                body=entry.body.decode("utf-8", "replace") if with_body else None,
            )
        )
    return webhooks


def _named(
    db: sqlite3.Connection, facts: tuple[Fact, ...]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Facts as JSON objects with the names of their inboxes, and these names."""
    shown: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    for fact in facts:
        found = inbox_of(db, fact)
        if found is not None:
            fact = msgspec.structs.replace(fact, inbox=found[1])
            names[found[1]] = None
        # Through JSON, so that dates and enums look as they do everywhere else.
        shown.append(msgspec.json.decode(msgspec.json.encode(fact)))
    return shown, list(names)


async def get_webhook(services: Services, call: calls.GetWebhook) -> Webhook:
    """A journal entry with facts and body."""
    entry = await services.core.journal.read(journal.get, call.webhook_id)
    if entry is None:
        raise DeskError(_("There is no webhook {id} in the journal."), id=str(call.webhook_id))
    found: Webhook = (await services.core.store.read(_webhooks, [entry], True, True))[0]
    return found


async def replay_webhook(services: Services, call: calls.ReplayWebhook) -> Webhook:
    """Reads and applies a journal entry again."""
    webhook = calls.GetWebhook(webhook_id=call.webhook_id)
    await get_webhook(services, webhook)
    await services.projector.settle()
    await services.projector.replay([call.webhook_id])
    return await get_webhook(services, webhook)


async def settle(services: Services, call: calls.Settle) -> None:
    """Waits until everything in the journal has been applied."""
    await services.projector.settle()


async def get_raw(services: Services, call: calls.GetRaw) -> dict[str, Any]:
    """A message with the provider's own object from the journal."""
    message = await services.core.store.read(messages.get, call.message_id)
    if message is None:
        raise DeskError(_("This message is no longer there."))
    shown: dict[str, Any] = {"message": msgspec.json.decode(msgspec.json.encode(message))}
    webhook_id = await services.core.store.read(messages.webhook_of, call.message_id)
    entry = await services.core.journal.read(journal.get, webhook_id) if webhook_id else None
    if entry is not None:
        try:
            body = msgspec.json.decode(entry.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            body = entry.body.decode("utf-8", "replace")
        shown["webhook"] = webhook_id
        shown["provider"] = _object_with_id(body, message.provider_id) or body
    return shown


def _object_with_id(value: Any, provider_id: str | None) -> Any:
    """The object in a webhook that has this id."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            if current.get("id") == provider_id:
                return current
            waiting += current.values()
        elif isinstance(current, list):
            waiting += current
    return None
