"""A server with an inbox at the simulated 360dialog; every message is checked against its contract."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dialog360_kit import CHANNEL, PUBLIC_URL, SECRET, Line, until

sys.path.insert(0, str(Path(__file__).parents[1]))

from contracts import whatsapp_violations

from vchat_tui.desk.calls import ListInboxes, SaveInbox, SaveServerSettings
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.models import Inbox
from vchat_tui.simulator.account import AT_360DIALOG
from vchat_tui.simulator.dialog360 import PREFIX
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """Behind a proxy, as in life, and registered by itself."""
    home = Home(tmp_path / "home")
    home.prepare()
    settings = SimulatorSettings(knobs=Knobs(status_delay=0))
    simulator = Simulator(settings, check=whatsapp_violations)
    with home.acquire():
        desk = await LocalDesk.open(home)
        listener = Listener(desk.services.gate)
        try:
            address = await listener.start("127.0.0.1", 0)
            simulator.dialog360.proxies = {PUBLIC_URL: address}
            base_url = await simulator.start()
            await desk.call(SaveServerSettings(values={"public_url": PUBLIC_URL}))
            values = {
                "api_key": AT_360DIALOG.access_token,
                "webhook_secret": SECRET,
                "api_base_url": base_url + PREFIX,
            }
            saved = await desk.call(SaveInbox(name="Eventos", channel=CHANNEL, values=values))

            async def registered() -> Inbox | None:
                [inbox] = await desk.call(ListInboxes())
                asks = [secret.strict for secret in desk.services.gate.webhook_secrets()]
                known = inbox.check and inbox.check.subscribed and "number" in inbox.settings
                return inbox if known and asks == [True] else None

            yield Line(desk, simulator, await until(registered))
            assert saved.name == "Eventos"
            assert simulator.violations == []
        finally:
            await simulator.stop()
            await listener.stop(1)
            await desk.close()
