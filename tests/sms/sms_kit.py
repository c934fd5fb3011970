"""What the tests of SMS, and of WhatsApp through Twilio, talk to."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from contracts import twilio_violations

from vchat_tui.desk.calls import (
    AppendUpload,
    BeginUpload,
    FinishUpload,
    ListConversations,
    ListMessages,
    SaveInbox,
    SaveServerSettings,
    Settle,
    StoredFile,
)
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.desk.file_links import FileLinks
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.models import Conversation, Inbox, Message, Status
from vchat_tui.simulator.twilio import ACCOUNT_SID, AUTH_TOKEN, TwilioSimulator

PUBLIC_URL = "https://chat.example.com"
T = TypeVar("T")

ANA = "+5215512345678"
OUR_WHATSAPP = "whatsapp:+15005550006"


class Texting(NamedTuple):
    """A desk with one inbox, and the Twilio behind it."""

    desk: LocalDesk
    twilio: TwilioSimulator
    inbox: Inbox
    address: str  # of the listener

    async def upload(self, data: bytes) -> StoredFile:
        """Brings a file, as a console does."""
        upload_id = await self.desk.call(BeginUpload(size=len(data)))
        for offset in range(0, len(data), PIECE):
            piece = data[offset : offset + PIECE]
            await self.desk.call(AppendUpload(upload_id=upload_id, offset=offset, data=piece))
        return await self.desk.call(FinishUpload(upload_id=upload_id))

    async def messages(self) -> tuple[Message, ...]:
        """Everything that is stored."""
        await self.desk.call(Settle())
        return await self.desk.call(ListMessages())

    async def conversation(self) -> Conversation:
        """The only one."""
        await self.desk.call(Settle())
        [found] = (await self.desk.call(ListConversations())).rows
        return found

    async def until_status(self, message_id: int, status: Status) -> Message:
        """The message, once it has come that far."""

        async def there() -> Message | None:
            found = {message.id: message for message in await self.messages()}[message_id]
            return found if found.status == status else None

        return await until(there)


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` finds, as soon as it finds something; the test's own time limit ends it."""
    while (found := await look()) is None:
        await asyncio.sleep(0.01)
    return found


@asynccontextmanager
async def texting_at(tmp_path: Path, channel: str, sender: str) -> AsyncIterator[Texting]:
    """Behind a proxy, as in life: Twilio signs the public address."""
    home = Home(tmp_path / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home)
        links = FileLinks(desk.services.core, desk.services.files.shelf)
        listener = Listener(desk.services.gate, links=links)
        try:
            address = await listener.start("127.0.0.1", 0)
            twilio = TwilioSimulator(
                f"{address}/webhooks/twilio",
                sender=sender,
                check=twilio_violations,
                public_url=PUBLIC_URL,
            )
            base_url = await twilio.start()
            try:
                await desk.call(SaveServerSettings(values={"public_url": PUBLIC_URL}))
                values = {
                    "account_sid": ACCOUNT_SID,
                    "auth_token": AUTH_TOKEN,
                    "sender": sender,
                    "api_base_url": base_url,
                    "sends_per_second": 100,
                }
                inbox = await desk.call(SaveInbox(name="SMS", channel=channel, values=values))
                yield Texting(desk, twilio, inbox, address)
                assert twilio.violations == []
            finally:
                await twilio.stop()
        finally:
            await listener.stop(1)
            await desk.close()
