"""The real desk, channel and webhook listener on one side, the simulated Meta on the other, and
a proxy between them that makes faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from chaos import Proxy
from faults_kit import text_message

from vchat_tui.channels import http, registry
from vchat_tui.channels.base import Channel
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Answer, Call
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener.server import Listener
from vchat_tui.models import Inbox, Message, Status, TimelineItem
from vchat_tui.settings import Secret
from vchat_tui.simulator import account
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings

INBOX = "Ventas"
IMPATIENT = httpx.Timeout(connect=0.3, write=0.3, read=0.3, pool=5)
DEADLINE = 0.6
"""Seconds: a provider that is silent must not make the tests slow."""

QUIET = Knobs(
    status_delay=0, statuses=False, pair_seconds=0, sends_per_second=100_000, window_hours=1_000_000
)

METADATA = {
    "messaging_product": "whatsapp",
    "metadata": {
        "display_phone_number": account.DISPLAY_PHONE_NUMBER,
        "phone_number_id": account.PHONE_NUMBER_ID,
    },
}


def brisk_channel(
    channel: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> Channel:
    """The real channel, allowed to send one person as much as it likes."""
    made = registry.open_channel(channel, settings, secrets)
    made.capabilities = msgspec.structs.replace(made.capabilities, per_person_interval=0)
    return made


def impatient_channel(
    channel: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> Channel:
    """The same, with a line that waits less long for everything."""
    made = brisk_channel(channel, settings, secrets)
    line: http.Line = made._line  # type: ignore[attr-defined]
    line._deadline = DEADLINE
    line._timeout = IMPATIENT
    return made


class BehindProxy:
    """A desk with one inbox whose provider is behind `proxy`.

    Attributes:
        channel: of the inbox.
    """

    channel: str

    def __init__(self, desk: LocalDesk, proxy: Proxy) -> None:
        self.desk = desk
        self.proxy = proxy

    @property
    def base_url(self) -> str:
        """Where the inbox finds its provider: behind the proxy."""
        return self.proxy.url

    def usual(self) -> dict[str, Any]:
        """The settings of the inbox, its address apart."""
        raise NotImplementedError

    async def call(self, call: Call[Answer]) -> Answer:
        """Asks the desk."""
        return await self.desk.call(call)

    async def save_inbox(self, **values: Any) -> Inbox:
        """Adds the inbox, or changes it."""
        known = await self.call(calls.ListInboxes())
        return await self.call(
            calls.SaveInbox(
                inbox_id=known[0].id if known else None,
                name=INBOX,
                channel=self.channel,
                values=values if known else self.usual() | {"api_base_url": self.base_url} | values,
            )
        )

    async def inbox(self) -> Inbox:
        """The inbox as it stands."""
        return (await self.call(calls.ListInboxes()))[0]

    async def item(self, message: Message) -> TimelineItem:
        """A message as the timeline shows it now."""
        page = await self.call(calls.GetTimeline(conversation_id=message.conversation_id))
        return next(item for item in page.items if item.message.id == message.id)

    async def status(self, message: Message) -> Status | None:
        """How far a message is."""
        return (await self.item(message)).message.status

    async def reaches(self, message: Message, *wanted: Status) -> TimelineItem:
        """Waits until a message has one of these."""
        while (item := await self.item(message)).message.status not in wanted:
            await asyncio.sleep(0.005)
        return item

    async def after_attempt(self, message: Message, number: int) -> TimelineItem:
        """Waits until the outcome of an attempt is written down."""
        sql = "SELECT 1 FROM attempt WHERE message_id = ? AND number = ? AND outcome IS NOT NULL"
        while not await self.rows(sql, message.id, number):
            await asyncio.sleep(0.005)
        return await self.item(message)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        return await self.desk.services.core.store.read(
            lambda db: db.execute(sql, values).fetchall()
        )

    async def let_time_pass(self) -> None:
        """What waits in the outbox is due now."""
        core = self.desk.services.core
        await core.store.write(lambda db: db.execute("UPDATE outbox SET next_at = 0"))
        core.changed()


class Office(BehindProxy):
    """The desk with its inbox at Meta."""

    channel = "whatsapp_cloud"

    def __init__(self, desk: LocalDesk, simulator: Simulator, proxy: Proxy) -> None:
        super().__init__(desk, proxy)
        self.simulator = simulator

    def usual(self) -> dict[str, Any]:
        """See `BehindProxy`."""
        return {
            "phone_number_id": account.PHONE_NUMBER_ID,
            "business_account_id": account.BUSINESS_ACCOUNT_ID,
            "access_token": account.ACCESS_TOKEN,
            "app_secret": account.APP_SECRET,
            "verify_token": account.VERIFY_TOKEN,
            "sends_per_second": 1000,
        }

    async def customers_write(self, *numbers: str) -> None:
        """These customers write something, which opens their windows and conversations."""
        for number in numbers:
            said = text_message(number, f"wamid.from.{number}", "hola")
            self.simulator.send_webhook({**METADATA, **said})
        await self.simulator.idle()
        await self.call(calls.Settle())

    async def send(self, to: str, text: str, client_id: str | None = None) -> Message:
        """Queues a text to a customer."""
        return await self.call(
            calls.SendTo(inbox=INBOX, to=f"+{to}", client_id=client_id or text, text=text)
        )

    def accepts(self) -> Counter[str]:
        """How often the provider took each text in."""
        entries = self.simulator.ledger.messages()
        return Counter(entry.body["text"]["body"] for entry in entries)


@asynccontextmanager
async def desk_in(
    folder: Path, open_channel: Callable[..., Channel] = impatient_channel
) -> AsyncIterator[LocalDesk]:
    """A desk of its own home."""
    home = Home(folder)
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, open_channel=open_channel)
        try:
            yield desk
        finally:
            await desk.close()


@asynccontextmanager
async def office(
    folder: Path,
    knobs: Knobs = QUIET,
    open_channel: Callable[..., Channel] = impatient_channel,
) -> AsyncIterator[Office]:
    """Everything running, the simulator's webhooks coming in."""
    async with contextlib.AsyncExitStack() as stack:
        desk = await stack.enter_async_context(desk_in(folder, open_channel))
        listener = Listener(desk.services.gate)
        address = await listener.start("127.0.0.1", 0)
        stack.push_async_callback(listener.stop, 1.0)
        simulator = Simulator(
            SimulatorSettings(callback_url=f"{address}/webhooks/meta", knobs=knobs)
        )
        base_url = await simulator.start()
        stack.push_async_callback(simulator.stop)
        proxy = await stack.enter_async_context(Proxy(urlsplit(base_url).port or 0))
        here = Office(desk, simulator, proxy)
        await here.save_inbox()
        await simulator.verified()
        yield here
