"""kill -9 between a customer's message and the release of the answers that waited for it: each goes
once, in order, after the next start."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest
from faults_kit import (
    Acks,
    Line,
    Server,
    configured_home,
    desk_of,
    size,
    text_message,
    until,
    webhook,
)
from invariants import check_invariants

from vchat_tui.desk import calls
from vchat_tui.models import Content
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

EACH = 3
DAY = 24 * 3600


async def hold(desk: RemoteDesk, line: Line, person: str) -> None:
    """A conversation whose window is closed, with answers that wait."""
    old = text_message(person, f"wamid.old.{person}", "hola", round(time.time()) - DAY)
    assert await line.send(webhook(old)) == 200
    await desk.call(calls.Settle())
    wanted = calls.ConversationFilter(text=person)
    (row,) = (await desk.call(calls.ListConversations(filter=wanted))).rows
    for number in range(EACH):
        text = f"{person} {number}"
        content = Content(type="text", text=text)
        held = await desk.call(calls.Hold(conversation_id=row.id, client_id=text, content=content))
        assert held.status == "held"


@pytest.mark.timeout(600)
async def test_killed_between_the_message_and_the_release(tmp_path: Path) -> None:
    knobs = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)
    simulator = Simulator(SimulatorSettings(knobs=knobs))
    home = configured_home(tmp_path / "home", await simulator.start())
    server = Server(home)
    rng = random.Random(5)
    acks = Acks()
    people = [f"5255{10_000_000 + number}" for number in range(size(8, 60))]
    try:
        await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:
            (inbox,) = await desk.call(calls.ListInboxes())
            values = inbox.settings | {"held_undo_seconds": 1, "fallback": "ask"}
            await desk.call(
                calls.SaveInbox(
                    inbox_id=inbox.id, name=inbox.name, channel=inbox.channel, values=values
                )
            )
            line = Line(server.port, acks)
            for person in people:
                await hold(desk, line, person)
            await line.close()
        for person in people:
            line = Line(server.port, acks)
            now = text_message(person, f"wamid.now.{person}", "here I am")
            simulator.send_webhook(now)  # opens the window at the provider
            assert await line.send(webhook(now)) == 200
            await asyncio.sleep(rng.uniform(0, 1.3))
            server.kill()
            await line.close()
            await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:
            await until(lambda: _nothing_held(desk, people))
        assert await asyncio.to_thread(server.stop) == 0
        ledger = simulator.ledger.messages()
        check_invariants(home, acks.bodies, ledger)
        for person in people:
            sent = [entry.callback_data for entry in ledger if entry.recipient == person]
            texts = [(data or "").rpartition(":")[0] for data in sent]
            assert texts == sorted(set(texts)), "in order, and none twice"
    finally:
        server.kill()
        await simulator.stop()


async def _nothing_held(desk: RemoteDesk, people: list[str]) -> bool:
    """Each answer has left `held`; one that was on its way at a kill is of unknown fate."""
    rows = await desk.call(calls.ListMessages(limit=500))
    ours = [row.status for row in rows if row.direction == "out"]
    assert len(ours) == EACH * len(people)
    return not any(status in ("held", "queued", "sending") for status in ours) or (
        "unknown" in ours and "held" not in ours
    )
