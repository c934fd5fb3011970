"""Customers whose window is open without their having written, for tests of something else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home

FAR = 32_503_680_000_000  # the year 3000


async def open_window(desk: LocalDesk, to: str, inbox_id: int = 1) -> int:
    """Lets free text be sent to a number at any time; answers its conversation."""
    row = await desk.call(calls.StartConversation(inbox_id=inbox_id, address=to))
    await desk.services.core.store.write(
        lambda db: db.execute(
            "UPDATE conversation SET window_ends_at = ? WHERE id = ?", (FAR, row.id)
        )
    )
    return row.id


def open_window_of(home: Path, to: str) -> None:
    """The same in a home that no server runs on."""

    async def work() -> None:
        place = Home(home)
        with place.acquire():
            desk = await LocalDesk.open(place, working=False)
            try:
                await open_window(desk, to)
            finally:
                await desk.close()

    asyncio.run(work())
