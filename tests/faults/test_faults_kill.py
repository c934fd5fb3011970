"""kill -9 at any instant: what was acknowledged is there afterwards, once and whole.

A killed process leaves the page cache behind, so this is about our transactions; the test of the
power cut is about the disk.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from faults_kit import Acks, Crowd, Server, configured_home, desk_of, size
from invariants import check_invariants

from vchat_tui.desk import calls


async def settle_and_check(server: Server, acks: Acks) -> None:
    """Starts the server, lets it catch up, stops it, and checks its home."""
    server.start()
    async with desk_of(server.home) as desk:
        await desk.call(calls.Settle())
    assert server.stop() == 0
    check_invariants(server.home, acks.bodies)


@pytest.mark.timeout(1800)
async def test_killed_while_webhooks_come(tmp_path: Path) -> None:
    acks = Acks()
    crowd = Crowd(acks, seed=11)
    rng = random.Random(12)
    server = Server(configured_home(tmp_path / "home"))
    cycles = size(60, 400)
    slowest = 0.0
    try:
        for cycle in range(cycles):
            slowest = max(slowest, server.start())
            writing = asyncio.create_task(crowd.write(server.port))
            await asyncio.sleep(rng.uniform(0.02, 0.4))
            server.kill()
            await writing
            if cycle % 20 == 19:
                await settle_and_check(server, acks)
        await settle_and_check(server, acks)
    finally:
        server.kill()
    assert set(acks.answers) <= {200, 503}
    assert len(acks.bodies) > cycles * 10, "too few webhooks to mean anything"
    print(f"{cycles} kills, {len(acks.bodies)} bodies kept, slowest start {slowest:.2f} s")
