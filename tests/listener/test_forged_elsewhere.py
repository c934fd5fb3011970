"""One flipped bit in what Twilio or 360dialog sent, wherever it is: refused, and nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listener_kit import RememberingGate, Running, flipped, listening

from vchat_tui.listener import twilio
from vchat_tui.listener.gate import TwilioToken, WebhookSecret
from vchat_tui.listener.twilio import signature, signing_inbox

TOKEN, SECRET = b"auth-token-of-the-account", b"secret-of-the-address-0"
PUBLIC = "https://chat.example.com"
TARGETS = ["/webhooks/twilio", "/webhooks/twilio/status?ob=7%3A1", "/webhooks/twilio?a=b&c="]
TOKENS = [TwilioToken(1, "AC1", TOKEN), TwilioToken(2, "AC2", b"another"), TwilioToken(3, "", b"x")]
FORM = "application/x-www-form-urlencoded"

Served = tuple[asyncio.AbstractEventLoop, Running]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """One listener for all examples."""
    addresses = [WebhookSecret(1, SECRET, True), WebhookSecret(2, b"another-secret-0", False)]
    gate = RememberingGate(addresses=addresses, twilio=TOKENS, public=PUBLIC)
    with asyncio.Runner() as runner:
        context = listening(gate)
        running = runner.run(context.__aenter__())
        yield runner.get_loop(), running
        runner.run(context.__aexit__(None, None, None))


def status_of(served: Served, head: list[bytes], body: bytes) -> int:
    loop, running = served
    lines = [*head, b"Content-Length: %d" % len(body), b"", b""]

    async def ask() -> int:
        client = await running.connect()
        await client.send(b"\r\n".join(lines) + body)
        reply = await client.reply()
        await client.close()
        running.clients.remove(client)
        return reply.status if reply else 0

    return loop.run_until_complete(ask())


def from_twilio(target: bytes, body: bytes, signed: bytes, content_type: str = FORM) -> list[bytes]:
    return [
        b"POST %s HTTP/1.1" % target,
        b"X-Twilio-Signature: " + signed,
        b"Content-Type: " + content_type.encode(),
    ]


@settings(max_examples=150)
@given(
    text=st.text(max_size=60),
    target=st.sampled_from(TARGETS),
    flip=st.integers(min_value=0),
    where=st.sampled_from(["nowhere", "body", "header", "address", "token"]),
)
def test_one_flipped_bit_of_twilio_s(
    served: Served, text: str, target: str, flip: int, where: str
) -> None:
    fields = [("AccountSid", "AC1"), ("Body", text.encode("utf-8", "replace").decode())]
    sent = body = urlencode(fields).encode()
    called = target.encode()
    signed = signature(flipped(TOKEN, flip) if where == "token" else TOKEN, PUBLIC + target, fields)
    if where == "body":
        body = flipped(body, flip)
    elif where == "header":
        signed = flipped(signed, flip)
    elif where == "address":
        called = flipped(called, flip)
    before = len(served[1].gate.kept)
    status = status_of(served, from_twilio(called, body, signed), body)
    # %2b for %2B: other bytes that say the same, and are signed alike
    same = where == "nowhere" or (where == "body" and _said(body) == _said(sent))
    # a control character makes it no HTTP, or ends the header there
    assert status == 200 if same else status in (400, 403, 404)
    assert len(served[1].gate.kept) == before + same


def _said(body: bytes) -> list[tuple[str, str]] | None:
    return parse_qsl(body.decode(), keep_blank_values=True) if body.isascii() else None


@settings(max_examples=100)
@given(flip=st.integers(min_value=0), where=st.sampled_from(["nowhere", "address", "header"]))
def test_one_flipped_bit_of_360dialog_s(served: Served, flip: int, where: str) -> None:
    target, proof = b"/webhooks/360dialog/" + SECRET, b"Bearer " + SECRET
    if where == "address":
        target = flipped(target, flip)
    elif where == "header":
        proof = flipped(proof, flip)
    before = len(served[1].gate.kept)
    head = [b"POST %s HTTP/1.1" % target, b"Authorization: " + proof]
    status = status_of(served, head, b'{"statuses": []}')
    assert status == 200 if where == "nowhere" else status in (400, 403, 404)
    assert len(served[1].gate.kept) == before + (where == "nowhere")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "", FORM])
def test_a_signed_address_vouches_for_no_body(served: Served, content_type: str) -> None:
    """Who once saw a signed GET could put any words below its address."""
    target = "/webhooks/twilio?AccountSid=AC1&MessageSid=SM1&Body=hola"
    signed = signature(TOKEN, PUBLIC + target, [])
    body = urlencode({"MessageSid": "SM2", "From": "+1", "To": "+2", "Body": "forged"}).encode()
    if content_type == FORM:
        body += b"&x=" * twilio.MAX_FIELDS  # more than is read
    kept = len(served[1].gate.kept)
    head = from_twilio(target.encode(), body, signed, content_type)
    assert status_of(served, head, body) == 403
    assert len(served[1].gate.kept) == kept
    assert served[1].gate.refused[-1][0] == twilio.BODY_CHANGED
    assert signing_inbox(TOKENS, PUBLIC + target, b"", content_type, [signed]) == 1
