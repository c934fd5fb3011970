"""Forged and damaged signatures: nothing of them is kept, and each is refused in the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listener_kit import SECRET, RememberingGate, Running, flipped, listening, signature, webhook

from vchat_tui.listener.meta import (
    NO_SIGNATURE,
    ODD_SIGNATURE,
    REASONS,
    WRONG_SIGNATURE,
    signing_inbox,
)

BODY = rb'{"object":"whatsapp_business_account","text":"\u00e9\/"}'
GOOD = signature(BODY)


async def status_of(running: Running, request: bytes) -> int:
    client = await running.connect()
    await client.send(request)
    reply = await client.reply()
    await client.close()
    assert reply is not None
    return reply.status


def unsigned(*lines: str) -> bytes:
    head = ["POST /webhooks/meta HTTP/1.1", f"Content-Length: {len(BODY)}", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + BODY


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha256=",
        GOOD.upper(),
        GOOD.replace("sha256", "SHA256"),
        GOOD.replace("sha256", "sha1"),
        GOOD[:-1],
        GOOD + "0",
        GOOD + " 0",
        GOOD.replace("=", "=="),
        GOOD.removeprefix("sha256="),
        f'"{GOOD}"',
        f"{GOOD}, {GOOD}",
        "sha256=" + "é" * 64,
        "sha256=" + "g" * 64,
        "sha256=" + "0" * 5000,
        "\xff" * 71,
    ],
)
async def test_a_signature_of_another_form_is_refused(value: str) -> None:
    async with listening() as running:
        assert await status_of(running, unsigned(f"X-Hub-Signature-256: {value}")) == 403
        assert running.gate.kept == []
        assert running.gate.refused == [(ODD_SIGNATURE, "127.0.0.1")]


async def test_an_unsigned_webhook_is_refused_also_with_the_old_signature() -> None:
    async with listening() as running:
        assert await status_of(running, unsigned()) == 403
        assert await status_of(running, unsigned("X-Hub-Signature: sha1=" + "0" * 40)) == 403
        assert running.gate.refused == [(NO_SIGNATURE, "127.0.0.1")] * 2


async def test_two_signatures_are_refused_even_if_one_is_right() -> None:
    right, wrong = f"X-Hub-Signature-256: {GOOD}", "X-Hub-Signature-256: sha256=" + "0" * 64
    async with listening() as running:
        assert await status_of(running, unsigned(right, wrong)) == 403
        assert await status_of(running, unsigned(wrong, right)) == 403
        assert running.gate.kept == []


async def test_a_signature_after_the_body_does_not_count() -> None:
    trailer = b"POST /webhooks/meta HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n"
    async with listening() as running:
        late = trailer % (len(BODY), BODY) + f"X-Hub-Signature-256: {GOOD}\r\n\r\n".encode()
        assert await status_of(running, late) == 403
        assert running.gate.refused == [(NO_SIGNATURE, "127.0.0.1")]


async def test_the_name_of_the_header_has_any_case() -> None:
    async with listening() as running:
        assert await status_of(running, unsigned(f"x-hUB-sIGNATURE-256:   {GOOD}  ")) == 200


async def test_json_that_was_written_anew_has_another_signature() -> None:
    again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(again) == json.loads(BODY)
    async with listening() as running:
        assert await status_of(running, webhook(again, signed=GOOD)) == 403
        assert running.gate.refused == [(WRONG_SIGNATURE, "127.0.0.1")]
        assert await status_of(running, webhook(BODY, signed=GOOD)) == 200


async def test_bytes_that_are_not_json_are_kept_if_signed() -> None:
    odd = b"\x00\xff not json \xed\xa0\x80" + bytes(range(256))
    async with listening() as running:
        assert await status_of(running, webhook(odd)) == 200
        assert await status_of(running, webhook(b"")) == 200
        assert [kept.body for kept in running.gate.kept] == [odd, b""]


@pytest.fixture(scope="module")
def loop_and_listener() -> Iterator[tuple[asyncio.AbstractEventLoop, Running]]:
    """One listener for all examples of a property."""
    with asyncio.Runner() as runner:
        context = listening(RememberingGate(secrets=[(1, SECRET), (2, b"second")]))
        running = runner.run(context.__aenter__())
        yield runner.get_loop(), running
        runner.run(context.__aexit__(None, None, None))


SETTINGS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(body=st.binary(max_size=2000), flip=st.integers(min_value=0), where=st.sampled_from("bhs"))
def test_one_flipped_bit_anywhere_is_refused(
    loop_and_listener: tuple[asyncio.AbstractEventLoop, Running],
    body: bytes,
    flip: int,
    where: str,
) -> None:
    loop, running = loop_and_listener
    before = len(running.gate.kept)
    signed = signature(body)
    if where == "b":
        body = flipped(body, flip) if body else b"x"
    elif where == "h":
        signed = flipped(signed.encode(), flip).decode("latin-1")
    else:
        signed = signature(body, flipped(SECRET, flip))
    # A header value ends at a control character, which is then a request of another form: 400.
    status = loop.run_until_complete(status_of(running, webhook(body, signed=signed)))
    assert status in (400, 403) if where == "h" else status == 403
    assert len(running.gate.kept) == before


@SETTINGS
@given(body=st.binary(max_size=70_000))
def test_every_signed_body_is_kept_byte_for_byte(
    loop_and_listener: tuple[asyncio.AbstractEventLoop, Running], body: bytes
) -> None:
    loop, running = loop_and_listener
    assert loop.run_until_complete(status_of(running, webhook(body))) == 200
    assert running.gate.kept[-1].body == body


@given(body=st.binary(), signatures=st.lists(st.binary(), max_size=3))
def test_any_bytes_as_signature_give_a_reason(body: bytes, signatures: list[bytes]) -> None:
    assert signing_inbox([(1, SECRET)], body, signatures) in REASONS


@given(
    body=st.binary(),
    secrets=st.lists(st.binary(min_size=1), min_size=1, max_size=8, unique=True),
    index=st.integers(min_value=0, max_value=7),
)
def test_each_of_many_secrets_is_found(body: bytes, secrets: list[bytes], index: int) -> None:
    inboxes = list(enumerate(secrets))
    chosen, secret = inboxes[index % len(inboxes)]
    assert signing_inbox(inboxes, body, [signature(body, secret).encode()]) == chosen
