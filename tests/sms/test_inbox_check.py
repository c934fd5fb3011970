"""The check of an inbox without a guided set-up, against the simulated Twilio."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from sms_kit import ANA, PUBLIC_URL, Texting

from vchat_tui.channels_shown import CHANNELS
from vchat_tui.desk.calls import (
    DeskError,
    InboxInspection,
    InspectInbox,
    SaveInbox,
    SaveServerSettings,
    SubscribeApp,
)
from vchat_tui.findings import Finding, Mark
from vchat_tui.inbox_check import check
from vchat_tui.settings import CHANNEL_FIELDS
from vchat_tui.setup_check import WEBHOOK_PATHS

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def marks(seen: InboxInspection) -> dict[str, Mark]:
    return {found.check: found.finding.mark for found in check(seen, NOW)}


def finding(seen: InboxInspection, name: str) -> Finding:
    return next(found.finding for found in check(seen, NOW) if found.check == name)


async def look(texting: Texting) -> InboxInspection:
    return await texting.desk.call(InspectInbox(inbox_id=texting.inbox.id))


async def save(texting: Texting, **values: str) -> None:
    await texting.desk.call(
        SaveInbox(inbox_id=texting.inbox.id, name="SMS", channel="sms_twilio", values=values)
    )


def test_every_channel_has_its_words_and_its_address() -> None:
    assert set(CHANNELS) == set(CHANNEL_FIELDS) == set(WEBHOOK_PATHS)


async def test_a_number_is_connected_step_by_step(texting: Texting) -> None:
    seen = replace(await look(texting), listening="http://127.0.0.1:8765")
    assert marks(seen) == {
        "public_url": Mark.DONE,
        "account": Mark.DONE,
        "sender": Mark.DONE,
        "webhook": Mark.FAIL,
        "received": Mark.OPEN,
        "message": Mark.OPEN,
        "reply": Mark.OPEN,
    }
    seen = await texting.desk.call(SubscribeApp(inbox_id=texting.inbox.id))
    assert marks(seen)["webhook"] is Mark.DONE
    assert texting.twilio.sms_url == f"{PUBLIC_URL}/webhooks/twilio"
    await texting.twilio.customer_sends(ANA, "hola")
    await texting.messages()
    seen = await look(texting)
    assert (marks(seen)["received"], marks(seen)["message"]) == (Mark.DONE, Mark.DONE)


async def test_another_address_at_the_number_is_told(texting: Texting) -> None:
    texting.twilio.sms_url = "https://demo.twilio.com/welcome/sms/secret"
    what = finding(await look(texting), "webhook").what
    assert "demo.twilio.com/…" in what and "secret" not in what


async def test_a_trial_account_says_whom_it_may_write_to(texting: Texting) -> None:
    texting.twilio.knobs.trial = True
    assert "trial" in finding(await look(texting), "account").what


async def test_a_name_expects_no_answers(texting: Texting) -> None:
    await save(texting, sender="ACME")
    seen = await look(texting)
    assert finding(seen, "sender").mark is Mark.WARN and "ACME" in finding(seen, "sender").what
    assert finding(seen, "received").mark is Mark.INFO
    assert not {"message", "webhook"} & set(marks(seen))
    with pytest.raises(DeskError, match="paste"):
        await texting.desk.call(SubscribeApp(inbox_id=texting.inbox.id))
    await save(texting, sender="ACME", messaging_service_sid="MG" + "0" * 32)
    assert {"sender": Mark.DONE, "service": Mark.INFO}.items() <= marks(await look(texting)).items()


async def test_a_wrong_token_and_a_number_of_somebody_else(texting: Texting) -> None:
    await save(texting, sender="+15005550001")
    assert finding(await look(texting), "webhook").mark is Mark.FAIL
    await save(texting, auth_token="wrong")
    found = finding(await look(texting), "account")
    assert found.mark is Mark.FAIL and "auth token" in found.advice
    assert set(marks(await look(texting))) <= {
        "public_url",
        "account",
        "received",
        "message",
        "reply",
    }


async def test_without_a_public_url_nothing_can_be_registered(texting: Texting) -> None:
    await texting.desk.call(SaveServerSettings(values={"public_url": ""}))
    seen = await look(texting)
    assert (marks(seen)["public_url"], marks(seen)["webhook"]) == (Mark.OPEN, Mark.OPEN)
    with pytest.raises(DeskError, match="public URL"):
        await texting.desk.call(SubscribeApp(inbox_id=texting.inbox.id))
