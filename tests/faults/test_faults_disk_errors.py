"""A disk that fails once, at any call: the server goes on or ends with a clear word, and a new
start finds everything that was promised."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults_kit import Acks, Crowd, Server, answer, configured_home, desk_of, size, text_message
from invariants import check_invariants

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, Disconnected
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings
from vchat_tui.store.database import StoreError

FILES = ("vchat.db", "vchat.db-wal", "journal.db", "journal.db-wal")
# System calls and how many of them a run makes, roughly: the error comes at one of these.
CALLS = {"fdatasync": 60, "pwrite64": 300, "ftruncate": 6, "openat": 12, "pread64": 40}


def points(count: int) -> Iterator[tuple[str, int]]:
    """Which call fails, the how-manieth."""
    chance = random.Random(51)
    for number in range(count):
        name = list(CALLS)[number % len(CALLS)]
        yield name, chance.randint(1, CALLS[name])


@pytest.fixture
def strace() -> str:
    """The program that makes calls fail."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is needed to make the disk fail")
    tried = subprocess.run(
        [found, "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], check=False
    )
    if tried.returncode:
        pytest.skip("strace may not trace here")
    return found


def failing(strace: str, home: Path, call: str, number: int) -> list[str]:
    """The command that runs the server with one input/output error."""
    paths = [part for name in FILES for part in ("-P", str(home / name))]
    inject = f"inject={call}:error=EIO:when={number}"
    return [
        strace,
        "-D",
        "-f",
        "--seccomp-bpf",  # only these calls are slowed down
        "-qq",
        "-o",
        "/dev/null",
        *paths,
        "-e",
        f"trace={call}",
        "-e",
        inject,
    ]


async def work(server: Server, simulator: Simulator, acks: Acks, seed: int) -> None:
    """Webhooks and sends, until they are done or the server is."""
    await Crowd(acks, seed=seed).write(server.port, senders=4, limit=25)
    async with desk_of(server.home) as desk:
        for number in range(3):
            if not server.alive():
                return
            person = f"5255{10_000_000 + number}"
            simulator.send_webhook(text_message(person, f"wamid.W{number}", "hola"))
            with contextlib.suppress(DeskError, Disconnected, TimeoutError):
                async with asyncio.timeout(2):  # the server may be about to end
                    await answer(desk, person, f"{server.home.name}-{number}")


async def test_a_disk_that_fails_at_the_end_keeps_no_server_alive(tmp_path: Path) -> None:
    """The threads of the databases would keep the process for ever."""
    home = Home(tmp_path / "home")
    home.prepare()
    before = {thread.ident for thread in threading.enumerate()}
    with home.acquire():
        desk = await LocalDesk.open(home)

        async def fails() -> None:
            raise StoreError("the disk failed")

        desk.services.gate.flush_health = fails  # type: ignore[method-assign]
        with pytest.raises(StoreError):
            await desk.close()
    for thread in threading.enumerate():
        if thread.ident not in before and "worker_thread" in thread.name:
            thread.join(10)  # it may be on its way out
            assert not thread.is_alive()


@pytest.mark.timeout(1800)
async def test_one_input_output_error(tmp_path: Path, strace: str) -> None:
    simulator = Simulator(SimulatorSettings(knobs=Knobs(statuses=False, pair_seconds=0)))
    template = configured_home(tmp_path / "template", await simulator.start())
    ended = 0
    try:
        for number, (call, when) in enumerate(points(size(15, 90))):
            home = tmp_path / f"home{number}"
            shutil.copytree(template, home)
            ended += await fails_once(strace, home, simulator, call, when)
            shutil.rmtree(home)
    finally:
        await simulator.stop()
    print(f"the server ended {ended} times")


async def fails_once(strace: str, home: Path, simulator: Simulator, call: str, when: int) -> bool:
    """One error in one run, then a run without; answers whether the server ended at it."""
    acks = Acks()
    accepted_before = simulator.ledger.accepted
    server = Server(home, prefix=failing(strace, home, call, when))
    try:
        try:
            await asyncio.to_thread(server.start)
        except AssertionError:
            assert is_clear(server.errors), server.errors
            ended = True
        else:
            await work(server, simulator, acks, seed=when)
            ended = not server.alive()
            code = await asyncio.to_thread(server.stop)  # the simulator goes on meanwhile
            # It may have been ending by itself already, past the place where it hears a SIGTERM.
            assert code in (0, 1, -signal.SIGTERM), f"{call} {when}: exit code {code}"
            assert code != 1 or is_clear(server.errors), server.errors
        again = Server(home)
        try:
            await asyncio.to_thread(again.start)
            async with desk_of(home) as desk:
                await desk.call(calls.Settle())
            assert await asyncio.to_thread(again.stop) == 0
        finally:
            again.kill()
        ledger = simulator.ledger.entries(accepted_before, "message")
        check_invariants(home, acks.bodies, ledger)
    finally:
        server.kill()
    assert set(acks.answers) <= {200, 503}
    return ended


def is_clear(errors: str) -> bool:
    """One sentence for a person, no traceback."""
    lines = errors.strip().splitlines()
    return len(lines) == 1 and lines[0].startswith("vchat-tui: ")
