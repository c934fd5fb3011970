"""WhatsApp through 360dialog, from the customer's phone to the desk and back."""

from __future__ import annotations

import httpx
import pytest
from dialog360_kit import Line, until, upload

from vchat_tui.desk.calls import (
    CheckInbox,
    ListInboxes,
    ListTemplates,
    MarkRead,
    Reply,
    SaveInbox,
    Send,
    SendTemplateTo,
    SyncTemplates,
)
from vchat_tui.models import Content, Media, Message, Status
from vchat_tui.simulator import samples
from vchat_tui.simulator.account import AT_360DIALOG
from vchat_tui.simulator.said import image, reply_button
from vchat_tui.simulator.templates import TEMPLATES

pytestmark = pytest.mark.contract

LUCIA = "+5215555550101"
BUTTONS = Content(
    type="interactive",
    interactive={
        "type": "button",
        "body": {"text": "¿Para cuándo?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "b1", "title": "Hoy"}}]},
    },
)


async def test_a_text_and_its_answer(line: Line) -> None:
    line.customer("lucia", "¿Hacen eventos?")
    chat = await line.conversation()
    assert (chat.channel, chat.inbox, chat.last_text) == (
        "whatsapp_360dialog",
        "Eventos",
        "¿Hacen eventos?",
    )
    assert chat.window_ends_at is not None
    answer = await line.desk.call(Reply(conversation_id=chat.id, client_id="c", text="Sí"))
    read = await line.until_status(answer.id, Status.READ)
    assert read.provider_id is not None and read.error is None


async def test_a_lost_answer_is_settled_by_the_status(line: Line) -> None:
    line.customer("lucia", "hola")
    chat = await line.conversation()
    line.simulator.set_knob(drop_after_next=1, status_delay=0.1)
    sent = await line.desk.call(Reply(conversation_id=chat.id, client_id="c", text="una vez"))
    await line.until_status(sent.id, Status.READ)
    bodies = [entry.body for entry in line.simulator.ledger.entries(0)]
    assert [body["text"]["body"] for body in bodies] == ["una vez"]


async def test_buttons_and_the_one_that_was_pressed(line: Line) -> None:
    line.customer("lucia", "hola")
    chat = await line.conversation()
    sent = await line.desk.call(Send(conversation_id=chat.id, client_id="c", content=BUTTONS))
    delivered = await line.until_status(sent.id, Status.READ)
    line.customer("lucia", reply_button("b1", "Hoy"), answers=delivered.provider_id)
    pressed = (await line.messages())[-1]
    assert (pressed.text, pressed.reply_to) == ("Hoy", delivered.provider_id)


async def test_files_both_ways(line: Line) -> None:
    line.customer("lucia", image("galletas", "Así"))
    chat = await line.conversation()

    async def fetched() -> Media | None:
        [message] = await line.messages()
        [media] = message.media
        return media if media.state == "ready" else None

    media = await until(fetched)
    stored = await upload(line, samples.picture("pan"))
    assert media.size == len(samples.picture("galletas"))
    answer = Content(
        type="image", text="Listo", media=(Media(sha256=stored.sha256, mime_type="image/png"),)
    )
    sent = await line.desk.call(Send(conversation_id=chat.id, client_id="c", content=answer))
    await line.until_status(sent.id, Status.READ)
    body = line.simulator.ledger.entries(0)[-1].body
    assert body["image"]["caption"] == "Listo" and body["image"]["id"].isdigit()


async def test_a_template_to_somebody_who_never_wrote(line: Line) -> None:
    page = await line.desk.call(SyncTemplates(inbox_id=line.inbox.id))
    assert page.error is None
    listed = await line.desk.call(ListTemplates(inbox_id=line.inbox.id))
    assert listed.total == len(TEMPLATES)
    sent = await line.desk.call(
        SendTemplateTo(
            inbox="Eventos", to=LUCIA, client_id="c", name="order_update",
            values={"body.1": "Ann", "body.2": "42", "body.3": "ready"},
        )
    )  # fmt: skip
    await line.until_status(sent.id, Status.READ)


async def test_a_window_that_whatsapp_calls_closed(line: Line) -> None:
    """Ours is open still; Meta's word, passed on by 360dialog, goes before it."""
    line.customer("lucia", "hola")
    chat = await line.conversation()
    line.simulator.close_window("lucia")
    late = await line.desk.call(Reply(conversation_id=chat.id, client_id="c", text="tarde"))

    async def refused() -> Message | None:
        found = {message.id: message for message in await line.messages()}[late.id]
        return found if found.error is not None else None

    found = await until(refused)
    assert found.error is not None and found.error.code == "131047"


async def test_read_receipts_and_the_customer_who_has_none(line: Line) -> None:
    settings = {"read_receipts": True}
    await line.desk.call(
        SaveInbox(
            inbox_id=line.inbox.id, name="Eventos", channel="whatsapp_360dialog", values=settings
        )
    )
    wamid = line.customer("lucia", "¿me leen?")
    chat = await line.conversation()
    await line.desk.call(MarkRead(conversation_id=chat.id))

    async def told() -> bool | None:
        return any(entry.id == wamid for entry in line.simulator.ledger.entries(0)) or None

    assert await until(told)


async def test_a_wrong_key_pauses_the_inbox_and_says_so(line: Line) -> None:
    line.customer("lucia", "hola")
    chat = await line.conversation()
    values = {"api_key": "wrong-key"}
    await line.desk.call(
        SaveInbox(
            inbox_id=line.inbox.id, name="Eventos", channel="whatsapp_360dialog", values=values
        )
    )
    checked = await line.desk.call(CheckInbox(inbox_id=line.inbox.id))
    assert checked.error is not None and checked.error.title == "Invalid api key"
    await line.desk.call(Reply(conversation_id=chat.id, client_id="c", text="espera"))

    async def paused() -> str | None:
        [inbox] = await line.desk.call(ListInboxes())
        return inbox.paused.code if inbox.paused else None

    assert await until(paused) == "401"
    values = {"api_key": AT_360DIALOG.access_token}
    await line.desk.call(
        SaveInbox(
            inbox_id=line.inbox.id, name="Eventos", channel="whatsapp_360dialog", values=values
        )
    )

    async def sent() -> bool | None:
        found = {message.text: message for message in await line.messages()}["espera"]
        return found.status == Status.READ or None

    assert await until(sent)


async def test_without_an_envelope_the_address_says_whose_it_is(line: Line) -> None:
    body = {
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": "34600000101"}],
        "messages": [
            {"from": "34600000101", "id": "ABGG1", "timestamp": "1749416383", "type": "text",
             "text": {"body": "de antes"}}
        ],
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as client:
        url = line.simulator.dialog360.proxies["https://chat.example.com"]
        answer = await client.post(
            f"{url}/webhooks/360dialog/d360-webhook-secret-01",
            json=body,
            headers=line.simulator.dialog360.headers,
        )
    assert answer.status_code == 200
    chat = await line.conversation()
    assert (chat.inbox, chat.last_text) == ("Eventos", "de antes")
