"""What is done from time to time: the journal forgets what is older than it must remember."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from vchat_tui import settings
from vchat_tui.desk import notice_config
from vchat_tui.desk.core import Core
from vchat_tui.store import inboxes, journal, notices, page_links, projection
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds
AT_ONCE = 2000  # entries in one transaction: webhooks that come meanwhile wait for it
DAY_MS = 24 * 3600 * 1000
KEEP_LINKS_MS = 30 * DAY_MS  # after they expired
_JOURNAL_DAYS = next(field for field in settings.SERVER_FIELDS if field.key == "journal_days")


async def keep_house(core: Core) -> None:
    """Runs now and then every hour, until cancelled."""
    while True:
        try:
            await forget_journal(core)
            await core.store.write(page_links.forget_before, now_ms() - KEEP_LINKS_MS)
            await core.store.write(forget_notices)
        except sqlite3.Error as error:
            log.error("old webhooks could not be removed: %s", error)
        await asyncio.sleep(EVERY)


def forget_notices(db: sqlite3.Connection) -> None:
    """Removes notices past their time from the list."""
    notices.forget_before(db, now_ms() - notice_config.read(db).keep_ms)


async def forget_journal(core: Core) -> int:
    """Removes journal entries past their time, but no dead letter and nothing not yet read.

    Returns:
        How many were removed.
    """
    configured = await core.store.read(inboxes.server_settings)
    days = float(configured.get("journal_days") or _JOURNAL_DAYS.default)
    before = now_ms() - round(days * DAY_MS)
    dead = await core.store.read(projection.dead_ids)
    position = await core.store.read(projection.position)
    removed = 0
    while count := await core.journal.write(journal.forget_before, before, position, dead, AT_ONCE):
        removed += count
    return removed
