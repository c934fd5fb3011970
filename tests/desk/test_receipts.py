"""Read receipts and the typing sign: only where wanted, for the newest message, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desk_kit import Office
from msgspec.structs import replace
from webhook_bodies import START, from_customer

from vchat_tui.channels.base import Capabilities
from vchat_tui.desk import calls
from vchat_tui.models import MessageError
from vchat_tui.store.times import now_ms

ANA = "5215512345678"


@pytest.fixture
async def chatty(empty_office: Office) -> Office:
    """An inbox that tells customers what agents do."""
    provider = empty_office.provider
    provider.capabilities = replace(provider.capabilities, read_receipts=True, typing=True)
    await empty_office.add_inbox(read_receipts=True, typing_indicator=True)
    return empty_office


async def arrive(office: Office, *names: str) -> int:
    """Ana writes, a minute later each time; answers the id of the conversation."""
    an_hour_ago = now_ms() // 1000 - START - 3600
    for name in names:
        minute = 60 * int(name.removeprefix("wamid."))
        await office.post(from_customer(name, ANA, at=an_hour_ago + minute))
    return (await office.conversation(ANA)).id


async def settled(office: Office) -> list[tuple[str, bool]]:
    """What the customer has been told, once nothing more is under way."""
    while office.desk.services.receipts._tasks:
        await asyncio.sleep(0.002)
    return office.provider.read


async def test_only_the_newest_message_is_called_read_and_once(chatty: Office) -> None:
    chat = await arrive(chatty, "wamid.1", "wamid.2")
    for _ in range(3):
        await chatty.call(calls.MarkRead(conversation_id=chat))
        assert await settled(chatty) == [("wamid.2", False)]
    await arrive(chatty, "wamid.3")
    await chatty.call(calls.MarkRead(conversation_id=chat))
    assert await settled(chatty) == [("wamid.2", False), ("wamid.3", False)]


async def test_what_was_not_seen_yet_is_not_called_read(chatty: Office) -> None:
    chat = await arrive(chatty, "wamid.1", "wamid.2")
    first, _second = await chatty.messages()
    await chatty.call(calls.MarkRead(conversation_id=chat, up_to=first.id))
    assert await settled(chatty) == [("wamid.1", False)]


async def test_typing_is_told_now_and_then(chatty: Office) -> None:
    chat = await arrive(chatty, "wamid.1")
    for _ in range(5):
        await chatty.call(calls.Typing(conversation_id=chat))
    assert await settled(chatty) == [("wamid.1", True)]


@pytest.mark.parametrize("call", [calls.MarkRead, calls.Typing])
async def test_nobody_is_told_unless_the_settings_say_so(office: Office, call: Any) -> None:
    office.provider.capabilities = Capabilities(max_text=4096, read_receipts=True, typing=True)
    chat = await arrive(office, "wamid.1")
    await office.call(call(conversation_id=chat))
    assert await settled(office) == []


async def test_what_fails_disturbs_nobody(chatty: Office, caplog: pytest.LogCaptureFixture) -> None:
    async def refuse(provider_id: str, typing: bool = False) -> MessageError | None:
        return MessageError(code="131009")

    chatty.provider.lines[-1].mark_read = refuse  # type: ignore[method-assign]
    chat = await arrive(chatty, "wamid.1")
    row = await chatty.call(calls.MarkRead(conversation_id=chat))
    assert row.unread == 0
    await settled(chatty)
    assert "131009" in caplog.text


async def test_an_old_message_is_not_called_read(chatty: Office) -> None:
    chat = await arrive(chatty, "wamid.1")
    await chatty.write("UPDATE message SET received_at = received_at - 31 * 24 * 3600 * 1000")
    await chatty.call(calls.MarkRead(conversation_id=chat))
    assert await settled(chatty) == []
