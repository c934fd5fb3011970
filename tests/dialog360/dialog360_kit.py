"""What the tests of 360dialog talk to."""

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
from vchat_tui.desk.local import LocalDesk
from vchat_tui.models import Conversation, Inbox, Message, Status
from vchat_tui.simulator.account import AT_360DIALOG
from vchat_tui.simulator.said import Said, text
from vchat_tui.simulator.world import Simulator

PUBLIC_URL = "https://chat.example.com"
SECRET = "d360-webhook-secret-01"
CHANNEL = "whatsapp_360dialog"
T = TypeVar("T")


class Line(NamedTuple):
    """A desk with one inbox at 360dialog, and the simulator that plays it."""

    desk: LocalDesk
    simulator: Simulator
    inbox: Inbox

    def customer(self, key: str, said: Said | str, answers: str | None = None) -> str:
        """A customer writes to our number at 360dialog; answers the message's id."""
        what = text(said) if isinstance(said, str) else said
        return self.simulator.customer_sends(
            key, what, answers=answers, to=AT_360DIALOG.phone_number_id
        )

    async def messages(self) -> tuple[Message, ...]:
        """Everything that is stored, once everything has come in."""
        await self.simulator.idle()
        await self.desk.call(Settle())
        return await self.desk.call(ListMessages())

    async def conversation(self) -> Conversation:
        """The only one."""
        await self.messages()
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


async def upload(line: Line, data: bytes) -> StoredFile:
    """Brings a file, as a console does."""
    upload_id = await line.desk.call(BeginUpload(size=len(data)))
    await line.desk.call(AppendUpload(upload_id=upload_id, offset=0, data=data))
    return await line.desk.call(FinishUpload(upload_id=upload_id))
