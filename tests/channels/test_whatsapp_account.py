"""What a channel reads of Meta's answers about token, number and business account."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_provider import Provider, answers, http, says

from vchat_tui.channels.account import AccountReport, TokenState
from vchat_tui.channels.whatsapp_cloud import WhatsAppCloud, open_channel
from vchat_tui.settings import Secret
from vchat_tui.simulator.account import (
    ACCESS_TOKEN,
    BUSINESS_ACCOUNT_ID,
    OTHER_BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
)
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.world import Simulator, SimulatorSettings


@pytest.fixture
async def meta() -> AsyncIterator[Simulator]:
    simulator = Simulator(SimulatorSettings())
    await simulator.start()
    yield simulator
    await simulator.stop()


@asynccontextmanager
async def channel_to(
    base_url: str,
    token: str = ACCESS_TOKEN,
    number: str = PHONE_NUMBER_ID,
    business: str = BUSINESS_ACCOUNT_ID,
) -> AsyncIterator[WhatsAppCloud]:
    values = {"phone_number_id": number, "api_base_url": base_url}
    if business:
        values["business_account_id"] = business
    channel = open_channel(values, {"access_token": Secret(token)})
    try:
        yield channel
    finally:
        await channel.aclose()


async def inspect(base_url: str, **more: str) -> AccountReport:
    async with channel_to(base_url, **more) as channel:
        return await channel.inspect()


async def test_all_is_well(meta: Simulator) -> None:
    report = await inspect(meta.base_url)
    assert report.token.state is TokenState.VALID
    assert report.token.expires_at is None
    assert report.token.missing_scopes == ()
    assert report.number.quality == "GREEN"
    assert report.number.limit == "TIER_2K"
    assert report.health.can_send == "AVAILABLE"
    assert report.health.on_phone_app is False
    assert report.business and report.business.has_number
    assert report.templates and report.templates.error is None
    assert report.subscription and report.subscription.subscribed


async def test_without_a_business_account_its_parts_are_absent(meta: Simulator) -> None:
    report = await inspect(meta.base_url, business="")
    assert report.token.state is TokenState.VALID
    assert (report.business, report.templates, report.subscription) == (None, None, None)


async def test_a_wrong_token_is_not_an_expired_one(meta: Simulator) -> None:
    assert (await inspect(meta.base_url, token="wrong")).token.state is TokenState.WRONG
    meta.set_knob(token_expires_at=time.time() - 5)
    expired = await inspect(meta.base_url)
    assert expired.token.state is TokenState.EXPIRED
    assert expired.number.error is not None


async def test_a_temporary_token_and_its_end(meta: Simulator) -> None:
    ends = int(time.time()) + 3600
    meta.set_knob(token_expires_at=ends, token_scopes=("whatsapp_business_messaging",))
    report = await inspect(meta.base_url)
    assert report.token.type == "USER"
    assert report.token.expires_at is not None
    assert report.token.expires_at.timestamp() == ends
    assert report.token.missing_scopes == ("whatsapp_business_management",)
    assert report.templates and report.templates.error and report.templates.error.code == "200"


async def test_wrong_ids(meta: Simulator) -> None:
    report = await inspect(meta.base_url, number="99999", business=OTHER_BUSINESS_ACCOUNT_ID)
    assert report.number.error and report.number.error.code == "33"
    assert report.business and report.business.has_number is False
    assert report.business.numbers == ("+1 555-078-3999",)
    assert report.token.state is TokenState.VALID  # one wrong part hides no other


async def test_newer_versions_say_33_as_a_subcode() -> None:
    error = {"message": "does not exist", "code": 100, "error_subcode": 33}
    async with Provider(says(400, {"error": error})) as provider:
        report = await inspect(f"http://127.0.0.1:{provider.port}")
    assert report.number.error and report.number.error.code == "33"


async def test_subscribing(meta: Simulator) -> None:
    meta.set_knob(subscribed=False)
    async with channel_to(meta.base_url) as channel:
        report = await channel.inspect()
        assert report.subscription and report.subscription.subscribed is False
        assert await channel.subscribe() is None
        report = await channel.inspect()
        assert report.subscription and report.subscription.subscribed
    async with channel_to(meta.base_url, business=PHONE_NUMBER_ID) as channel:
        error = await channel.subscribe()
        assert error is not None and error.code == "100"


async def test_a_blocked_account_says_why(meta: Simulator) -> None:
    meta.set_knob(payment_problem=True)
    report = await inspect(meta.base_url)
    assert report.health.can_send == "BLOCKED"
    assert [problem.code for problem in report.health.problems] == ["141006"]


async def test_nobody_there() -> None:
    report = await inspect("http://127.0.0.1:9")
    parts = (report.token, report.number, report.health, report.business, report.templates)
    assert all(part and part.error and part.error.code == "no_answer" for part in parts)
    assert report.token.state is TokenState.UNKNOWN


async def test_the_token_is_in_no_log_and_in_no_report(caplog: pytest.LogCaptureFixture) -> None:
    token = "EAAnobodymayreadthis/+=&?"
    error = {"message": f"cannot read input_token={token}", "code": 1}
    caplog.set_level(logging.DEBUG, logger="vchat_tui")
    async with Provider(says(500, {"error": error})) as provider:
        report = await inspect(f"http://127.0.0.1:{provider.port}", token=token)
        asked = [request[1] for request in provider.requests if "debug_token" in request[1]]
    assert len(asked) == 1 and token not in asked[0]  # escaped, so that it cannot add parameters
    assert token not in str(report)
    assert "nobodymayread" not in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
KEYS = ("data", "is_valid", "scopes", "expires_at", "health_status", "entities", "errors", "error",
        "throughput", "paging", "whatsapp_business_api_data", "id", "code")  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    payload=st.dictionaries(st.sampled_from(KEYS), JSON) | JSON, status=st.sampled_from((200, 400))
)
async def test_whatever_is_answered_makes_a_report(payload: object, status: int) -> None:
    async with Provider(says(status, payload)) as provider:
        assert isinstance(await inspect(f"http://127.0.0.1:{provider.port}"), AccountReport)


async def test_what_is_no_json_makes_a_report_too() -> None:
    async with Provider(answers(http(200, b"<html>"))) as provider:
        report = await inspect(f"http://127.0.0.1:{provider.port}")
    assert report.number.error is not None


def test_knobs_rest_where_all_is_well() -> None:
    assert Knobs().subscribed and Knobs().token_expires_at is None
