"""Messages out: how fast a full outbox goes to a provider that answers after 150 ms."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench import ids, peers, seed
from bench.process import Program, server
from bench.report import Row
from bench.setup import Setup
from vchat_tui.desk.calls import Reply, StartConversation
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.simulator import account

NORMAL = 80  # messages a second: what Meta lets a number send at first
STRETCH = 1_000  # what it lets the largest numbers send
PATIENCE = 5.0  # seconds without a new message at the provider


def run(setup: Setup) -> list[Row]:
    """Every row."""
    return [
        *_rows(NORMAL, *_send(setup, NORMAL, round(NORMAL * setup.seconds))),
        *_rows(STRETCH, *_send(setup, STRETCH, round(STRETCH * setup.seconds / 2))),
    ]


def _rows(allowed: int, rate: float, cpu: float, unsent: int) -> list[Row]:
    name = f"sends, allowed {allowed:,}/s"
    stretch = allowed == STRETCH
    return [
        Row(what=f"{name}: sent", value=rate, unit="/s", at_least=0.95 * allowed,
            at_most=None if stretch else 1.05 * allowed,
            note="one message a person; the provider takes 150 ms and sends no statuses"),
        Row(what=f"{name}: CPU of the server", value=cpu * 100, unit="% of a core",
            at_most=None if stretch else 25),
        Row(what=f"{name}: of unknown fate at the end", value=unsent, unit="messages", at_most=0),
    ]  # fmt: skip


def _send(setup: Setup, allowed: int, count: int) -> tuple[float, float, int]:
    """Messages a second at the provider, the cores that the server used, what did not arrive."""
    with setup.scratch() as folder, provider(count) as meta:
        home = folder / "home"
        values = {
            "api_base_url": meta.address,
            "access_token": account.ACCESS_TOKEN,
            "sends_per_second": allowed,
        }
        asyncio.run(seed.configure(home, **values))
        asyncio.run(_queue(home, count))
        with server(home) as program:
            began, _ = wait(meta, 1)
            cpu = program.cpu_seconds()
            ended, accepted = wait(meta, count)
            used = program.cpu_seconds() - cpu
        return rate(meta), used / (ended - began), count - accepted


def provider(people: int) -> Program:
    """A provider to which so many people have written."""
    file = str(peers.HERE / "endpoints" / "provider.py")
    return Program([sys.executable, file, str(people)], "simulator on ")


async def _queue(home: Path, count: int) -> None:
    """Fills the outbox, with no server there to empty it."""
    place = Home(home)
    with place.acquire():
        desk = await LocalDesk.open(place, working=False)
        try:
            for number in range(count):
                row = await desk.call(
                    StartConversation(inbox_id=1, address=f"+{ids.recipient(number + 1)}")
                )
                await desk.services.core.store.write(_open_window, row.id)
                await desk.call(
                    Reply(
                        conversation_id=row.id,
                        client_id=ids.client_id(number),
                        text="Su pedido está listo, puede recogerlo hoy.",
                    )
                )
        finally:
            await desk.close()


def _open_window(db: sqlite3.Connection, conversation_id: int) -> None:
    """As if the customer had just written."""
    db.execute(
        "UPDATE conversation SET window_ends_at = ? WHERE id = ?",
        (round(time.time() * 1000) + 86_400_000, conversation_id),
    )


def ledger(provider: Program, after: int) -> dict[str, Any]:
    """What the provider took in after a number, and the counts of all."""
    url = f"{provider.address}/_simulator/ledger?after={after}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def wait(provider: Program, count: int) -> tuple[float, int]:
    """Waits until the provider has taken so many in, or no more come: when that was, how many.

    Raises:
        RuntimeError: it refused some.
    """
    accepted, grown = -1, time.monotonic()
    while time.monotonic() < grown + PATIENCE:
        found = ledger(provider, 10**9)  # the counts only
        if found["refused"]:
            raise RuntimeError(f"the provider refused messages: {found['refused']}")
        if found["accepted"] > accepted:
            accepted, grown = found["accepted"], time.monotonic()
        if accepted >= count:
            break
        time.sleep(0.05)
    return grown, accepted


def rate(provider: Program) -> float:
    """Messages a second at the provider."""
    times: list[float] = [entry["at"] for entry in ledger(provider, 0)["entries"]]
    return (len(times) - 1) / (times[-1] - times[0])
