"""A full disk: nothing is promised that cannot be kept, and all goes on once there is room."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults_kit import (
    Acks,
    Crowd,
    Line,
    Server,
    answer,
    configured_home,
    desk_of,
    size,
    status,
    text_message,
    until,
    webhook,
)
from invariants import check_invariants

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, Disconnected
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

ROOM = 32 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MiB; it goes when the test ends, however it ends."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"only root may mount a small disk: {mounted.stderr.strip()}")
    # Unmounts when this process ends or closes the pipe.
    guard = subprocess.Popen(
        ["sh", "-c", 'cat; umount -l "$1"', "sh", str(folder)], stdin=subprocess.PIPE
    )
    yield folder
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait(10)


def fill(folder: Path, leave: int) -> Path:
    """Takes all room but `leave` bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (1024 * 1024, 4096):
            try:
                while file.write(bytes(piece)) == piece:
                    pass
            except OSError:
                continue
    os.truncate(filler, max(0, filler.stat().st_size - leave))
    return filler


async def full(line: Line, crowd: Crowd) -> None:
    """Sends webhooks until one is refused; files have some room within that goes first."""
    while (code := await line.send(crowd.body())) == 200:
        pass
    assert code == 503


async def refused(call: asyncio.Future[object]) -> bool:
    """Whether a call was answered with an error; it must be answered."""
    try:
        await call
    except (DeskError, Disconnected):
        return True
    return False


@pytest.mark.timeout(600)
@pytest.mark.parametrize("leave", range(0, 80_000, size(40_000, 4_000)))
async def test_full_disk(tmp_path: Path, small_disk: Path, leave: int) -> None:
    knobs = Knobs(statuses=False, pair_seconds=0, latency=0.05)
    simulator = Simulator(SimulatorSettings(knobs=knobs))
    home = configured_home(small_disk / "home", await simulator.start())
    server = Server(home)
    acks = Acks()
    crowd = Crowd(acks, seed=41)
    line = Line(0, acks)
    try:
        await asyncio.to_thread(server.start)
        line = Line(server.port, acks)
        async with desk_of(home) as desk:
            await crowd.write(server.port, senders=4, limit=20)
            for number in range(12):
                person = f"5255{10_000_000 + number}"
                simulator.send_webhook(text_message(person, f"wamid.W{number}", "hola"))
                await answer(desk, person, f"c{number}")
            filler = fill(small_disk, leave)  # with sends under way
            await full(line, crowd)
            for _ in range(30):
                assert await line.send(crowd.body()) in (503, 200)
                await desk.call(calls.GetCounts())
            drafts = [
                await refused(
                    desk.call(calls.SaveDraft(conversation_id=1, text="x" * 60_000, cursor=(0, 0)))
                )
                for _ in range(4)
            ]
            assert any(drafts), "the disk is not full"
            diagnostics = await desk.call(calls.GetDiagnostics())
            assert diagnostics.storage_error
            assert server.alive()
            filler.unlink()
            await until(lambda: _takes(line, crowd), 10)
            await until(lambda: _recovered(desk), 30)
            for entry in simulator.ledger.messages():
                told = status(entry.recipient, entry.id, "sent", entry.callback_data)
                assert await line.send(webhook(told)) == 200
            await desk.call(calls.Settle())
            assert (await desk.call(calls.GetDiagnostics())).outbox_unknown == 0
        assert await asyncio.to_thread(server.stop) == 0
        check_invariants(home, acks.bodies, simulator.ledger.messages())
        assert len(simulator.ledger.messages()) == 12
        assert set(acks.answers) == {200, 503}
        print(f"{acks.answers}")
    finally:
        await line.close()
        server.kill()
        await simulator.stop()


async def _takes(line: Line, crowd: Crowd) -> bool:
    return await line.send(crowd.body()) == 200


async def _recovered(desk: calls.Desk) -> bool:
    diagnostics = await desk.call(calls.GetDiagnostics())
    return diagnostics.outbox_queued == 0 and diagnostics.storage_error is None
