"""WhatsApp through Twilio: in and out, through the simulated Twilio with its contract checker."""

from __future__ import annotations

import json

import pytest
from sms_kit import ANA, OUR_WHATSAPP, Texting, until

from vchat_tui.broadcast_models import Broadcast, BroadcastContent
from vchat_tui.desk.calls import (
    AddRecipients,
    CreateBroadcast,
    DeskError,
    GetBroadcast,
    Hold,
    Reply,
    SaveInbox,
    Send,
    StartBroadcast,
    StartConversation,
    SyncTemplates,
)
from vchat_tui.models import Content, Conversation, Status
from vchat_tui.simulator.twilio import Text
from vchat_tui.simulator.twilio_content import CONTENTS

pytestmark = pytest.mark.contract

ANA_THERE = f"whatsapp:{ANA}"
EVA = "+34600111222"


async def test_a_text_its_answer_and_its_two_ticks(whatsapp: Texting) -> None:
    whatsapp.twilio.knobs.reads = True
    await whatsapp.twilio.customer_sends(
        ANA_THERE, "¿Están abiertos?", ProfileName="Ana", MessageType="text"
    )
    chat = await whatsapp.conversation()
    assert (chat.channel, chat.last_text, chat.title) == (
        "whatsapp_twilio",
        "¿Están abiertos?",
        "Ana",
    )
    assert chat.window_ends_at is not None
    answer = await whatsapp.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="Sí"))
    await whatsapp.until_status(answer.id, Status.READ)
    sent = whatsapp.twilio.messages[-1]
    assert (sent.to, sent.from_, sent.body) == (ANA_THERE, OUR_WHATSAPP, "Sí")


async def test_a_customer_without_a_number_is_answered_by_their_user_id(whatsapp: Texting) -> None:
    await whatsapp.twilio.customer_sends("whatsapp:US.1349123456789", "hi", ProfileName="Bo")
    chat = await whatsapp.conversation()
    answer = await whatsapp.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="hello"))
    await whatsapp.until_status(answer.id, Status.DELIVERED)
    assert whatsapp.twilio.messages[-1].to == "whatsapp:US.1349123456789"


async def test_a_closed_window_that_only_twilio_knows_of(whatsapp: Texting) -> None:
    await whatsapp.twilio.customer_sends(ANA_THERE, "hola")
    chat = await whatsapp.conversation()
    whatsapp.twilio.knobs.undelivered_code = 63016
    answer = await whatsapp.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="Sí"))
    failed = await whatsapp.until_status(answer.id, Status.FAILED)
    assert failed.error is not None and failed.error.code == "63016"

    async def refused() -> Conversation | None:
        found = await whatsapp.conversation()
        return found if found.window_refused else None

    closed = await until(refused)
    assert closed.window_ends_at is None
    with pytest.raises(DeskError, match="hold your answer"):
        await whatsapp.desk.call(Reply(conversation_id=chat.id, client_id="c-2", text="¿?"))
    await whatsapp.twilio.customer_sends(ANA_THERE, "¿hola?")  # opens it again
    reopened = await whatsapp.conversation()
    assert not reopened.window_refused and reopened.window_ends_at is not None


async def test_a_place_goes_as_a_place(whatsapp: Texting) -> None:
    await whatsapp.twilio.customer_sends(ANA_THERE, "¿dónde?")
    chat = await whatsapp.conversation()
    place = {"latitude": 19.43, "longitude": -99.13, "name": "Oficina", "address": "Calle 1"}
    content = Content(type="location", location=place)
    sent = await whatsapp.desk.call(Send(conversation_id=chat.id, client_id="c-1", content=content))
    await whatsapp.until_status(sent.id, Status.DELIVERED)
    fields = whatsapp.twilio.messages[-1].fields
    assert fields["PersistentAction"] == "geo:19.43,-99.13|Oficina"
    assert fields["Body"].splitlines()[:2] == ["Oficina", "Calle 1"]  # WhatsApp needs a Body, too


async def test_a_held_answer_is_told_of_by_a_template_and_goes_once_they_write(
    whatsapp: Texting,
) -> None:
    values = {
        "fallback_template_name": "seguimos_en_contacto",
        "fallback_template_languages": "es, en",
        "fallback_template_body": "{recipient_name|cliente}",
        "held_undo_seconds": 0,
    }
    inbox, call = whatsapp.inbox, whatsapp.desk.call
    await call(SaveInbox(inbox_id=inbox.id, name="SMS", channel=inbox.channel, values=values))
    chat = await call(StartConversation(inbox_id=inbox.id, address=EVA))
    answer = Content(type="text", text="Su pedido está listo")
    held = await call(Hold(conversation_id=chat.id, client_id="h-1", content=answer))

    async def told() -> Text | None:
        return next((m for m in whatsapp.twilio.messages if "ContentSid" in m.fields), None)

    notice = await until(told)
    assert notice.fields["ContentSid"] == CONTENTS[0]["sid"]
    assert set(json.loads(notice.fields["ContentVariables"])) == {"1"}
    assert (await whatsapp.until_status(held.id, Status.HELD)).text == "Su pedido está listo"
    await whatsapp.twilio.customer_sends(f"whatsapp:{EVA}", "Sí, por favor", ButtonText="Sí")
    await whatsapp.until_status(held.id, Status.DELIVERED)
    assert whatsapp.twilio.messages[-1].body == "Su pedido está listo"


async def test_a_template_goes_to_several_in_a_broadcast(whatsapp: Texting) -> None:
    call = whatsapp.desk.call
    await call(SyncTemplates(inbox_id=whatsapp.inbox.id))
    content = BroadcastContent(
        template="pedido_listo", language="es", values={"body.1": "amigo", "body.2": "A-7"}
    )
    made = await call(
        CreateBroadcast(client_id="b-1", inbox_id=whatsapp.inbox.id, name="Listos", content=content)
    )
    await call(AddRecipients(broadcast_id=made.id, typed=(EVA, "+34600111223")))
    await call(StartBroadcast(broadcast_id=made.id))

    async def done() -> Broadcast | None:
        found = await call(GetBroadcast(broadcast_id=made.id))
        return found if found.counts.get("delivered") == 2 else None

    await until(done)
    assert [message.body for message in whatsapp.twilio.messages] == [
        "amigo, tu pedido A-7 está listo."
    ] * 2
