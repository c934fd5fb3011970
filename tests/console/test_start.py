"""The console starts, quickly and over a desk alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from stub_desk import StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.events import CountsChanged
from vchat_tui.models import Counts
from vchat_tui.screens.chat import ChatPane
from vchat_tui.widgets.bars import TopBar


async def test_the_app_starts_and_stops(app: VchatApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
    assert app.return_code in (None, 0)


async def test_what_is_told_while_the_person_leaves_is_no_error(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar that an event changes is gone when its turn comes."""
    heard, gone = asyncio.Event(), asyncio.Event()

    async def hear(_chat: ChatPane, _event: object) -> None:
        heard.set()
        await gone.wait()

    monkeypatch.setattr(TopBar, "on_unmount", lambda _bar: gone.set(), raising=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(ChatPane, "hear", hear)
        desk.push(CountsChanged(counts=Counts()))
        await heard.wait()
    assert gone.is_set()
    assert app.return_code in (None, 0)


def test_importing_the_console_loads_nothing_of_the_server() -> None:
    script = (
        "import sys, vchat_tui.app\n"
        "from vchat_tui.channels.registry import capabilities\n"
        "capabilities('whatsapp_cloud')\n"
        "heavy = ('httpx', 'aiosqlite', 'uvicorn', 'cryptography', 'vchat_tui.store')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
