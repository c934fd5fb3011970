"""kill -9 while a broadcast goes out: nobody gets it twice, and every recipient is counted."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
from faults_kit import Acks, Line, Server, configured_home, desk_of, size, status, until, webhook
from invariants import check_invariants

from vchat_tui.broadcast_models import WAITING, Broadcast, BroadcastContent
from vchat_tui.desk import calls
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

KNOBS = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)
CONTENT = BroadcastContent(template="hello_world", language="en_US")


async def make(desk: RemoteDesk, count: int) -> None:
    """A broadcast that runs, to so many numbers."""
    await desk.call(calls.SyncTemplates(inbox_id=1))
    made = await desk.call(
        calls.CreateBroadcast(client_id="b", inbox_id=1, name="Navidad", content=CONTENT)
    )
    typed = tuple(f"+3460{number:07}" for number in range(count))
    await desk.call(calls.AddRecipients(broadcast_id=made.id, typed=typed))
    await desk.call(calls.StartBroadcast(broadcast_id=made.id))


async def stands(desk: RemoteDesk) -> Broadcast:
    return await desk.call(calls.GetBroadcast(broadcast_id=1))


async def steer(desk: RemoteDesk, rng: random.Random) -> None:
    """Now and then somebody pauses it and goes on."""
    if rng.random() < 0.5 and (await stands(desk)).state == "running":
        try:
            await desk.call(calls.PauseBroadcast(broadcast_id=1))
        except calls.DeskError:  # it came to its end meanwhile, and only then may this be refused
            assert (await stands(desk)).state == "done"
        else:
            assert not (await stands(desk)).counts.get("queued")
    if (await stands(desk)).state == "paused":
        await desk.call(calls.ResumeBroadcast(broadcast_id=1))


@pytest.mark.timeout(900)
async def test_killed_while_a_broadcast_goes_out(tmp_path: Path) -> None:
    count = size(250, 2000)
    rng = random.Random(7)
    simulator = Simulator(SimulatorSettings(knobs=KNOBS))
    home = configured_home(tmp_path / "home", await simulator.start())
    server, acks = Server(home), Acks()
    kills = 0
    try:
        await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:
            await make(desk, count)
        while len(simulator.ledger.messages()) < count * 9 // 10 and kills < size(8, 100):
            simulator.set_knob(latency=rng.uniform(0, 0.05))
            if rng.random() < 0.3:
                simulator.set_knob(drop_after_next=2, drop_before_next=2, html_next=1)
            await asyncio.sleep(rng.uniform(0.2, 1.2))
            server.kill()
            kills += 1
            await asyncio.to_thread(server.start)
            async with desk_of(home) as desk:
                assert sum((await stands(desk)).counts.values()) == count
                await steer(desk, rng)
        async with desk_of(home) as desk:
            await until(lambda: nothing_waits(desk))
            await report_statuses(simulator, server, acks)
            await desk.call(calls.Settle())
            end = await stands(desk)
        assert await asyncio.to_thread(server.stop) == 0
        check(simulator, end, count)
        check_invariants(home, acks.bodies, simulator.ledger.messages())
    finally:
        server.kill()
        await simulator.stop()
    assert kills > 2, "too few kills to mean anything"


async def nothing_waits(desk: RemoteDesk) -> bool:
    found = await stands(desk)
    return not any(found.counts.get(state) for state in WAITING)


async def report_statuses(simulator: Simulator, server: Server, acks: Acks) -> None:
    """What was of unknown fate and did arrive is settled by its status."""
    line = Line(server.port, acks)
    for entry in simulator.ledger.messages():
        told = status(entry.recipient, entry.id, "delivered", entry.callback_data)
        assert await line.send(webhook(told)) == 200
    await line.close()


def check(simulator: Simulator, end: Broadcast, count: int) -> None:
    """Once each, and counted as what they are."""
    times = Counter(entry.recipient for entry in simulator.ledger.messages())
    assert max(times.values()) == 1, "somebody got it twice"
    assert sum(end.counts.values()) == count
    assert end.counts.get("delivered") == len(times)
    assert set(end.counts) <= {"delivered", "unknown", "failed"}
