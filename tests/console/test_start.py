"""The console starts, quickly and over a desk alone."""

from __future__ import annotations

import subprocess
import sys

from vchat_tui.app import VchatApp


async def test_the_app_starts_and_stops(app: VchatApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
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
