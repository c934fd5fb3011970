"""Parts of the desk that look whether there is something to do: after changes, and when it is time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

DISK_PAUSE = 1.0  # seconds until what the disk refused is tried again
PACE = 0.05
"""Seconds between two looks at least: a flood of changes must not be followed by a flood of reads."""


async def keep_looking(
    look: Callable[[], Awaitable[float | None]], wake: asyncio.Event, trouble: str
) -> None:
    """Looks now, after each change, and when it is time; until cancelled.

    Args:
        look: does what is to be done; answers the seconds until it must look again, None where only
            a change brings something new.
        wake: set by every change.
        trouble: for the log, what cannot be done while the database cannot be used.
    """
    while True:
        wake.clear()
        try:
            pause = await look()
        except sqlite3.OperationalError as error:
            log.error("%s now, trying again: %s", trouble, error)
            pause = DISK_PAUSE
        await asyncio.sleep(PACE)
        # Not wait_for: before Python 3.12 it can swallow the word to stop.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await wake.wait()
