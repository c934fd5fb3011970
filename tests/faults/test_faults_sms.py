"""kill -9 around the failure of a template and the SMS that follows it, while a broadcast of SMS goes
out: nobody gets one twice, everybody is told, and every recipient is counted."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from faults_kit import (
    Acks,
    Line,
    Server,
    configured_home,
    desk_of,
    size,
    status,
    text_message,
    until,
    webhook,
)
from invariants import check_invariants

sys.path.insert(0, str(Path(__file__).parents[1]))

from contracts import twilio_violations

from vchat_tui.broadcast_models import WAITING, Broadcast, BroadcastContent
from vchat_tui.desk import calls
from vchat_tui.models import Content
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TwilioSimulator
from vchat_tui.simulator.world import Simulator, SimulatorSettings

pytestmark = pytest.mark.contract

DAY = 24 * 3600
FALLBACK = {"fallback_template_name": "hello_world", "fallback_template_languages": "en_US"}


async def prepare(desk: RemoteDesk, twilio_url: str, count: int) -> None:
    """An SMS inbox, and a broadcast that runs on it."""
    values: dict[str, Any] = {
        "account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": NUMBER,
        "api_base_url": twilio_url, "status_callbacks": False, "sends_per_second": 20,
    }  # fmt: skip
    await desk.call(calls.SyncTemplates(inbox_id=1))
    sms = await desk.call(calls.SaveInbox(name="SMS", channel="sms_twilio", values=values))
    made = await desk.call(
        calls.CreateBroadcast(
            client_id="b", inbox_id=sms.id, name="Hoy", content=BroadcastContent(text="Hola")
        )
    )
    typed = tuple(f"+3460{number:07}" for number in range(count))
    await desk.call(calls.AddRecipients(broadcast_id=made.id, typed=typed))
    await desk.call(calls.StartBroadcast(broadcast_id=made.id))


async def hold(desk: RemoteDesk, line: Line, person: str) -> None:
    """An answer to somebody whose window is closed."""
    old = text_message(person, f"wamid.old.{person}", "hola", round(time.time()) - DAY)
    assert await line.send(webhook(old)) == 200
    await desk.call(calls.Settle())
    wanted = calls.ConversationFilter(text=person)
    (row,) = (await desk.call(calls.ListConversations(filter=wanted))).rows
    content = Content(type="text", text="sí")
    await desk.call(calls.Hold(conversation_id=row.id, client_id=person, content=content))


def failed(person: str, message_id: str) -> bytes:
    """The webhook that says that a template did not arrive."""
    told = status(person, message_id, "failed")
    told["statuses"][0]["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
    return webhook(told)


@pytest.mark.timeout(300)
async def test_killed_between_the_failure_and_the_sms(tmp_path: Path) -> None:
    knobs = Knobs(statuses=False, pair_seconds=0, sends_per_second=10_000)
    simulator = Simulator(SimulatorSettings(knobs=knobs))
    twilio = TwilioSimulator("http://127.0.0.1:9/webhooks/twilio", check=twilio_violations)
    home = configured_home(tmp_path / "home", await simulator.start(), **FALLBACK)
    server, acks, rng = Server(home), Acks(), random.Random(11)
    people = [f"5255{10_000_000 + number}" for number in range(size(4, 40))]
    count = 15 * len(people)
    try:
        twilio_url = await twilio.start()
        await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:
            await prepare(desk, twilio_url, count)
        for person in people:
            line = Line(server.port, acks)
            async with desk_of(home) as desk:
                await hold(desk, line, person)
            await until(lambda person=person: taken(simulator, person))
            (entry,) = [e for e in simulator.ledger.messages() if e.recipient == person]
            for _ in range(2):
                assert await line.send(failed(person, entry.id)) == 200
            await asyncio.sleep(rng.uniform(0, 0.15))
            server.kill()
            await line.close()
            await asyncio.to_thread(server.start)
        async with desk_of(home) as desk:
            await desk.call(calls.Settle())
            await until(lambda: all_is_out(desk, len(people)))
            end = await desk.call(calls.GetBroadcast(broadcast_id=1))
        assert await asyncio.to_thread(server.stop) == 0
        check_invariants(home, acks.bodies, simulator.ledger.messages())
        check(home, twilio, end, people, count)
    finally:
        server.kill()
        await twilio.stop()
        await simulator.stop()


async def taken(simulator: Simulator, person: str) -> bool:
    """The template has left."""
    return any(entry.recipient == person for entry in simulator.ledger.messages())


async def all_is_out(desk: RemoteDesk, people: int) -> bool:
    """Everybody was told, the broadcast has come to its end, and nothing is under way."""
    end = await desk.call(calls.GetBroadcast(broadcast_id=1))
    rows = await desk.call(calls.ListMessages(limit=500))
    sms = [row for row in rows if row.channel == "sms_twilio" and row.text != "Hola"]
    waits = any(row.status in ("queued", "sending") for row in sms)
    return not any(end.counts.get(state) for state in WAITING) and len(sms) >= people and not waits


def check(
    home: Path, twilio: TwilioSimulator, end: Broadcast, people: list[str], count: int
) -> None:
    """Once each, and counted as what they are."""
    assert twilio.violations == []
    times = Counter(message.to for message in twilio.messages)
    assert max(times.values()) == 1, "somebody got an SMS twice"
    assert set(end.counts) <= {"accepted", "unknown"} and sum(end.counts.values()) == count
    told = {f"+{person}" for person in people}
    by_broadcast = sum(1 for number in times if number not in told)
    assert end.counts["accepted"] <= by_broadcast <= count
    with closing(sqlite3.connect(home / "vchat.db")) as db:
        rows = db.execute(
            "SELECT recipient, status FROM message WHERE client_id LIKE 'sms%' AND direction = 'out'"
        ).fetchall()
    assert Counter(number for number, _status in rows) == Counter(told), "one for each"
    assert all(times[number] == 1 for number, state in rows if state == "accepted")
