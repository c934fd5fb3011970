"""A broadcast: whether the allowed rate is held, what it costs, and that kill -9 doubles nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

from bench import ids, seed
from bench.process import Program, server
from bench.report import Row
from bench.sends import NORMAL, ledger, provider, rate, wait
from bench.setup import Setup
from vchat_tui.broadcast_models import WAITING, Broadcast, BroadcastContent
from vchat_tui.channels.base import TemplateDefinition
from vchat_tui.desk.calls import AddRecipients, CreateBroadcast, GetBroadcast, StartBroadcast
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator import account
from vchat_tui.store import templates

AT_ONCE = 1000
TEMPLATE = TemplateDefinition(
    provider_id="1", name="hello_world", language="en_US", category="UTILITY", status="APPROVED",
    components=({"type": "BODY", "text": "Welcome! This message shows that templates work."},),
)  # fmt: skip


def run(setup: Setup) -> list[Row]:
    """Every row."""
    count = round(NORMAL * setup.seconds)
    name = f"broadcast to {count:,}"
    with setup.scratch() as folder, provider(count) as meta:
        held, cpu = _undisturbed(folder / "home", meta, count)
    with setup.scratch() as folder, provider(count) as meta:
        doubled, missing = _killed(folder / "home", meta, count)
    return [
        Row(what=f"{name}: sent", value=held, unit="/s", at_least=0.95 * NORMAL,
            at_most=1.05 * NORMAL, note="a template; the provider takes 150 ms"),
        Row(what=f"{name}: CPU of the server", value=cpu * 100, unit="% of a core", at_most=25),
        Row(what=f"{name}, kill -9 in the middle: sent twice", value=doubled, unit="messages",
            at_most=0),
        Row(what=f"{name}, kill -9 in the middle: uncounted or not sent", value=missing,
            unit="recipients", at_most=0, note="those of unknown fate are counted as such"),
    ]  # fmt: skip


def _undisturbed(home: Path, meta: Program, count: int) -> tuple[float, float]:
    """Messages a second at the provider, and the cores that the server used."""
    asyncio.run(_start(home, meta, count))
    with server(home) as program:
        began, _ = wait(meta, 1)
        cpu = program.cpu_seconds()
        ended, _ = wait(meta, count)
        used = program.cpu_seconds() - cpu
    return rate(meta), used / (ended - began)


def _killed(home: Path, meta: Program, count: int) -> tuple[int, int]:
    """How many got it twice, and how many are in no state or were never sent, although the server
    was killed half-way."""
    asyncio.run(_start(home, meta, count))
    killed = server(home)
    with killed:
        wait(meta, count // 2)
        os.kill(killed.pid, signal.SIGKILL)
    with server(home):
        broadcast = asyncio.run(_until_done(home))
    times = Counter(entry["recipient"] for entry in ledger(meta, 0)["entries"])
    sent = broadcast.counts.get("accepted", 0)
    unknown = broadcast.counts.get("unknown", 0)
    uncounted = abs(count - sent - unknown)
    not_sent = max(0, sent - len(times))
    return sum(times.values()) - len(times), uncounted + not_sent


async def _start(home: Path, meta: Program, count: int) -> None:
    """A home whose server will find a broadcast that runs."""
    await seed.configure(
        home, api_base_url=meta.address, access_token=account.ACCESS_TOKEN,
        sends_per_second=NORMAL,
    )  # fmt: skip
    place = Home(home)
    with place.acquire():
        desk = await LocalDesk.open(place, working=False)
        try:
            await desk.services.core.change(
                lambda db, changes: templates.replace_all(db, 1, None, (TEMPLATE,), changes)
            )
            content = BroadcastContent(template="hello_world", language="en_US")
            made = await desk.call(
                CreateBroadcast(client_id="b", inbox_id=1, name="Navidad", content=content)
            )
            for first in range(1, count + 1, AT_ONCE):
                some = range(first, min(first + AT_ONCE, count + 1))
                typed = tuple(f"+{ids.recipient(number)}" for number in some)
                await desk.call(AddRecipients(broadcast_id=made.id, typed=typed))
            await desk.call(StartBroadcast(broadcast_id=made.id))
        finally:
            await desk.close()


async def _until_done(home: Path) -> Broadcast:
    """The only broadcast of a home, once nothing of it waits."""
    desk = RemoteDesk(Home(home).socket)
    desk.start()
    try:
        grown, left = time.monotonic(), -1
        while True:
            found = await desk.call(GetBroadcast(broadcast_id=1))
            waiting = sum(found.counts.get(state, 0) for state in WAITING)
            if not waiting and found.state == "done":
                return found
            if waiting != left:
                grown, left = time.monotonic(), waiting
            if time.monotonic() > grown + 30:
                raise RuntimeError(f"the broadcast stands still: {found.counts}")
            await asyncio.sleep(0.2)
    finally:
        await desk.close()
