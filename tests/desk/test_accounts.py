"""The desk's facts of an inbox: the provider's word, kept and asked for politely, and proofs of work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from desk_kit import Office
from msgspec.structs import replace
from webhook_bodies import ACCOUNT, NUMBER, from_customer

from vchat_tui.channels.account import AccountReport, SubscriptionFacts, TokenFacts, TokenState
from vchat_tui.desk import accounts, calls
from vchat_tui.desk.calls import DeskError, InboxInspection
from vchat_tui.models import MessageError

ENDS = datetime(2026, 3, 5, tzinfo=UTC)
REPORT = AccountReport(
    token=TokenFacts(state=TokenState.VALID, type="USER", expires_at=ENDS),
    subscription=SubscriptionFacts(subscribed=False),
)


async def inspect(office: Office, inbox_id: int = 1, max_age: float | None = 0) -> InboxInspection:
    found: InboxInspection = await office.call(
        calls.InspectInbox(inbox_id=inbox_id, max_age=max_age)
    )
    return found


async def add_incomplete(office: Office, **values: str) -> int:
    saved = await office.call(
        calls.SaveInbox(
            name="Nuevo",
            channel="whatsapp_cloud",
            values={"phone_number_id": NUMBER} | values,
            complete=False,
        )
    )
    return int(saved.id)


async def test_the_report_is_kept_and_shown_beside_the_inbox(office: Office) -> None:
    office.provider.report = REPORT
    found = await inspect(office)
    assert found.report == REPORT
    assert found.checked_at is not None
    (inbox,) = await office.call(calls.ListInboxes())
    assert inbox.check is not None
    assert inbox.check.token_state == "valid"
    assert inbox.check.token_expires_at == ENDS
    assert inbox.check.subscribed is False


async def test_a_fresh_answer_is_not_asked_for_again(office: Office) -> None:
    assert (await inspect(office, max_age=None)).report is None
    await inspect(office, max_age=60)
    await inspect(office, max_age=60)
    assert office.provider.inspected == 1
    await office.write("UPDATE account_check SET checked_at = checked_at - 61000")
    await inspect(office, max_age=60)
    assert office.provider.inspected == 2


async def test_other_credentials_forget_what_was_said_of_the_old(office: Office) -> None:
    office.provider.report = REPORT
    await inspect(office)
    (inbox,) = await office.call(calls.ListInboxes())
    await office.call(
        calls.SaveInbox(
            inbox_id=inbox.id,
            name=inbox.name,
            channel=inbox.channel,
            values={"access_token": "new"},
        )
    )
    assert (await inspect(office, max_age=None)).report is None


async def test_every_hour_all_are_asked(office: Office) -> None:
    await office.add_second_inbox()
    await accounts.check_all(office.desk.services)
    assert office.provider.inspected == 2


async def test_an_inbox_begins_with_the_id_alone(empty_office: Office) -> None:
    inbox_id = await add_incomplete(empty_office)
    found = await inspect(empty_office, inbox_id)
    assert found.missing == ("verify_token", "access_token", "app_secret")
    assert found.report is None
    assert empty_office.provider.inspected == 0
    conversation = await empty_office.conversation()
    with pytest.raises(DeskError, match="not set up yet"):
        await empty_office.reply(conversation.id, "hi")
    with pytest.raises(DeskError, match="Enter the token first"):
        await empty_office.call(calls.SubscribeApp(inbox_id=inbox_id))


async def test_an_inbox_without_the_id_is_none(empty_office: Office) -> None:
    with pytest.raises(DeskError, match="is required") as refusal:
        await empty_office.call(
            calls.SaveInbox(name="Nuevo", channel="whatsapp_cloud", values={}, complete=False)
        )
    assert refusal.value.field == "phone_number_id"


async def test_values_come_one_by_one_until_it_can_send(empty_office: Office) -> None:
    inbox_id = await add_incomplete(empty_office)
    for values in ({"verify_token": "v"}, {"app_secret": "s"}, {"access_token": "t"}):
        assert (await inspect(empty_office, inbox_id)).report is None
        await empty_office.call(
            calls.SaveInbox(
                inbox_id=inbox_id,
                name="Nuevo",
                channel="whatsapp_cloud",
                values=values,
                complete=False,
            )
        )
    found = await inspect(empty_office, inbox_id)
    assert found.missing == ()
    assert found.report is not None


async def test_the_provider_is_asked_as_soon_as_there_is_a_token(empty_office: Office) -> None:
    inbox_id = await add_incomplete(empty_office, access_token="t")
    found = await inspect(empty_office, inbox_id)
    assert found.missing == ("verify_token", "app_secret")
    assert found.report is not None


async def test_proofs_of_work(office: Office) -> None:
    assert (await inspect(office)).received_at is None
    conversation = await office.conversation()
    found = await inspect(office)
    assert found.received_at is not None and found.delivered_at is None
    sent = await office.reply(conversation.id, "hello")
    await office.write("UPDATE message SET delivered_at = 1 WHERE id = ?", sent.id)
    assert (await inspect(office)).delivered_at is not None
    second = await office.add_second_inbox()
    found = await inspect(office, second)
    assert (found.received_at, found.delivered_at) == (None, None)


async def test_subscribing_is_told_and_asked_again(office: Office) -> None:
    await office.call(calls.SubscribeApp(inbox_id=1))
    assert office.provider.inspected == 1
    office.provider.refuses_to_subscribe = MessageError(code="10", title="no")
    with pytest.raises(DeskError, match="provider refused"):
        await office.call(calls.SubscribeApp(inbox_id=1))


async def test_an_inbox_that_is_gone(office: Office) -> None:
    for call in (calls.InspectInbox(inbox_id=99), calls.SubscribeApp(inbox_id=99)):
        with pytest.raises(DeskError, match="no longer there"):
            await office.call(call)


async def test_an_unchanged_answer_wakes_no_console(office: Office) -> None:
    await inspect(office)
    count = "SELECT count(*) FROM event WHERE kind = 'inboxes'"
    before = await office.rows(count)
    await inspect(office)
    assert await office.rows(count) == before
    office.provider.report = replace(REPORT)
    await inspect(office)
    assert await office.rows(count) != before


async def test_the_wait_for_a_message_ends_when_it_comes(office: Office) -> None:
    await office.post(from_customer("wamid.1", "5215512345678"))
    found = await inspect(office)
    assert found.health.inbox.settings["business_account_id"] == ACCOUNT
    assert found.health.last_good_at is not None
