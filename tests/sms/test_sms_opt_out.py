"""Who wrote STOP by SMS gets nothing, on any path, until they write START."""

from __future__ import annotations

import pytest
from sms_kit import ANA, Texting, until

from vchat_tui.clock import Clock
from vchat_tui.desk.calls import DeskError, ListConversations, Reply, Retry, SendTo, Settle
from vchat_tui.models import Conversation, Message, Status
from vchat_tui.widgets.describe import chat_head, closed_reason, window_open

pytestmark = pytest.mark.contract


async def said(texting: Texting, text: str, **more: str) -> Conversation:
    await texting.twilio.customer_sends(ANA, text, **more)
    return await texting.conversation()


async def answer(texting: Texting, chat: Conversation, client_id: str) -> Message:
    return await texting.desk.call(Reply(conversation_id=chat.id, client_id=client_id, text="hola"))


async def test_stop_binds_every_path_and_start_ends_it(texting: Texting) -> None:
    chat = await said(texting, "  Stop. ")
    assert chat.opted_out
    for call in (
        Reply(conversation_id=chat.id, client_id="c-1", text="hola"),
        SendTo(inbox="SMS", to=ANA, client_id="c-2", text="hola"),
    ):
        with pytest.raises(DeskError, match="START"):
            await texting.desk.call(call)
    assert not window_open(chat, Clock())
    assert "START" in closed_reason(chat, Clock())
    assert "wrote STOP" in chat_head(chat, Clock()).plain
    chat = await said(texting, "start")
    assert not chat.opted_out and window_open(chat, Clock())
    sent = await answer(texting, chat, "c-3")
    await texting.until_status(sent.id, Status.DELIVERED)


async def test_what_waits_does_not_go_any_more(texting: Texting) -> None:
    chat = await said(texting, "hola")
    texting.twilio.knobs.fail_next, texting.twilio.knobs.fail_code = 1, 20429  # again later
    sent = await answer(texting, chat, "c-1")

    async def refused_once() -> bool | None:
        return texting.twilio.knobs.fail_next == 0 or None

    await until(refused_once)
    await texting.until_status(sent.id, Status.QUEUED)
    await said(texting, "BAJA")
    await texting.desk.services.core.change(
        lambda db, changes: db.execute("UPDATE outbox SET next_at = 0")
    )
    failed = await texting.until_status(sent.id, Status.FAILED)
    assert failed.error is not None and failed.error.code == "stopped"
    await texting.desk.call(Retry(message_id=sent.id))
    await texting.until_status(sent.id, Status.FAILED)
    assert [m for m in texting.twilio.messages if m.direction != "inbound"] == []


async def test_twilio_knows_more_words_than_we_do(texting: Texting) -> None:
    assert (await said(texting, "PARAR POR FAVOR", OptOutType="STOP")).opted_out
    assert (await said(texting, "HELP", OptOutType="HELP")).opted_out
    assert not (await said(texting, "de nuevo", OptOutType="START")).opted_out


async def test_what_twilio_refuses_is_an_opt_out(texting: Texting) -> None:
    chat = await said(texting, "hola")
    texting.twilio.knobs.fail_next, texting.twilio.knobs.fail_code = 1, 21610
    sent = await answer(texting, chat, "c-1")
    await texting.until_status(sent.id, Status.FAILED)
    await texting.desk.call(Settle())
    [chat] = (await texting.desk.call(ListConversations())).rows
    assert chat.opted_out
