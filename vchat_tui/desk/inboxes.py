"""Settings: inboxes with their secrets, and the server itself."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from vchat_tui import settings
from vchat_tui.channels.errors import LOCKED
from vchat_tui.desk import calls, fallback_template, notice_config, registering, texting
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.core import Core, secret_place
from vchat_tui.desk.inbound import NOT_CONFIGURED
from vchat_tui.desk.services import Services
from vchat_tui.keys import fingerprint
from vchat_tui.models import Inbox, MessageError
from vchat_tui.settings import SettingError, _
from vchat_tui.store import accounts, inboxes, projection, registrations, templates
from vchat_tui.store.changes import Changes

# After a change the old one goes on being accepted: providers repeat what they signed with it.
KEEPS_PREVIOUS = frozenset({"app_secret", "auth_token", "webhook_secret"})


async def list_inboxes(services: Services, call: calls.ListInboxes) -> tuple[Inbox, ...]:
    """All inboxes."""
    return tuple(await services.core.store.read(inboxes.everything))


async def save_inbox(services: Services, call: calls.SaveInbox) -> Inbox:
    """Adds or changes an inbox; webhooks that waited for it are applied."""
    name = call.name.strip()
    if not name or len(name) > 80 or re.search(r"[\x00-\x1f\x7f]", name):
        raise DeskError(_("An inbox needs a name of up to 80 characters."), field="name")
    before = None
    if call.inbox_id is not None:
        before = await services.core.store.read(inboxes.get, call.inbox_id)
    if call.inbox_id is not None and before is None:
        raise DeskError(_("This inbox is no longer there."))
    if before is not None and before.channel != call.channel:
        raise DeskError(
            _("The channel of an inbox cannot be changed; add another inbox."), field="channel"
        )
    public, secrets = _cleaned(call, before)
    await fallback_template.check_before_saving(services, before, public)
    wanted = call.values.get("fallback_sms_inbox")
    await services.core.store.read(texting.check_inbox_name, str(wanted or "").strip())
    _check_order_webhook(public, secrets, before)
    inbox = await services.core.change(
        lambda db, changes: _save(db, services.core, call, name, public, secrets, before, changes)
    )
    await reload(services)
    if secrets and inbox.paused is not None and inbox.id not in services.core.locked:
        # New credentials deserve a new try; not before now, while the old ones would still be used.
        inbox = await resume_inbox(services, calls.ResumeInbox(inbox_id=inbox.id))
    waiting = await services.core.store.read(projection.dead_with_error, NOT_CONFIGURED)
    await services.projector.replay(waiting)
    return inbox


def _cleaned(call: calls.SaveInbox, before: Inbox | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The public settings and the new secrets, checked."""
    try:
        fields = settings.fields_of(call.channel)
        already = set(before.secrets) | set(before.settings) if before else set()
        if not call.complete:
            required = {field.key for field in fields if field.required}
            already |= required - {settings.ACCOUNT_FIELD[call.channel]}
        values = settings.clean_values(fields, call.values, already_set=frozenset(already))
    except SettingError as error:
        raise DeskError(error.message, field=error.key, **error.values) from None
    secret_keys = {field.key for field in fields if field.kind == "secret"}
    defaults = {f.key: f.default for f in fields if f.kind != "secret" and f.default is not None}
    public = defaults | (dict(before.settings) if before else {})
    public |= {key: value for key, value in values.items() if key not in secret_keys}
    public = {key: value for key, value in public.items() if value is not None}
    return public, {k: v for k, v in values.items() if k in secret_keys and v is not None}


def _check_order_webhook(
    public: dict[str, Any], secrets: dict[str, str], before: Inbox | None
) -> None:
    """An order webhook without a secret would prove nothing, and plain http hide nothing."""
    url = str(public.get("order_webhook_url") or "")
    if not url:
        return
    if "order_webhook_secret" not in {*secrets, *(before.secrets if before else ())}:
        raise DeskError(
            _("The order webhook needs a secret: generate one and give it to your shop."),
            field="order_webhook_secret",
        )
    if url.startswith("http:") and not public.get("order_webhook_private"):
        raise DeskError(
            _("It must begin with https:// unless the shop is in a private network."),
            field="order_webhook_url",
        )


