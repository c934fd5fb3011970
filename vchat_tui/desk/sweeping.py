"""Files in `media/` that no message uses go after a week, so that the folder does not only grow.

First the store forgets a file, then its bytes go. Bytes that the store does not know are old ones
that it forgot, or new ones whose row is about to be written: only what lies there for a week goes.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from vchat_tui.desk.core import Core
from vchat_tui.store import unused_files
from vchat_tui.store.files import Shelf
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

FIRST_AFTER = 3600.0  # seconds after the start
EVERY = 24 * 3600.0
KEEP_MS = 7 * 24 * 3600 * 1000  # what was brought and not sent may be sent until then
PORTION = 5000  # messages in one reading


async def sweep_regularly(core: Core, shelf: Shelf) -> None:
    """Works until cancelled."""
    await asyncio.sleep(FIRST_AFTER)
    while True:
        try:
            await sweep(core, shelf)
        except (sqlite3.Error, OSError) as error:
            log.error("unused files could not be removed: %s", error)
        await asyncio.sleep(EVERY)


async def sweep(core: Core, shelf: Shelf) -> int:
    """Removes files that nothing uses; answers how many lay there."""
    before = now_ms() - KEEP_MS
    used: set[str] = set()
    looked_until = 0
    last: int | None = 0
    while last is not None:
        looked_until = last
        some, last = await core.store.read(unused_files.named_in_messages, last, PORTION)
        used |= some
    await core.store.write(unused_files.forget, used, looked_until, before)
    known = await core.store.read(unused_files.known)
    return await asyncio.to_thread(shelf.remove_others, known, before)
