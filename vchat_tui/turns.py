"""Turns of the event loop, for servers that stop: asyncio accepts and closes in several of them."""

from __future__ import annotations

import asyncio


async def a_few() -> None:
    """As many turns as asyncio takes to make a connection of what it accepted, or to close one."""
    for _turn in range(4):
        await asyncio.sleep(0)
