"""kill -9 while notices leave: the mail server and Twilio see each at most once, and none is lost."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from faults_kit import (  # fmt: skip
    Acks,
    Line,
    Server,
    desk_of,
    size,
    text_message,
    until,
    webhook,
)
from invariants import opened

sys.path.insert(0, str(Path(__file__).parents[1] / "notices"))

from mail_kit import Postbox, mail_server

from vchat_tui.config_file import ConfigFile
from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.notice_models import NoticeState
from vchat_tui.simulator.account import (
    ACCESS_TOKEN,
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
)
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TwilioSimulator

EACH = 3  # messages in a cycle


async def configure(home: Path, twilio: str, mail_port: int) -> None:
    """A home with a WhatsApp and an SMS number, a mail server and an agent who is offline."""
    whatsapp = {
        "name": "Ventas", "channel": "whatsapp_cloud", "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID, "access_token": ACCESS_TOKEN,
        "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "api_base_url": "http://127.0.0.1:9",
    }  # fmt: skip
    sms = {"name": "SMS", "channel": "sms_twilio", "account_sid": ACCOUNT_SID,
           "auth_token": AUTH_TOKEN, "sender": NUMBER, "api_base_url": twilio}  # fmt: skip
    settings = {
        "inbox": [whatsapp, sms],
        "notices": {"agents_sms": True, "agents_email": True, "bundle_minutes": 0},
        "smtp": {"host": "127.0.0.1", "port": mail_port, "security": "none",
                 "from_address": "chat@shop.example"},
    }  # fmt: skip
    place = Home(home)
    place.prepare()
    with place.acquire():
        desk = await LocalDesk.open(place, working=False)
        await ConfigFile("settings", settings).apply(desk)
        await desk.call(calls.SaveAgent(name="Ana", phone="+34600000001", email="ana@x.example"))
        await desk.close()


class SlowPostbox(Postbox):
    """Takes its time, and says when an e-mail has come in."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    async def handle_DATA(self, *given: object) -> str:
        answer = await super().handle_DATA(*given)  # type: ignore[arg-type]
        self.came.set()
        await asyncio.sleep(0.05)
        return answer


@pytest.mark.timeout(900)
async def test_killed_while_telling(tmp_path: Path) -> None:
    postbox, rng = SlowPostbox(), random.Random(5)
    twilio = TwilioSimulator("http://127.0.0.1:9/webhooks/twilio")
    base_url = await twilio.start()
    async with mail_server(postbox) as port:
        home = tmp_path / "home"
        await configure(home, base_url, port)
        server = Server(home, env={"FAULTS_CONSOLES_ARE_BACK": "1"})
        try:
            number = await kill_often(server, postbox, rng)
            await asyncio.to_thread(server.start)
            await until(lambda: all_settled(home, number))
            assert await asyncio.to_thread(server.stop) == 0
        finally:
            server.kill()
            await twilio.stop()
    check(home, postbox, twilio, number)


async def kill_often(server: Server, postbox: SlowPostbox, rng: random.Random) -> int:
    """Customers write and the server is killed; answers how many messages were taken."""
    number = 0
    for cycle in range(size(2, 60)):
        await asyncio.to_thread(server.start)
        line = Line(server.port, Acks())
        postbox.came.clear()
        for _ in range(EACH):
            number += 1
            text = text_message(f"5255{10_000_000 + number}", f"wamid.K{number}", f"#{number}#")
            assert await line.send(webhook(text)) == 200
        if cycle % 2:
            await asyncio.sleep(rng.uniform(0, 0.3))
        else:
            await asyncio.wait_for(postbox.came.wait(), 30)  # and its answer is not there yet
        server.kill()
        await line.close()
    return number


async def all_settled(home: Path, number: int) -> bool:
    """Every message has its two notices, and none is on its way."""
    async with desk_of(home) as desk:
        found = await desk.call(calls.ListNotices(limit=500))
    going = {NoticeState.PENDING, NoticeState.SENDING}
    return len(found) == 2 * number and not any(notice.state in going for notice in found)


def check(home: Path, postbox: Postbox, twilio: TwilioSimulator, number: int) -> None:
    """What the witnesses saw is what the list says."""
    with opened(home / "vchat.db") as db:
        rows = db.execute("SELECT message_id, way, state, bundle FROM notice").fetchall()
        assert db.execute("SELECT count(*) FROM notice_due").fetchone() == (0,)
    assert Counter(row[:2] for row in rows) == Counter(
        (message, way) for message in {row[0] for row in rows} for way in ("sms", "email")
    )
    assert {state for _, _, state, _ in rows} <= {"sent", "unknown"}
    seen = Counter(mail["Message-ID"].strip("<>").partition("@")[0] for mail in postbox.taken)
    assert max(seen.values()) == 1, seen
    for _message, way, state, bundle in rows:
        if way == "email" and state == "sent":
            assert seen[bundle] == 1, "it says that it was sent"
    words = "\n".join(mail.get_content() for mail in postbox.taken)
    told = Counter(re.findall(r"#(\d+)#", words))
    assert max(told.values()) == 1, json.dumps(told)
    assert len({row[0] for row in rows}) == number
    bundles = {state: {row[3] for row in rows if row[1] == "sms" and row[2] == state}
               for state in ("sent", "unknown")}  # fmt: skip
    assert len(bundles["sent"]) <= len(twilio.messages)
    assert len(twilio.messages) <= len(bundles["sent"]) + len(bundles["unknown"])
    assert any(row[2] == "unknown" for row in rows), "the kills hit no notice, so they mean nothing"
