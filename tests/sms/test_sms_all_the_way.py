"""SMS in and out, from the customer's phone to the desk and back, through the simulated Twilio."""

from __future__ import annotations

import pytest
from sms_kit import ANA, Texting

from vchat_tui.desk.calls import CheckInbox, DeskError, Reply, Send, SendTo
from vchat_tui.desk.reconciling import reconcile
from vchat_tui.models import Content, Direction, MessageError, Status
from vchat_tui.simulator.twilio import NUMBER

pytestmark = pytest.mark.contract


async def test_a_text_and_its_answer(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "¿Están abiertos? 😀")
    assert texting.twilio.answers == [(200, "<Response/>")]
    chat = await texting.conversation()
    assert (chat.channel, chat.inbox, chat.last_text) == (
        "sms_twilio",
        "SMS",
        "¿Están abiertos? 😀",
    )
    assert chat.window_ends_at is None  # SMS has no window
    answer = await texting.desk.call(
        Reply(conversation_id=chat.id, client_id="c-1", text="Sí, hasta las 18 h")
    )
    delivered = await texting.until_status(answer.id, Status.DELIVERED)
    assert delivered.provider_id is not None
    sent = texting.twilio.messages[-1]
    assert (sent.to, sent.from_, sent.body) == (ANA, NUMBER, "Sí, hasta las 18 h")
    await texting.twilio.idle()
    assert {status for status, _ in texting.twilio.answers} == {200}


async def test_the_same_message_twice_is_one(texting: Texting) -> None:
    sid = await texting.twilio.customer_sends(ANA, "hola")
    await texting.twilio.customer_sends(ANA, "hola", MessageSid=sid, SmsSid=sid)
    assert len(await texting.messages()) == 1


async def test_a_lost_answer_is_settled_by_the_callback(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "hola")
    chat = await texting.conversation()
    texting.twilio.knobs.hang_up_next = 1
    texting.twilio.knobs.status_delay = 0.2
    answer = await texting.desk.call(
        Reply(conversation_id=chat.id, client_id="c-1", text="una sola vez")
    )
    await texting.until_status(answer.id, Status.UNKNOWN)
    settled = await texting.until_status(answer.id, Status.DELIVERED)
    assert settled.error is None
    assert [
        message.body for message in texting.twilio.messages if message.direction != "inbound"
    ] == ["una sola vez"]


async def test_a_refusal_says_why(texting: Texting) -> None:
    texting.twilio.knobs.fail_next = 1
    texting.twilio.knobs.fail_code = 21614
    message = await texting.desk.call(SendTo(inbox="SMS", to=ANA, client_id="c-1", text="hola"))
    failed = await texting.until_status(message.id, Status.FAILED)
    assert failed.error is not None and failed.error.code == "21614"


async def test_a_failure_on_the_way_says_why(texting: Texting) -> None:
    texting.twilio.knobs.undelivered_code = 30005
    message = await texting.desk.call(SendTo(inbox="SMS", to=ANA, client_id="c-1", text="hola"))
    failed = await texting.until_status(message.id, Status.FAILED)
    assert failed.error == MessageError(code="30005", title="as the knob says")


async def test_a_text_that_is_too_long_is_refused_at_once(texting: Texting) -> None:
    with pytest.raises(DeskError, match="1601") as refusal:
        await texting.desk.call(SendTo(inbox="SMS", to=ANA, client_id="c-1", text="a" * 1601))
    assert refusal.value.field == "text"
    assert [m for m in await texting.messages() if m.direction == Direction.OUT] == []


async def test_a_number_of_a_service_finds_its_inbox(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "hola", MessagingServiceSid="MG" + "0" * 32)
    assert (await texting.conversation()).inbox == "SMS"


async def test_what_came_while_we_were_away_is_found(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "antes")
    texting.twilio.knobs.webhooks = False
    missed = [await texting.twilio.customer_sends(ANA, f"mientras {n}") for n in range(3)]
    await texting.twilio.customer_sends(ANA, "foto", media=(("image/png", b"png"),))
    assert [message.text for message in await texting.messages()] == ["antes"]
    assert await reconcile(texting.desk.services) == 4
    found = await texting.messages()
    assert {message.text for message in found} == {
        "antes",
        "mientras 0",
        "mientras 1",
        "mientras 2",
        "foto",
    }
    assert {message.provider_id for message in found} >= set(missed)
    [photo] = [message for message in found if message.text == "foto"]
    assert photo.media[0].mime_type == "image/png"
    assert await reconcile(texting.desk.services) == 0  # what is known is not taken in again
    assert len(await texting.messages()) == 5


async def test_the_check_of_the_account_is_twilio_s(texting: Texting) -> None:
    result = await texting.desk.call(CheckInbox(inbox_id=texting.inbox.id))
    assert result.error is None
    assert result.facts == {"friendly_name": "Vchat", "status": "active", "type": "Full"}


PLACE = Content(
    type="location",
    location={"latitude": 19.43, "longitude": -99.13, "name": "Oficina", "address": "Calle 1"},
)
CARD = Content(
    type="contacts",
    contacts=({"name": {"formatted_name": "Ana Sol"}, "phones": [{"phone": "+52 55 1234"}]},),
)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (PLACE, ["Oficina", "Calle 1", "https://maps.google.com/?q=19.43,-99.13"]),
        (CARD, ["Ana Sol, +52 55 1234"]),
    ],
)
async def test_places_and_cards_go_as_text(
    texting: Texting, content: Content, lines: list[str]
) -> None:
    await texting.twilio.customer_sends(ANA, "¿dónde?")
    chat = await texting.conversation()
    sent = await texting.desk.call(Send(conversation_id=chat.id, client_id="c-1", content=content))
    await texting.until_status(sent.id, Status.DELIVERED)
    assert texting.twilio.messages[-1].body.splitlines() == lines


async def test_what_sms_cannot_send_is_refused_with_its_reason(texting: Texting) -> None:
    await texting.twilio.customer_sends(ANA, "hola")
    chat = await texting.conversation()
    content = Content(type="interactive", interactive={"type": "flow"}, text="x")
    with pytest.raises(DeskError) as refusal:
        await texting.desk.call(Send(conversation_id=chat.id, client_id="c-1", content=content))
    assert refusal.value.field == "type"
