"""The home of the demo: its numbers, its agents, and customers who text and are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from vchat_tui.demo import AGENTS, configure, free_port
from vchat_tui.desk.calls import ListAgents, ListConversations, ListMessages, Reply
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.listener import Listener
from vchat_tui.models import Conversation, Direction, Message, Status
from vchat_tui.simulator.texters import TEXTERS, Texters

T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` finds, as soon as it finds something; the test's own time limit ends it."""
    while (found := await look()) is None:
        await asyncio.sleep(0.01)
    return found


async def test_customers_text_and_are_answered(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    port = free_port()
    texters = Texters(f"http://127.0.0.1:{port}/webhooks/twilio", pace=0.01, seed=1)
    await configure(home, port, "http://127.0.0.1:9", await texters.start())
    with home.acquire():
        desk = await LocalDesk.open(home)
        listener = Listener(desk.services.gate)
        await listener.start("127.0.0.1", port)
        writing = asyncio.create_task(texters.write())
        try:
            agents = await desk.call(ListAgents())
            assert [agent.name for agent in agents] == [agent.name for agent in AGENTS]

            async def both() -> tuple[Conversation, ...] | None:
                rows = (await desk.call(ListConversations())).rows
                return rows if len(rows) == len(TEXTERS) else None

            rows = await until(both)
            writing.cancel()
            assert {row.channel for row in rows} == {"sms_twilio"}
            chat = next(row for row in rows if row.title.startswith("+1"))
            sent = await desk.call(
                Reply(conversation_id=chat.id, client_id="1", text="Your order number?")
            )

            async def answered() -> Message | None:
                messages = {one.id: one for one in await desk.call(ListMessages())}
                said = [one for one in messages.values() if one.direction is Direction.IN]
                heard = any(one.text == "It's 48213" for one in said)
                return messages[sent.id] if heard else None

            assert await until(answered)

            async def delivered() -> bool | None:
                messages = {one.id: one for one in await desk.call(ListMessages())}
                return messages[sent.id].status is Status.DELIVERED or None

            await until(delivered)
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await texters.stop()
            await listener.stop(1)
            await desk.close()
