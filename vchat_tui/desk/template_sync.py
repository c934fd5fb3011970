"""Keeps our templates as the provider has them: at the start, every half hour, when asked, and
soon after a webhook or a failed send says that they changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3

from vchat_tui import settings
from vchat_tui.channels import registry
from vchat_tui.channels.base import Channel
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.core import Core
from vchat_tui.desk.outbound import Sender
from vchat_tui.desk.services import Services
from vchat_tui.desk.templates import page_of
from vchat_tui.models import Inbox, MessageError
from vchat_tui.settings import _
from vchat_tui.store import inboxes, templates
from vchat_tui.store.times import now_ms
from vchat_tui.templates.model import TemplatePage

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds: at most so often it is asked what is due, however much happens


async def keep_templates(core: Core, sender: Sender) -> None:
    """Reads templates whenever they are due, until cancelled."""
    wake = asyncio.Event()
    core.on_change(wake.set)
    while True:
        try:
            due, later = await core.store.read(_due)
            for inbox_id in due:
                channel = sender.channel(inbox_id)
                if channel is not None:
                    await read_all(core, inbox_id, channel)
        except sqlite3.OperationalError as error:
            log.error("templates cannot be kept up to date now: %s", error)
            later = now_ms() + 60_000
        pause = None if later is None else max(later - now_ms(), 0) / 1000
        wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await wake.wait()
        await asyncio.sleep(LOOK_EVERY)


def _due(db: sqlite3.Connection) -> tuple[list[int], int | None]:
    every = {inbox.id: template_account(inbox) for inbox in inboxes.everything(db)}
    accounts = {inbox_id: account for inbox_id, account in every.items() if account}
    return templates.due(db, now_ms(), accounts)


def template_account(inbox: Inbox) -> str | None:
    """Whose templates an inbox sends; None where it has none, or the setting is still empty."""
    if not registry.capabilities(inbox.channel).templates:
        return None
    key = settings.TEMPLATE_ACCOUNT.get(inbox.channel, settings.ACCOUNT_FIELD[inbox.channel])
    return inbox.settings.get(key)


async def read_all(core: Core, inbox_id: int, channel: Channel) -> MessageError | None:
    """Reads all templates of an inbox; why not, where the provider did not tell."""
    inbox = await core.store.read(inboxes.get, inbox_id)
    account = template_account(inbox) if inbox else None
    found = await channel.templates()
    if isinstance(found, MessageError):
        log.warning("templates of inbox %d could not be read: %s", inbox_id, found.code)
        await core.change(
            lambda db, changes: templates.sync_failed(db, inbox_id, account, found, changes)
        )
        return found
    await core.change(
        lambda db, changes: templates.replace_all(db, inbox_id, account, found, changes)
    )
    return None


async def sync_templates(services: Services, call: calls.SyncTemplates) -> TemplatePage:
    """Reads all templates of an inbox now."""
    channel = services.sender.channel(call.inbox_id)
    if channel is None:
        raise DeskError(_("This inbox is no longer there."))
    if not channel.capabilities.templates:
        raise DeskError(_("This channel has no templates."))
    await read_all(services.core, call.inbox_id, channel)
    return await services.core.store.read(page_of, call.inbox_id)
