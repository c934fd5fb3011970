"""kill -9 while messages are on their way to the provider: none goes twice, none is forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

import pytest
from faults_kit import (
    Acks,
    Line,
    Server,
    answer,
    configured_home,
    desk_of,
    frozen,
    size,
    status,
    text_message,
    until,
    webhook,
)
from invariants import check_invariants, opened

from vchat_tui.desk import calls
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

EACH = 12  # messages queued in a cycle
KNOBS = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)


class Trial:
    """A server that sends to the simulator, and is killed doing so."""

    def __init__(self, simulator: Simulator, server: Server, scratch: Path) -> None:
        self.simulator = simulator
        self.server = server
        self.scratch = scratch
        self.rng = random.Random(21)
        self.queued: set[str] = set()  # client ids that the server took
        self.unknown: set[str] = set()
        self._number = 0

    async def cycle(self) -> None:
        """Start, queue, kill; what was on its way then is what must be unknown later."""
        self.simulator.set_knob(latency=self.rng.uniform(0, 0.05))
        await asyncio.to_thread(self.server.start)
        async with desk_of(self.server.home) as desk:
            await until(lambda: self._shows_unknown(desk))
            queueing = asyncio.create_task(self._queue(desk))
            await asyncio.sleep(self.rng.uniform(0.01, 0.3))
            self.server.kill()
            queueing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await queueing
        states = self._states()
        assert states.get("unknown", set()) == self.unknown
        self.unknown |= states.get("sending", set())

    async def _shows_unknown(self, desk: RemoteDesk) -> bool:
        return (await desk.call(calls.GetDiagnostics())).outbox_unknown == len(self.unknown)

    async def _queue(self, desk: RemoteDesk) -> None:
        for _ in range(EACH):
            self._number += 1
            person = f"5255{10_000_000 + self._number}"
            self.simulator.send_webhook(text_message(person, f"wamid.W{self._number}", "hola"))
            client_id = f"c{self._number}"
            await answer(desk, person, client_id)
            self.queued.add(client_id)

    def _states(self) -> dict[str, set[str]]:
        """The outbox as the killed server left it: client ids by state."""
        found: dict[str, set[str]] = {}
        with opened(frozen(self.server.home, self.scratch) / "vchat.db") as db:
            for state, client_id in db.execute(
                "SELECT o.state, m.client_id FROM outbox o JOIN message m ON m.id = o.message_id"
            ):
                found.setdefault(state, set()).add(client_id)
        return found

    async def finish(self, acks: Acks) -> set[str]:
        """Sends the rest and lets statuses settle what they can; answers what a person had to."""
        await asyncio.to_thread(self.server.start)
        async with desk_of(self.server.home) as desk:
            await until(lambda: self._nothing_queued(desk))
            await self._report_statuses(acks)
            await desk.call(calls.Settle())
            left = {item.client_id or "": item for item in await desk.call(calls.ListFailed())}
            never_came = self.unknown - self.accepted()
            assert set(left) == never_came, "a status with our data settles a message"
            for item in left.values():
                await desk.call(calls.Retry(message_id=item.message.id, may_double=True))
            await until(lambda: self._nothing_queued(desk))
        assert await asyncio.to_thread(self.server.stop) == 0
        return never_came

    async def _nothing_queued(self, desk: RemoteDesk) -> bool:
        return (await desk.call(calls.GetDiagnostics())).outbox_queued == 0

    async def _report_statuses(self, acks: Acks) -> None:
        line = Line(self.server.port, acks)
        for entry in self.simulator.ledger.messages():
            for word in ("delivered", "sent"):
                told = status(entry.recipient, entry.id, word, entry.callback_data)
                assert await line.send(webhook(told)) == 200
        await line.close()

    def accepted(self) -> set[str]:
        """The client ids of what the provider took in."""
        ledger = self.simulator.ledger.messages()
        return {(entry.callback_data or "").rpartition(":")[0] for entry in ledger}


@pytest.mark.timeout(1800)
async def test_killed_while_sending(tmp_path: Path) -> None:
    simulator = Simulator(SimulatorSettings(knobs=KNOBS))
    home = configured_home(tmp_path / "home", await simulator.start())
    trial = Trial(simulator, Server(home), tmp_path / "scratch")
    cycles = size(60, 250)
    acks = Acks()
    try:
        for _ in range(cycles):
            await trial.cycle()
        retried = await trial.finish(acks)
        assert trial.queued <= trial.accepted(), "a queued message was never sent"
        check_invariants(home, acks.bodies, simulator.ledger.messages(), asked_again=retried)
    finally:
        trial.server.kill()
        await simulator.stop()
    assert len(trial.unknown) > cycles // 6, "the kills hit too few sends to mean anything"
    print(f"{cycles} kills, {len(trial.accepted())} sent, {len(trial.unknown)} in doubt")
    print(f"{len(retried)} of them had not left; 0 went twice")
