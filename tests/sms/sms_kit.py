"""What the tests of SMS talk to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from vchat_tui.desk.calls import (
    AppendUpload,
    BeginUpload,
    FinishUpload,
    ListConversations,
    ListMessages,
    Settle,
    StoredFile,
)
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.desk.local import LocalDesk
from vchat_tui.models import Conversation, Inbox, Message, Status
from vchat_tui.simulator.twilio import TwilioSimulator

PUBLIC_URL = "https://chat.example.com"
T = TypeVar("T")

ANA = "+5215512345678"


class Texting(NamedTuple):
    """A desk with one SMS inbox, and the Twilio behind it."""

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
