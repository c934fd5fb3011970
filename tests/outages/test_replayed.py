"""Webhooks that come again: a hundred times, after a restart, after more than a year.

No signature holds a time, so whoever once saw a webhook can bring it again for ever. What it
says is known for ever, long after the journal has forgotten the webhook itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from faults_kit import status, text_message, webhook

from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.events import ConversationChanged, ManyChanged
from vchat_tui.home import Home
from vchat_tui.simulator.account import AT_360DIALOG, PHONE_NUMBER_ID
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from vchat_tui.store import changes, times

NOW = time.time_ns
DAY = 86_400 * 1_000_000_000
TIMES = 100
AT = 1_780_000_000
META = [
    webhook(text_message("5215544000001", "wamid.1", "hola", AT)),
    webhook(
        text_message("5215544000001", "wamid.2", "¿hay alguien?", AT + 1),
        text_message("5215544000002", "wamid.3", "yo también", AT + 2),
    ),
    webhook(status("5215544000001", "wamid.unknown", "read")),
]
DIALOG360 = [
    body.replace(PHONE_NUMBER_ID.encode(), AT_360DIALOG.phone_number_id.encode()) for body in META
]
NOBODY = "http://127.0.0.1:9"


def from_twilio(sid: str, **fields: str) -> bytes:
    """A request of Twilio's as the journal keeps it: query, line break, form."""
    ours = {"MessageSid": sid, "AccountSid": ACCOUNT_SID, "To": NUMBER}
    return b"ob=x%3A1\n" + urlencode({**ours, **fields}).encode()


TWILIO = [
    from_twilio("SM" + "1" * 32, From="+14155550101", Body="hola"),
    from_twilio("SM" + "2" * 32, From="+14155550101", Body="¿hay alguien?", NumMedia="0"),
    from_twilio("SM" + "3" * 32, From="+14155550102", Body="STOP", OptOutType="STOP"),
    from_twilio("SM" + "4" * 32, From=NUMBER, To="+14155550101", MessageStatus="delivered"),
]
ON_WHATSAPP = [
    body.replace(b"From=", b"From=whatsapp%3A").replace(b"To=", b"To=whatsapp%3A")
    for body in TWILIO
]
AT_TWILIO = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "api_base_url": NOBODY}


class Source(NamedTuple):
    """Who sends webhooks: its name in the journal, the inbox, and what comes."""

    name: str
    channel: str
    values: dict[str, Any]
    bodies: list[bytes]


SOURCES = [
    Source(
        "meta",
        "whatsapp_cloud",
        {
            "phone_number_id": PHONE_NUMBER_ID,
            "access_token": "EAAToken000",
            "app_secret": "secret",
            "verify_token": "verify",
            "api_base_url": NOBODY,
        },
        META,
    ),
    Source(
        "360dialog",
        "whatsapp_360dialog",
        {"api_key": "key", "webhook_secret": "secret-of-the-address", "api_base_url": NOBODY},
        DIALOG360,
    ),
    Source("twilio", "sms_twilio", {**AT_TWILIO, "sender": NUMBER}, TWILIO),
    Source("twilio", "whatsapp_twilio", {**AT_TWILIO, "sender": f"whatsapp:{NUMBER}"}, ON_WHATSAPP),
]


@contextmanager
def held(folder: Path) -> Iterator[Home]:
    """A home that is ours."""
    home = Home(folder)
    home.prepare()
    with home.acquire():
        yield home


async def bring(desk: LocalDesk, source: Source, repeat: int) -> None:
    """Every webhook so many times at once."""
    gate = desk.services.gate
    brought = source.bodies * repeat
    await asyncio.gather(*(gate.append(source.name, {}, body, 1) for body in brought))
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


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.channel)
async def test_nothing_that_was_said_is_said_twice(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(tmp_path / "home") as home:
        desk = await LocalDesk.open(home)
        values = source.values
        await desk.call(calls.SaveInbox(name="Ventas", channel=source.channel, values=values))
        await bring(desk, source, 1)
        first, announced = await picture(desk), await arrived(desk)
        assert announced == 3

        while desk.services.hub.seq < await desk.services.core.store.read(changes.last_seq):
            await asyncio.sleep(0.01)  # what came before is no repetition
        rung = asyncio.create_task(announcements(desk))
        await bring(desk, source, TIMES)
        assert await picture(desk) == first
        assert not rung.done()
        rung.cancel()
        await asyncio.wait({rung})
        for days in (0, 8, 400):
            await desk.close()
            monkeypatch.setattr(times.time, "time_ns", later(days))
            desk = await LocalDesk.open(home)
            await bring(desk, source, 2)
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
