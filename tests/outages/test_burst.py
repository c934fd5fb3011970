"""The provider brings everything at once after an outage: ten thousand webhooks, 64 at a time."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from chaos import read_http
from console_model import ConsoleModel, snapshot
from faults_kit import (
    Acks,
    Server,
    configured_home,
    desk_of,
    request,
    size,
    status,
    text_message,
    webhook,
)
from invariants import check_invariants
from test_console_cut_off import plain

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk
from vchat_tui.events import ConversationChanged, Frame, ManyChanged
from vchat_tui.notifications import RING_SECONDS, BellPolicy
from vchat_tui.remote import RemoteDesk

WEBHOOKS = size(10_000, 50_000)
CONNECTIONS = 64
CONSOLES = 3
WEEK = 7 * 86_400


class Burst:
    """What Meta kept for us: 30 % messages, 70 % statuses, 10 % said twice, 1 % in batches of 100.

    Attributes:
        bodies: the webhooks, in the order in which they come: not that in which it happened.
        messages: ids of all messages in them.
        statuses: (id, word) of all statuses in them.
    """

    def __init__(self, count: int, seed: int = 3) -> None:
        self._rng = random.Random(seed)
        self._now = int(time.time())
        self.messages: set[str] = set()
        self.statuses: set[tuple[str, str]] = set()
        self.bodies: list[bytes] = []
        while len(self.bodies) < count:
            if self.bodies and self._rng.random() < 0.1:
                self.bodies.append(self._rng.choice(self.bodies))
            else:
                several = 100 if self._rng.random() < 0.01 else 1
                self.bodies.append(webhook(*(self._value() for _ in range(several))))

    def _value(self) -> dict[str, Any]:
        person = f"52155{self._rng.randrange(400):08d}"
        at = self._now - self._rng.randrange(WEEK)
        if self._rng.random() < 0.3:
            message_id = f"wamid.burst.{len(self.messages)}"
            self.messages.add(message_id)
            return text_message(person, message_id, f"pregunta {len(self.messages)}", at)
        message_id = f"wamid.ours.{self._rng.randrange(2000)}"
        word = self._rng.choice(["sent", "delivered", "read"])
        self.statuses.add((message_id, word))
        return status(person, message_id, word)


class Bell(ConsoleModel):
    """A console that counts how often it would ring, by the console's own rule."""

    def __init__(self, desk: Desk) -> None:
        self.rings = 0
        self.arrived = 0
        self._policy = BellPolicy(time.monotonic)
        super().__init__(desk, None)

    async def _apply(self, frame: Frame) -> None:
        for event in frame.events:
            came = event.arrived if isinstance(event, ConversationChanged | ManyChanged) else 0
            self.arrived += int(came)
            self.rings += self._policy.rings(arrived=came > 0, looking_at_it=False)
        await super()._apply(frame)


async def bring(port: int, bodies: list[bytes], acks: Acks) -> list[float]:
    """Sends everything over 64 connections; answers how long each answer took."""
    waiting = iter(bodies)
    took: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in waiting:
            began = time.perf_counter()
            writer.write(request(body))
            answer = await read_http(reader)
            took.append(time.perf_counter() - began)
            acks.note(body, int(answer[9:12]))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return took


@pytest.mark.timeout(600)
async def test_after_an_outage_everything_comes_at_once(tmp_path: Path) -> None:
    burst, acks = Burst(WEBHOOKS), Acks()
    server = Server(configured_home(tmp_path / "home"))
    server.start()
    try:
        async with desk_of(server.home) as desk:
            consoles = [RemoteDesk(server.home / "server.sock") for _ in range(CONSOLES)]
            for console in consoles:
                console.start()
            bells = [Bell(console) for console in consoles]
            began = time.perf_counter()
            took = await bring(server.port, burst.bodies, acks)
            brought = time.perf_counter() - began
            await desk.call(calls.Settle())
            drained = time.perf_counter() - began
            await compare(desk, bells)
            rings = [bell.rings for bell in bells]
            lasted = time.perf_counter() - began
            for bell, console in zip(bells, consoles, strict=True):
                await bell.stop()
                await console.close()
            await count(desk, burst)
        assert server.stop() == 0
    finally:
        server.kill()
    assert acks.answers == {200: len(burst.bodies)}
    check_invariants(server.home, acks.bodies)
    took.sort()
    print(
        f"{len(burst.bodies)} webhooks in {brought:.1f} s, applied {drained - brought:.1f} s later;"
        f" answered in {1000 * took[len(took) // 2]:.0f} ms (median),"
        f" {1000 * took[len(took) * 99 // 100]:.0f} ms (99 %); rings {rings}"
    )
    assert all(1 <= rung <= 1 + lasted / RING_SECONDS for rung in rings)


async def compare(desk: Desk, bells: list[Bell]) -> None:
    """Every console shows what the server would tell it now."""
    fresh = plain(await snapshot(desk, None))
    for bell in bells:
        while bell.picture is None or plain(bell.picture) != fresh:
            await asyncio.sleep(0.05)


async def count(desk: Desk, burst: Burst) -> None:
    """Exactly what was said is there."""
    listed: list[str | None] = []
    after = 0
    while page := await desk.call(calls.ListMessages(after_id=after)):
        listed += [message.provider_id for message in page]
        after = page[-1].id
    assert Counter(listed) == dict.fromkeys(burst.messages, 1)
    counts = await desk.call(calls.GetCounts())
    assert counts.unread_messages == len(burst.messages)
    diagnostics = await desk.call(calls.GetDiagnostics())
    assert diagnostics.journal_last_id == diagnostics.projected_id == len(burst.bodies)
    assert diagnostics.dead == 0
