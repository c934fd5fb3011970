"""Webhooks that come again: a hundred times, after a restart, after more than a year.

Meta's signature holds no time, so whoever once saw a webhook can bring it again for ever. What it
says is known for ever, long after the journal has forgotten the webhook itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults_kit import status, text_message, webhook

from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.events import ConversationChanged, ManyChanged
from vchat_tui.home import Home
from vchat_tui.simulator.account import PHONE_NUMBER_ID
from vchat_tui.store import changes, times

NOW = time.time_ns
DAY = 86_400 * 1_000_000_000
TIMES = 100
AT = 1_780_000_000
BODIES = [
    webhook(text_message("5215544000001", "wamid.1", "hola", AT)),
    webhook(
        text_message("5215544000001", "wamid.2", "¿hay alguien?", AT + 1),
        text_message("5215544000002", "wamid.3", "yo también", AT + 2),
    ),
    webhook(status("5215544000001", "wamid.unknown", "read")),
]


@contextmanager
def held(folder: Path) -> Iterator[Home]:
    """A home that is ours."""
    home = Home(folder)
    home.prepare()
    with home.acquire():
        yield home


async def bring(desk: LocalDesk, repeat: int) -> None:
    """Every webhook so many times at once."""
    gate = desk.services.gate
    await asyncio.gather(*(gate.append("meta", {}, body, 1) for body in BODIES * repeat))
    await desk.call(calls.Settle())


async def picture(desk: LocalDesk) -> object:
    """Everything that an agent sees of it."""
    return (
        await desk.call(calls.ListMessages()),
        await desk.call(calls.ListConversations()),
        await desk.call(calls.ListUsers()),
        await desk.call(calls.GetCounts()),
    )


async def arrived(desk: LocalDesk) -> int:
    """How many messages were ever announced."""
    rows = await desk.services.core.store.read(changes.since, 0, 100_000)
    return sum(row.kind == changes.ARRIVED for row in rows)


async def test_nothing_that_was_said_is_said_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(tmp_path / "home") as home:
        desk = await LocalDesk.open(home)
        values = {
            "phone_number_id": PHONE_NUMBER_ID,
            "access_token": "EAAToken000",
            "app_secret": "secret",
            "verify_token": "verify",
        }
        await desk.call(calls.SaveInbox(name="Ventas", channel="whatsapp_cloud", values=values))
        await bring(desk, 1)
        first, announced = await picture(desk), await arrived(desk)
        assert announced == 3

        while desk.services.hub.seq < await desk.services.core.store.read(changes.last_seq):
            await asyncio.sleep(0.01)  # what came before is no repetition
        rung = asyncio.create_task(announcements(desk))
        await bring(desk, TIMES)
        assert await picture(desk) == first
        assert not rung.done()
        rung.cancel()
        await asyncio.wait({rung})
        for days in (0, 8, 400):
            await desk.close()
            monkeypatch.setattr(times.time, "time_ns", later(days))
            desk = await LocalDesk.open(home)
            await bring(desk, 2)
            assert await picture(desk) == first
        assert await arrived(desk) == announced
        await desk.close()


def later(days: int) -> Callable[[], int]:
    """A clock that is so many days ahead of this one."""
    return lambda: NOW() + days * DAY


async def announcements(desk: LocalDesk) -> None:
    """Fails where a console hears of a message that it knows."""
    async for frame in desk.follow():
        for event in frame.events:
            assert not isinstance(event, ManyChanged)
            assert not (isinstance(event, ConversationChanged) and event.arrived)
