"""A desk that tells people: WhatsApp is scripted, SMS goes to the simulated Twilio, e-mail to a real
SMTP server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from desk_kit import Office, Provider
from mail_kit import Postbox, mail_server
from webhook_bodies import from_customer

from vchat_tui.channels import registry
from vchat_tui.channels.base import Channel
from vchat_tui.desk import calls, notifying
from vchat_tui.home import Home
from vchat_tui.models import Agent
from vchat_tui.notice_models import Notice, NoticeState
from vchat_tui.settings import Secret
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TwilioSimulator

MIA, PAU = "5215512345678", "34611111111"
SETTLED = frozenset(NoticeState) - {NoticeState.PENDING, NoticeState.SENDING}


class TwoProviders(Provider):
    """WhatsApp as tests script it, SMS as it is."""

    def open_channel(
        self, channel: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> Any:
        if channel == "sms_twilio":
            line: Channel = registry.open_channel(channel, settings, secrets)
            return line
        return super().open_channel(channel, settings, secrets)


class NoticeOffice(Office):
    """The desk, and what people got."""

    twilio: TwilioSimulator
    postbox: Postbox
    mail_port: int
    number = 0

    async def start(self) -> None:
        """Nobody waits for consoles to come back."""
        before, notifying.RECONNECT_MS = notifying.RECONNECT_MS, 0
        try:
            await super().start()
        finally:
            notifying.RECONNECT_MS = before

    async def agent(self, name: str, **details: Any) -> Agent:
        """Adds an agent."""
        found: Agent = await self.call(calls.SaveAgent(name=name, **details))
        return found

    def sit_down(self, agent: Agent) -> None:
        """The agent is online from now on."""
        self.desk.services.presence.attach().sit(agent.id, 0)

    async def set(self, **notices: Any) -> None:
        """Changes settings of notices; the mail server is there."""
        smtp = {"host": "127.0.0.1", "port": self.mail_port, "security": "none",
                "from_address": "chat@shop.example"}  # fmt: skip
        usual = {"bundle_minutes": 0, "language": "en"}
        await self.call(calls.SaveNoticeSettings(notices=usual | notices, smtp=smtp))

    async def customer_writes(
        self, text: str = "hola", sender: str = MIA, name: str = "Mia"
    ) -> None:
        """A customer writes on WhatsApp, ten minutes ago by their clock."""
        self.number += 1
        await self.post(from_customer(f"wamid.N{self.number}", sender, text, name=name))

    async def twilio_says(self, notice_id: int, **fields: str) -> None:
        """A status callback comes for a notice, with our data in its address."""
        ((bundle,),) = await self.rows("SELECT bundle FROM notice WHERE id = ?", notice_id)
        given = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "From": NUMBER}
        body = f"ob={bundle}\n{urlencode(given | {'To': '+34600000001'} | fields)}"
        await self.desk.services.gate.append("twilio", {}, body.encode(), 1)
        await self.call(calls.Settle())

    async def notices(self) -> tuple[Notice, ...]:
        """The list, oldest first."""
        found = await self.call(calls.ListNotices())
        return tuple(reversed(found))

    async def settled(self, count: int) -> tuple[Notice, ...]:
        """The list, once it has so many and nothing is on its way."""
        while True:
            found = await self.notices()
            if len(found) >= count and all(notice.state in SETTLED for notice in found):
                assert len(found) == count, found
                return found
            await asyncio.sleep(0.005)

    async def in_state(self, *states: NoticeState) -> tuple[Notice, ...]:
        """The list, once its notices are in these states."""
        while True:
            found = await self.notices()
            if tuple(notice.state for notice in found) == states:
                return found
            await asyncio.sleep(0.005)

    async def now(self) -> None:
        """Lets the time pass that notices wait for."""
        await self.write("UPDATE notice SET next_at = 0, sent_at = sent_at - 3600000")

    def texts(self) -> list[tuple[str, str]]:
        """SMS that left: to whom, and what."""
        return [(text.to, text.body) for text in self.twilio.messages]

    def mails(self) -> list[tuple[str, str]]:
        """E-mails that were taken: to whom, and the subject."""
        return [(mail["To"], mail["Subject"]) for mail in self.postbox.taken]


@asynccontextmanager
async def telling(path: Path) -> AsyncIterator[NoticeOffice]:
    """A desk with a WhatsApp number, an SMS number and a mail server."""
    office = NoticeOffice(Home(path), TwoProviders())
    office.postbox = Postbox()
    office.twilio = TwilioSimulator("http://127.0.0.1:9/webhooks/twilio")
    base_url = await office.twilio.start()
    try:
        async with mail_server(office.postbox) as office.mail_port:
            await office.start()
            try:
                await office.add_inbox()
                values = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": NUMBER,
                          "api_base_url": base_url}  # fmt: skip
                await office.call(calls.SaveInbox(name="SMS", channel="sms_twilio", values=values))
                yield office
            finally:
                await office.close()
    finally:
        await office.twilio.stop()
