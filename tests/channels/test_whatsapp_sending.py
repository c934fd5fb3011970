"""Sending to a provider on loopback: what leaves, and what every kind of answer becomes."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from contracts import whatsapp_violations
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_provider import (
    Behaviour,
    Provider,
    answers,
    floods,
    http,
    refuses,
    resets,
    says,
    stays_silent,
    trickles,
)

from vchat_tui.channels import registry
from vchat_tui.channels.base import (
    Accepted,
    Channel,
    ErrorClass,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    Unclear,
)
from vchat_tui.channels.errors import Retry
from vchat_tui.channels.http import Answer, Line
from vchat_tui.channels.waiting import read_retry_after, wait_for
from vchat_tui.channels.whatsapp_body import build_body
from vchat_tui.models import Content
from vchat_tui.settings import Secret, SettingError

WAMID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI="
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+16505551234", "wa_id": "16505551234"}],
    "messages": [{"id": WAMID}],
}
TOKEN = "EAAJB-secret"
PROOF = ("Authorization", f"Bearer {TOKEN}")


def outgoing(**changes: Any) -> Outgoing:
    fields = {"text": "Hi", "callback_data": "m-17", "address": "16505551234", **changes}
    text, reply_to = fields.pop("text"), fields.pop("reply_to", None)
    return Outgoing(content=Content(type="text", text=text, reply_to=reply_to), **fields)


def open_channel(url: str, **changes: Any) -> Channel:
    given = {"phone_number_id": "106540352242922", "api_version": "v25.0", "api_base_url": url}
    return registry.open_channel("whatsapp_cloud", given | changes, {"access_token": Secret(TOKEN)})


@asynccontextmanager
async def channel_to(url: str) -> AsyncIterator[Channel]:
    channel = open_channel(url)
    try:
        yield channel
    finally:
        await channel.aclose()


async def outcome_of(behaviour: Behaviour, attempt: int = 1, **changes: Any) -> Outcome:
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        return await channel.send(outgoing(**changes), attempt)


# ---- what leaves ----------------------------------------------------------------------------


async def test_request() -> None:
    async with Provider(says(200, ACCEPTED)) as provider, channel_to(provider.url) as channel:
        assert await channel.send(outgoing(reply_to="wamid.Q"), 1) == Accepted(
            provider_id=WAMID, address="16505551234"
        )
        method, path, headers, _body = provider.requests[0]
        assert (method, path) == ("POST", "/v25.0/106540352242922/messages")
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert headers["content-type"] == "application/json"
        assert provider.sent == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+16505551234",
            "type": "text",
            "text": {"body": "Hi", "preview_url": False},
            "context": {"message_id": "wamid.Q"},
            "biz_opaque_callback_data": "m-17",
        }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"address": "16505551234"}, {"to": "+16505551234"}),
        ({"address": "+16505551234"}, {"to": "+16505551234"}),
        ({"business_scoped_id": "US.1349"}, {"to": "+16505551234"}),
        ({"address": None, "business_scoped_id": "US.1349"}, {"recipient": "US.1349"}),
        ({"address": None, "business_scoped_id": "US.ENT.1"}, {"recipient": "US.ENT.1"}),
        ({"address": "US.1349"}, {"recipient": "US.1349"}),
    ],
)
def test_recipient(changes: dict[str, Any], expected: dict[str, str]) -> None:
    body = build_body(outgoing(**changes))
    assert body is not None
    assert {key: body[key] for key in ("to", "recipient") if key in body} == expected


@pytest.mark.parametrize("address", [None, "", "+", "abc", "+1 650", "١٦٥٠٥٥٥", "../x", "us.1"])
async def test_unusable_address_is_refused_before_anything_leaves(address: str | None) -> None:
    async with Provider(says(200, ACCEPTED)) as provider, channel_to(provider.url) as channel:
        outcome = await channel.send(outgoing(address=address), 1)
        assert isinstance(outcome, Rejected)
        assert (outcome.error.code, outcome.retry_after) == ("bad_address", None)
        assert provider.requests == []


@pytest.mark.parametrize(
    ("text", "preview"),
    [("see https://x.example/a", True), ("HTTP://x", True), ("https://", False), ("x.example", False)],
)  # fmt: skip
def test_preview_only_for_links(text: str, preview: bool) -> None:
    body = build_body(outgoing(text=text))
    assert body is not None and body["text"]["preview_url"] is preview


@pytest.mark.contract
@settings(max_examples=100, deadline=None)
@given(
    text=st.text(min_size=1, max_size=40) | st.just("x" * 4096) | st.just("\ud800 \x00"),
    address=st.from_regex(r"\+?[1-9][0-9]{6,14}", fullmatch=True) | st.none(),
    person=st.from_regex(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", fullmatch=True),
    reply_to=st.none() | st.just(WAMID),
    callback_data=st.text("0123456789abcdef-", max_size=512),
)
def test_every_body_is_what_meta_takes(
    text: str, address: str | None, person: str, reply_to: str | None, callback_data: str
) -> None:
    body = build_body(
        Outgoing(
            content=Content(type="text", text=text, reply_to=reply_to),
            address=address,
            business_scoped_id=person,
            callback_data=callback_data,
        )
    )
    assert body is not None
    assert whatsapp_violations(body) == []


# ---- what comes back ------------------------------------------------------------------------


async def test_accepted_for_a_customer_without_number() -> None:
    answer = {"contacts": [{"input": "US.1", "user_id": "US.1"}], "messages": [{"id": WAMID}]}
    outcome = await outcome_of(says(200, answer), address=None, business_scoped_id="US.1")
    assert outcome == Accepted(provider_id=WAMID, business_scoped_id="US.1")


@pytest.mark.parametrize(
    "behaviour",
    [
        resets,
        answers(b""),
        answers(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"),
        answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
        answers(b"\x16\x03\x01 nonsense\r\n\r\n"),
        answers(http(200, b"<html>Welcome</html>")),
        answers(http(200, b"")),
        answers(http(204, b"")),
        answers(http(200, b"[1]")),
        answers(http(200, b"\xff\xfe")),
        says(200, {}),
        says(200, {"messages": []}),
        says(200, {"messages": [{"id": None}]}),
        says(200, {"messages": [{"id": "has space"}]}),
        says(200, {"messages": {"id": WAMID}}),
        says(200, {"error": {"message": "no code"}}),
        says(500, ACCEPTED),
        answers(http(500, b"<html>oops</html>")),
        answers(http(502, b"<html>Bad gateway</html>")),
        answers(http(503, b"", "Retry-After: 5")),
        answers(http(504, b"")),
        says(500, {"error": {"message": "no code"}}),
        floods,
    ],
)
async def test_no_clear_answer_is_unclear(behaviour: Behaviour) -> None:
    outcome = await outcome_of(behaviour)
    assert isinstance(outcome, Unclear)
    assert outcome.reason


@pytest.mark.parametrize("behaviour", [stays_silent, trickles])
async def test_answer_that_never_ends_is_unclear(behaviour: Behaviour) -> None:
    async with Provider(behaviour) as provider:
        line = Line(provider.url, PROOF, deadline=2)
        assert isinstance(await line.request("POST", "/x", b"{}"), Unclear)
        await line.aclose()


async def test_refused_connection_was_not_sent() -> None:
    async with Provider(resets) as provider:
        url = provider.url
    async with channel_to(url) as channel:
        assert isinstance(await channel.send(outgoing(), 1), NotSent)


async def test_failed_name_lookup_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    async with channel_to("https://graph.example") as channel:
        assert isinstance(await channel.send(outgoing(), 1), NotSent)


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "xn--", "[::1"])
async def test_impossible_host_was_not_sent(host: str) -> None:
    async with channel_to(f"http://{host}") as channel:
        assert isinstance(await channel.send(outgoing(), 1), NotSent)


async def test_failed_tls_was_not_sent() -> None:
    async def speaks_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speaks_plainly, "127.0.0.1", 0)
    async with server, channel_to(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as it:
        outcome = await it.send(outgoing(), 1)
    assert isinstance(outcome, NotSent)
    assert "SSL" in outcome.reason


@pytest.mark.parametrize(
    ("code", "status", "error_class", "retries", "pauses"),
    [
        (190, 401, ErrorClass.AUTH, False, True),
        (0, 401, ErrorClass.AUTH, False, True),
        (3, 500, ErrorClass.PERMISSION, False, True),
        (10, 403, ErrorClass.PERMISSION, False, True),
        (200, 403, ErrorClass.PERMISSION, False, True),
        (131005, 403, ErrorClass.PERMISSION, False, True),
        (33, 400, ErrorClass.CONFIG, False, True),
        (368, 403, ErrorClass.RESTRICTED, False, True),
        (131042, 400, ErrorClass.BILLING, False, True),
        (100, 400, ErrorClass.REQUEST, False, False),
        (131047, 400, ErrorClass.WINDOW, False, False),
        (131026, 400, ErrorClass.RECIPIENT, False, False),
        (131049, 400, ErrorClass.POLICY, False, False),
        (131050, 400, ErrorClass.OPTOUT, False, False),
        (130429, 400, ErrorClass.RATE, True, False),
        (131056, 400, ErrorClass.PAIR, True, False),
        (131016, 500, ErrorClass.TRANSIENT, True, False),
        (131000, 200, ErrorClass.TRANSIENT, True, False),
        (987654, 400, ErrorClass.OTHER, False, False),
        (987654, 500, ErrorClass.TRANSIENT, True, False),
        (987654, 429, ErrorClass.RATE, True, False),
    ],
)
async def test_refusal_goes_by_its_code(
    code: int, status: int, error_class: ErrorClass, retries: bool, pauses: bool
) -> None:
    details = {"messaging_product": "whatsapp", "details": "the details"}
    outcome = await outcome_of(refuses(code, status, error_data=details))
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == str(code)
    assert outcome.error.title == f"(#{code}) no"
    assert outcome.error.details == "the details"
    assert outcome.error_class is error_class
    assert (outcome.retry_after is not None) is retries
    assert outcome.pauses_inbox is pauses


async def test_unknown_code_that_calls_itself_transient_is_tried_again() -> None:
    outcome = await outcome_of(refuses(987654, is_transient=True))
    assert isinstance(outcome, Rejected) and outcome.retry_after is not None


@pytest.mark.parametrize(
    ("status", "error_class", "retries", "pauses"),
    [
        (302, ErrorClass.CONFIG, False, True),
        (400, ErrorClass.REQUEST, False, False),
        (401, ErrorClass.AUTH, False, True),
        (403, ErrorClass.PERMISSION, False, True),
        (404, ErrorClass.CONFIG, False, True),
        (408, ErrorClass.TRANSIENT, True, False),
        (409, ErrorClass.REQUEST, False, False),
        (413, ErrorClass.REQUEST, False, False),
        (429, ErrorClass.RATE, True, False),
    ],
)
async def test_status_without_code(
    status: int, error_class: ErrorClass, retries: bool, pauses: bool
) -> None:
    outcome = await outcome_of(answers(http(status, b"<html>no</html>", "Location: http://x/")))
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == f"http_{status}"
    assert outcome.error_class is error_class
    assert (outcome.retry_after is not None) is retries
    assert outcome.pauses_inbox is pauses


async def test_hostile_error_texts_are_kept_short_and_can_be_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = await outcome_of(
        refuses(131000, message="\ud800\x1b[2J" * 9999, error_data="x" * 9999)
    )
    assert isinstance(outcome, Rejected)
    assert outcome.error.title is not None and outcome.error.details is not None
    assert len(outcome.error.title) <= 1000 and len(outcome.error.details) <= 1000
    outcome.error.title.encode()
    assert TOKEN not in caplog.text and "\x1b" not in caplog.text


async def test_redirects_are_not_followed() -> None:
    async with Provider(says(200, ACCEPTED)) as elsewhere:
        location = f"Location: {elsewhere.url}/"
        outcome = await outcome_of(answers(http(307, b"", location)))
        assert isinstance(outcome, Rejected)
        assert elsewhere.requests == []


async def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert isinstance(await outcome_of(says(200, ACCEPTED)), Accepted)


async def test_answer_is_cut_at_one_mebibyte() -> None:
    async with Provider(answers(http(200, b"x" * (3 * 1024 * 1024)))) as provider:
        line = Line(provider.url, PROOF)
        answer = await line.request("GET", "/x")
        await line.aclose()
    assert isinstance(answer, Answer) and len(answer.body) == 1024 * 1024


# ---- when to try again ----------------------------------------------------------------------


def http_date(minutes: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("7", 7, 7),
        ("0", 1, 1),
        ("-5", 1, 1),
        ("2.5", 2.5, 2.5),
        ("1000000000", 3600, 3600),
        ("9" * 400, 3600, 3600),
        (10, 590, 600),
        (-10, 1, 1),
        (1000, 3600, 3600),
    ],
)
async def test_retry_after_decides_within_limits(
    header: str | int, low: float, high: float
) -> None:
    header = http_date(header) if isinstance(header, int) else header  # minutes from now
    outcome = await outcome_of(refuses(130429, 400, f"Retry-After: {header}"))
    assert isinstance(outcome, Rejected) and outcome.retry_after is not None
    assert low <= outcome.retry_after <= high


@pytest.mark.parametrize("header", ["soon", "", "nan", "inf", "1e3", "٣", "Mon, 99 Foo", None])
def test_retry_after_that_means_nothing(header: str | None) -> None:
    assert read_retry_after(header) is None


@given(st.text(max_size=40))
def test_retry_after_never_raises(header: str) -> None:
    read_retry_after(header)


async def test_refusal_for_good_ignores_retry_after() -> None:
    outcome = await outcome_of(refuses(131026, 400, "Retry-After: 7"))
    assert isinstance(outcome, Rejected) and outcome.retry_after is None


@pytest.mark.parametrize(
    ("retry", "wait"),
    [
        (Retry.PAIR, lambda attempt: (min(4.0**attempt, 300),) * 2),
        (Retry.MINUTE, lambda _attempt: (60, 60)),
        (Retry.HOUR, lambda _attempt: (3600, 3600)),
        (Retry.BACKOFF, lambda attempt: (1, min(4.0**attempt, 300))),
    ],
)
@pytest.mark.parametrize("attempt", [1, 2, 3, 4, 5, 6, 1000])
def test_waits(retry: Retry, wait: Callable[[int], tuple[float, float]], attempt: int) -> None:
    low, high = wait(min(attempt, 10))
    waits = [wait_for(retry, attempt) for _ in range(20)]
    assert all(waited is not None and low <= waited <= high for waited in waits)
    assert retry is not Retry.BACKOFF or len(set(waits)) > 1


# ---- checking and opening -------------------------------------------------------------------


async def test_check_says_what_meta_knows_of_the_number() -> None:
    payload = {
        "id": "106540352242922",
        "display_phone_number": "+1 555-078-3881",
        "verified_name": "Lucky Shrub",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "throughput": {"level": "STANDARD"},
    }
    async with Provider(says(200, payload)) as provider, channel_to(provider.url) as channel:
        result = await channel.check()
        method, path, headers, body = provider.requests[0]
    assert result.error is None
    del payload["id"]
    assert result.facts == {**payload, "throughput": "STANDARD"}
    assert (method, body) == ("GET", b"")
    assert path.startswith("/v25.0/106540352242922?fields=display_phone_number,verified_name")
    assert TOKEN not in path and headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (refuses(190, 401), "190"),
        (answers(http(404, b"<html>")), "http_404"),
        (says(200, {}), "http_200"),
        (resets, "no_answer"),
    ],
)
async def test_check_says_why_not(behaviour: Behaviour, code: str) -> None:
    async with Provider(behaviour) as provider, channel_to(provider.url) as channel:
        result = await channel.check()
    assert result.error is not None and result.error.code == code
    assert result.facts == {}


@pytest.mark.parametrize(
    ("changes", "token"),
    [
        ({"phone_number_id": ""}, TOKEN),
        ({"phone_number_id": "../me"}, TOKEN),
        ({"api_version": "v25.0/../x"}, TOKEN),
        ({"api_base_url": "file:///etc/passwd"}, TOKEN),
        ({"api_base_url": "https://user@host"}, TOKEN),
        ({}, "two words"),
        ({}, "línea"),
        ({}, "a\nb"),
        ({}, ""),
    ],
)
def test_unusable_settings_are_refused(changes: dict[str, str], token: str) -> None:
    given = {"phone_number_id": "106540352242922", **changes}
    with pytest.raises(SettingError):
        registry.open_channel("whatsapp_cloud", given, {"access_token": Secret(token)})


async def test_rate_comes_from_the_settings() -> None:
    channel = open_channel("http://127.0.0.1:9", sends_per_second=20)
    assert channel.capabilities.sends_per_second == 20
    assert registry.capabilities("whatsapp_cloud").sends_per_second == 80
    await channel.aclose()


def test_capabilities() -> None:
    can = registry.capabilities("whatsapp_cloud")
    assert (can.max_text, can.quotes, can.window_hours) == (4096, True, 24)
    assert (can.per_person_interval, can.per_person_burst) == (6, 45)


def test_no_httpx_before_a_channel_is_opened() -> None:
    code = (
        "import sys; from vchat_tui.channels import errors, registry;"
        "registry.capabilities('whatsapp_cloud'); registry.parse('meta', b'{}');"
        "sys.exit('httpx' in sys.modules or 'textual' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
