"""The whole product in one process: simulator, listener, desk; consoles are the tests' own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from product_kit import Product

sys.path.insert(0, str(Path(__file__).parents[1]))

from contracts import whatsapp_violations

from vchat_tui.consoles import Consoles
from vchat_tui.desk.calls import SaveInbox
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.simulator import account
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    """A server with one number at the simulated provider, which checks every request against the
    provider contracts. Nobody writes by themselves."""
    home = Home(tmp_path / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home)
        listener = Listener(desk.services.gate)
        consoles = Consoles(desk)
        try:
            address = await listener.start("127.0.0.1", 0)
            await consoles.listen(home.socket)
            simulator = Simulator(
                SimulatorSettings(
                    callback_url=f"{address}/webhooks/meta", pace=0, knobs=Knobs(status_delay=0.01)
                ),
                check=whatsapp_violations,
            )
            base_url = await simulator.start()
            try:
                await desk.call(
                    SaveInbox(name="Ventas", channel="whatsapp_cloud", values=values(base_url))
                )
                await simulator.verified()
                yield Product(simulator, desk, home)
                assert simulator.violations == []
            finally:
                await simulator.stop()
        finally:
            await listener.stop(1)
            await consoles.close()
            await desk.close()


def values(base_url: str) -> dict[str, object]:
    """The five values that an admin pastes, and where the simulator is."""
    return {
        "phone_number_id": account.PHONE_NUMBER_ID,
        "business_account_id": account.BUSINESS_ACCOUNT_ID,
        "access_token": account.ACCESS_TOKEN,
        "app_secret": account.APP_SECRET,
        "verify_token": account.VERIFY_TOKEN,
        "api_base_url": base_url,
    }
