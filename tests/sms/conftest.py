"""A server with an SMS inbox at the simulated Twilio; every request is checked against its contract."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sms_kit import PUBLIC_URL, Texting

sys.path.insert(0, str(Path(__file__).parents[1]))

from contracts import twilio_violations

from vchat_tui.desk.calls import SaveInbox, SaveServerSettings
from vchat_tui.desk.file_links import FileLinks
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TwilioSimulator


@pytest.fixture
async def texting(tmp_path: Path) -> AsyncIterator[Texting]:
    """Behind a proxy, as in life: Twilio signs the public address."""
    home = Home(tmp_path / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home)
        links = FileLinks(desk.services.core, desk.services.files.shelf)
        listener = Listener(desk.services.gate, links=links)
        try:
            address = await listener.start("127.0.0.1", 0)
            twilio = TwilioSimulator(
                f"{address}/webhooks/twilio", check=twilio_violations, public_url=PUBLIC_URL
            )
            base_url = await twilio.start()
            try:
                await desk.call(SaveServerSettings(values={"public_url": PUBLIC_URL}))
                inbox = await desk.call(
                    SaveInbox(
                        name="SMS",
                        channel="sms_twilio",
                        values={
                            "account_sid": ACCOUNT_SID,
                            "auth_token": AUTH_TOKEN,
                            "sender": NUMBER,
                            "api_base_url": base_url,
                            "sends_per_second": 100,
                        },
                    )
                )
                yield Texting(desk, twilio, inbox, address)
                assert twilio.violations == []
            finally:
                await twilio.stop()
        finally:
            await listener.stop(1)
            await desk.close()
