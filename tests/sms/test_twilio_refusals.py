"""What Twilio refuses until an admin acts, on both its channels; and nothing that is not Twilio's gets in."""

from __future__ import annotations

import httpx
import pytest
from sms_kit import ANA, Texting, until

from vchat_tui.desk.calls import ListInboxes, ListWebhooks, Reply
from vchat_tui.models import Message, Status

pytestmark = pytest.mark.contract


@pytest.fixture
def there(channel: str, request: pytest.FixtureRequest) -> Texting:
    """The desk of a channel."""
    found: Texting = request.getfixturevalue(channel)
    return found


async def _refused(there: Texting, code: int, http_status: int) -> Message:
    """An answer that Twilio refused once, as it stands then."""
    sender = f"whatsapp:{ANA}" if there.inbox.channel == "whatsapp_twilio" else ANA
    await there.twilio.customer_sends(sender, "hola")
    chat = await there.conversation()
    knobs = there.twilio.knobs
    knobs.fail_next, knobs.fail_code, knobs.fail_status = 1, code, http_status
    answer = await there.desk.call(Reply(conversation_id=chat.id, client_id="c-1", text="Sí"))

    async def settled() -> Message | None:
        found = {message.id: message for message in await there.messages()}[answer.id]
        return found if found.error is not None else None

    return await until(settled)


def _sent(there: Texting) -> int:
    return sum(message.direction == "outbound-api" for message in there.twilio.messages)


@pytest.mark.parametrize(
    ("channel", "code", "http_status"), [("texting", 20003, 401), ("whatsapp", 63007, 400)]
)
async def test_what_needs_an_admin_stops_the_inbox_and_loses_nothing(
    there: Texting, code: int, http_status: int
) -> None:
    message = await _refused(there, code, http_status)
    assert (message.status, _sent(there)) == (Status.QUEUED, 0)
    [inbox] = await there.desk.call(ListInboxes())
    assert inbox.paused is not None and inbox.paused.code == str(code)


async def test_a_forged_request_is_refused_and_changes_nothing(whatsapp: Texting) -> None:
    forged = {"MessageSid": "SM" + "0" * 32, "From": f"whatsapp:{ANA}", "Body": "soy yo"}
    forged |= {"To": whatsapp.inbox.settings["sender"], "AccountSid": "AC" + "0" * 32}
    async with httpx.AsyncClient(trust_env=False) as client:
        for path in ("/webhooks/twilio", "/webhooks/twilio/status?ob=1"):
            answer = await client.post(
                whatsapp.address + path, data=forged, headers={"X-Twilio-Signature": "AAAA"}
            )
            assert answer.status_code == 403
    assert await whatsapp.messages() == ()
    assert await whatsapp.desk.call(ListWebhooks()) == ()
