"""A simulator with a callback of the tests' own. Makes `tests/contracts.py` importable too."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from callback_receiver import Receiver

from vchat_tui.simulator.account import ACCESS_TOKEN, PHONE_NUMBER_ID
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

sys.path.insert(0, str(Path(__file__).parents[1]))

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def simulator(receiver: Receiver) -> AsyncIterator[Simulator]:
    """A silent cast, a verified callback, statuses at once."""
    simulator = Simulator(
        SimulatorSettings(
            callback_url=f"http://127.0.0.1:{receiver.port}/webhooks/meta",
            knobs=Knobs(status_delay=0),
        )
    )
    await simulator.start()
    await simulator.verified()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def graph(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Graph API, with the right token."""
    headers = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
    async with httpx.AsyncClient(
        base_url=simulator.base_url, headers=headers, trust_env=False, timeout=20
    ) as client:
        yield client


@pytest.fixture
def send(graph: httpx.AsyncClient) -> Send:
    """POST /messages; keyword arguments are keys of the body, over a plain text to Lucía."""

    async def send(**changes: object) -> httpx.Response:
        body = {
            "messaging_product": "whatsapp",
            "to": "+5215555550101",
            "type": "text",
            "text": {"body": "Hola"},
        }
        body |= changes
        body = {key: value for key, value in body.items() if value is not None}
        return await graph.post(f"/v25.0/{PHONE_NUMBER_ID}/messages", json=body)

    return send
