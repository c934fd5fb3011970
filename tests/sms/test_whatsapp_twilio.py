"""WhatsApp through Twilio: in and out, through the simulated Twilio with its contract checker."""

from __future__ import annotations

import pytest
from sms_kit import ANA, OUR_WHATSAPP, Texting, until

from vchat_tui.desk.calls import DeskError, Reply, Send
from vchat_tui.models import Content, Conversation, Status

pytestmark = pytest.mark.contract

ANA_THERE = f"whatsapp:{ANA}"


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