def _save(
    db: sqlite3.Connection,
    core: Core,
    call: calls.SaveInbox,
    name: str,
    public: dict[str, Any],
    secrets: dict[str, str],
    before: Inbox | None,
    changes: Changes,
) -> Inbox:
    account_key = settings.ACCOUNT_FIELD[call.channel]
    account = str(public.get(account_key) or name)
    same_name = inboxes.by_name(db, name)
    if same_name is not None and same_name.id != call.inbox_id:
        raise DeskError(_("Another inbox is called “{name}” already."), name=name, field="name")
    same_account = inboxes.by_account(db, call.channel, account)
    if same_account is not None and same_account[0] != call.inbox_id:
        raise DeskError(
            _("The inbox “{name}” already has this id."), name=same_account[1], field=account_key
        )
    if call.inbox_id is not None:
        accounts.forget(db, call.inbox_id)
    if before is not None and before.name != name:
        notice_config.renamed(db, before.name, name, changes)
        inboxes.follow_name(db, "fallback_sms_inbox", before.name, name)
    inbox_id = inboxes.save(db, call.inbox_id, name, call.channel, account, public, changes)
    if public.get("default_outbound"):
        inboxes.only_default(db, inbox_id, call.channel)
    for key, value in secrets.items():
        _save_secret(db, core, inbox_id, key, value, before, changes)
    if secrets:
        templates.read_at_once(db, inbox_id)
    inbox = inboxes.get(db, inbox_id)
    assert inbox is not None
    registering.want(db, inbox, changes)
    return inbox


def _save_secret(
    db: sqlite3.Connection,
    core: Core,
    inbox_id: int,
    key: str,
    value: str,
    before: Inbox | None,
    changes: Changes,
) -> None:
    known = before.secrets.get(key) if before else None
    locked = inbox_id in core.locked
    if known is not None and known.fingerprint == fingerprint(value) and not locked:
        return
    previous = None
    if known is not None and key in KEEPS_PREVIOUS and not locked:
        old = next(
            row.sealed
            for row in inboxes.secrets(db)
            if (row.inbox_id, row.key, row.slot) == (inbox_id, key, "current")
        )
        plain = core.keys.open(old, secret_place(inbox_id, key, "current"))
        previous = core.keys.seal(plain.reveal(), secret_place(inbox_id, key, "previous"))
    sealed = core.keys.seal(value, secret_place(inbox_id, key, "current"))
    inboxes.save_secret(db, inbox_id, key, sealed, previous, fingerprint(value), changes.now)


async def delete_inbox(services: Services, call: calls.DeleteInbox) -> None:
    """Removes an inbox that nobody wrote to."""
    if await services.core.store.read(inboxes.get, call.inbox_id) is None:
        raise DeskError(_("This inbox is no longer there."))
    gone = await services.core.change(
        lambda db, changes: inboxes.delete(db, call.inbox_id, changes)
    )
    if not gone:
        raise DeskError(
            _("This inbox has conversations; they would lose their way back to the customer.")
        )
    await reload(services)


async def resume_inbox(services: Services, call: calls.ResumeInbox) -> Inbox:
    """Sends again on a paused inbox."""
    await services.core.change(lambda db, changes: inboxes.resume(db, call.inbox_id, changes))
    await services.sender.reload()
    inbox = await services.core.store.read(inboxes.get, call.inbox_id)
    if inbox is None:
        raise DeskError(_("This inbox is no longer there."))
    return inbox


async def get_server_settings(services: Services, call: calls.GetServerSettings) -> dict[str, Any]:
    """The server's own settings."""
    return await services.core.store.read(inboxes.server_settings)


async def save_server_settings(
    services: Services, call: calls.SaveServerSettings
) -> dict[str, Any]:
    """Changes the server's own settings."""
    try:
        values = settings.clean_values(settings.SERVER_FIELDS, call.values)
    except SettingError as error:
        raise DeskError(error.message, field=error.key, **error.values) from None

    def save(db: sqlite3.Connection, changes: Changes) -> None:
        inboxes.save_server_settings(db, values, changes)
        if values.get("public_url"):
            registering.want_all(db, changes)

    await services.core.change(save)
    await reload(services)  # the public URL is part of signatures and status callbacks
    return await services.core.store.read(inboxes.server_settings)


async def reload(services: Services) -> None:
    """Lets the listener and the sender see what changed."""
    await services.gate.reload()
    await services.sender.reload()
    await services.presence.reload()
    await services.core.change(lambda db, changes: registrations.at_once(db))
    services.core.changed()  # who waits for a channel has one now
    if locked := services.core.locked:
        error = MessageError(code=LOCKED)
        await services.core.change(
            lambda db, changes: inboxes.pause_all(db, locked, error, changes)
        )
