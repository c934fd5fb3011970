"""The endpoint of 360dialog, which signs nothing: the address holds a secret, a header repeats it."""

from __future__ import annotations

import pytest
from listener_kit import RememberingGate, Running, listening

from vchat_tui.listener.dialog360 import REASONS, WRONG_ADDRESS, WRONG_HEADER
from vchat_tui.listener.gate import WebhookSecret

ANA, OLD, BEA = b"secret-of-ana-new", b"secret-of-ana-old", b"b/e~a?%&"
BODY = b'{"statuses": []}'


def gate(*, strict: bool = False) -> RememberingGate:
    return RememberingGate(
        addresses=[
            WebhookSecret(1, ANA, strict),
            WebhookSecret(2, BEA, False),
            WebhookSecret(1, OLD, strict),
        ]
    )


async def status_of(
    running: Running, secret: str, *headers: str, method: str = "POST", body: bytes = BODY
) -> int:
    client = await running.connect()
    head = [f"{method} /webhooks/360dialog/{secret} HTTP/1.1", f"Content-Length: {len(body)}"]
    await client.send("\r\n".join([*head, *headers, "", ""]).encode("latin-1") + body)
    reply = await client.reply()
    assert reply is not None
    return reply.status


@pytest.mark.parametrize(
    ("secret", "inbox_id"),
    [("secret-of-ana-new", 1), ("secret-of-ana-old", 1), ("b%2Fe~a%3F%25%26", 2)],
)
async def test_the_secret_names_the_inbox(secret: str, inbox_id: int) -> None:
    async with listening(gate()) as running:
        assert await status_of(running, secret) == 200
        [kept] = running.gate.kept
        assert (kept.source, kept.body, kept.inbox_id) == ("360dialog", BODY, inbox_id)


@pytest.mark.parametrize(
    "secret", ["", "x", "secret-of-ana-neW", "secret-of-ana-new/", "%ff%fe", "%C3%A9"]
)
async def test_a_wrong_secret_is_an_unknown_address(secret: str) -> None:
    async with listening(gate()) as running:
        assert await status_of(running, secret) == 404
        assert await status_of(running, f"../{secret}") == 404
        assert running.gate.kept == []
        assert running.gate.refused[0] == (WRONG_ADDRESS, "127.0.0.1")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
async def test_only_posts_are_taken(method: str) -> None:
    async with listening(gate()) as running:
        assert await status_of(running, ANA.decode(), method=method, body=b"") == 404
        assert running.gate.kept == []


async def test_without_an_inbox_there_is_no_such_address() -> None:
    async with listening(RememberingGate()) as running:
        assert await status_of(running, "") == 404
        assert running.gate.refused == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Authorization: Bearer secret-of-ana-new"], 200),
        (["Authorization: Bearer secret-of-ana-old"], 200),
        (["authorization:   Bearer secret-of-ana-new  "], 200),
        (["Authorization: Bearer b/e~a?%&"], 403),  # another inbox's
        (["Authorization: bearer secret-of-ana-new"], 403),
        (["Authorization: Basic c2VjcmV0"], 403),
        (["Authorization: "], 403),
        (["Authorization: Bearer secret-of-ana-new"] * 2, 403),
    ],
)
async def test_a_header_that_is_there_must_be_right(headers: list[str], expected: int) -> None:
    async with listening(gate()) as running:
        assert await status_of(running, ANA.decode(), *headers) == expected
        assert [reason for reason, _ in running.gate.refused] == [WRONG_HEADER] * (expected == 403)
        assert "authorization" not in {name for kept in running.gate.kept for name in kept.headers}


async def test_once_it_is_known_to_come_the_header_must_be_there() -> None:
    async with listening(gate(strict=True)) as running:
        assert await status_of(running, ANA.decode()) == 403
        right = f"Authorization: Bearer {ANA.decode()}"
        assert await status_of(running, ANA.decode(), right) == 200
        assert await status_of(running, "b%2Fe~a%3F%25%26") == 200  # of another inbox
        assert running.gate.refused == [(WRONG_HEADER, "127.0.0.1")]


async def test_a_full_disk_is_503_and_360dialog_brings_it_again() -> None:
    full = gate()
    full.failure = OSError("no room")
    async with listening(full) as running:
        assert await status_of(running, ANA.decode()) == 503


async def test_what_is_no_json_is_kept_all_the_same() -> None:
    async with listening(gate()) as running:
        assert await status_of(running, ANA.decode(), body=b"\x00\xff not json") == 200
        assert [kept.body for kept in running.gate.kept] == [b"\x00\xff not json"]


def test_no_reason_holds_a_secret() -> None:
    assert all("{" not in reason for reason in REASONS)
