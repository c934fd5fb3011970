"""Too much, too slow, too many: what a stranger sends is refused, and others are served beside."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest
from listener_kit import (
    PATH,
    PATHS,
    RememberingGate,
    Reply,
    Running,
    chunked,
    listening,
    signature,
    webhook,
)

from vchat_tui.listener import Limits
from vchat_tui.listener.gate import WebhookSecret

BODY = b'{"object":"whatsapp_business_account","entry":[]}'
HOOKS = [path for path in PATHS if path.startswith("/webhooks/")]
MIB = 1024 * 1024
SLOW = Limits(request_seconds=0.3, idle_seconds=0.6, answer_seconds=5, linger_seconds=0.2)


async def refused(running: Running, *parts: bytes) -> Reply:
    """Send and get a refusal; nothing may be kept, and the connection must be closed."""
    client = await running.connect()
    for part in parts:
        await client.send(part)
    reply = await client.reply()
    assert reply is not None
    assert reply.status >= 400
    assert await client.closed() == b""
    assert running.gate.kept == []
    return reply


async def still_serves(running: Running) -> None:
    """An honest webhook beside all that."""
    async with httpx.AsyncClient() as client:
        headers = {"X-Hub-Signature-256": signature(BODY)}
        assert (await client.post(running.url + PATH, content=BODY, headers=headers)).is_success


def start(*lines: str, path: str = PATH) -> bytes:
    """A request without its body."""
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


# Sizes


async def test_the_largest_body_that_meta_sends_is_kept() -> None:
    body = b"x" * (3 * MIB)
    async with listening() as running, httpx.AsyncClient() as client:
        headers = {"X-Hub-Signature-256": signature(body)}
        response = await client.post(running.url + PATH, content=body, headers=headers)
        assert response.status_code == 200
        assert running.gate.kept[0].body == body


@pytest.mark.parametrize("size", [3 * MIB + 1, 4 * MIB, 200 * MIB, 10**18])
async def test_an_announced_size_is_refused_before_the_body(size: int) -> None:
    async with listening() as running:
        for path in PATHS:
            head = start(f"Content-Length: {size}", path=path)
            assert (await refused(running, head)).status == 413
        await still_serves(running)


async def test_four_megabytes_get_413_also_when_they_are_sent() -> None:
    body = b"x" * (4 * MIB)
    async with listening() as running:
        assert (await refused(running, webhook(body))).status == 413
        head = webhook(b"", "Transfer-Encoding: chunked", length=False)
        assert (await refused(running, head, chunked(body, 65536))).status == 413


async def test_a_length_that_promises_more_than_comes_is_never_answered_200() -> None:
    gate = RememberingGate(addresses=[WebhookSecret(1, b"secret-of-an-address", False)])
    async with listening(gate, SLOW) as running:
        heads = [start("Content-Length: 500", path=path) for path in HOOKS]
        replies = await asyncio.gather(*(refused(running, head, BODY) for head in heads))
        assert {reply.status for reply in replies} == {408}


async def test_a_length_that_promises_less_leaves_a_bad_signature_and_a_bad_request() -> None:
    request = start("Content-Length: 5", f"X-Hub-Signature-256: {signature(BODY)}") + BODY
    async with listening() as running:
        client = await running.connect()
        await client.send(request)
        reply = await client.reply()
        assert reply is None or reply.status in (400, 403)
        await client.closed()
        assert running.gate.kept == []


async def test_many_small_chunks_are_one_body() -> None:
    body = b"x" * 20_000
    head = webhook(b"", "Transfer-Encoding: chunked", length=False, signed=signature(body))
    async with listening() as running:
        client = await running.connect()
        await client.send(head + chunked(body, 1))
        reply = await client.reply()
        assert reply is not None and reply.status == 200
        assert running.gate.kept[0].body == body


async def test_extensions_of_chunks_are_counted() -> None:
    limits = Limits(body_bytes=1000, header_bytes=1000)
    head = webhook(b"", "Transfer-Encoding: chunked", length=False)
    async with listening(limits=limits) as running:
        endless = [b"1;" + b"e" * 900] + [b"e" * 900] * 10
        assert (await _piece_by_piece(running, head, *endless)).status == 413


async def test_trailers_are_counted() -> None:
    limits = Limits(body_bytes=1000, header_bytes=1000)
    head = webhook(b"", "Transfer-Encoding: chunked", length=False)
    async with listening(limits=limits) as running:
        endless = [b"0\r\n"] + [b"x-trailer: 123456789\r\n" * 40] * 10
        assert (await _piece_by_piece(running, head, *endless)).status == 413


async def _piece_by_piece(running: Running, *pieces: bytes) -> Reply:
    """Send one piece after the other, each in a packet of its own, until refused."""
    client = await running.connect()
    answer = asyncio.create_task(client.reply())
    for piece in pieces:
        await client.send(piece)
        await asyncio.sleep(0.01)
    reply = await answer
    assert reply is not None
    return reply


@pytest.mark.parametrize("size", [2 * MIB, 50 * MIB])
async def test_a_packed_body_is_415(size: int) -> None:
    body = gzip.compress(b"\0" * size)
    async with listening() as running:
        assert (await refused(running, webhook(body, "Content-Encoding: gzip"))).status == 415
        for path in PATHS:
            head = start("Content-Length: 5", "Content-Encoding: gzip", path=path)
            assert (await refused(running, head, b"12345")).status == 415


async def test_two_lengths_are_400() -> None:
    both = ("Content-Length: 5", "Transfer-Encoding: chunked")
    async with listening() as running:
        for path in PATHS:
            for lines in (both, both[::-1], (both[0], both[0])):
                reply = await refused(running, start(*lines, path=path) + b"0\r\n\r\n")
                assert reply.status == 400


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),  # TLS on the plain port
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nX-Nul: a\x00b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\xc3\xa9: b\r\n\r\n",
        b"POST /webhooks/meta HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhooks/meta HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % 10**30,
        b"POST /webhooks/meta HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /webhooks/meta HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nzz",
    ],
)
async def test_what_is_not_plain_http_is_400(request_bytes: bytes) -> None:
    async with listening() as running:
        assert (await refused(running, request_bytes)).status == 400
        await still_serves(running)


async def test_ten_thousand_header_fields_are_431() -> None:
    many = tuple(f"X-{n}: a" for n in range(10_000))
    async with listening() as running:
        assert (await refused(running, start(*many))).status == 431
        for path in PATHS:
            assert (await refused(running, start(*many[:101], path=path))).status == 431
        await still_serves(running)


@pytest.mark.parametrize(
    "endless", [b"GET /" + b"a" * 50_000, start()[:-2] + b"X: " + b"a" * 50_000]
)
async def test_a_header_without_end_is_431(endless: bytes) -> None:
    pieces = [endless[at : at + 5000] for at in range(0, len(endless), 5000)]
    async with listening() as running:
        assert (await _piece_by_piece(running, *pieces)).status == 431


async def test_a_long_address_is_431() -> None:
    async with listening() as running:
        assert (
            await refused(running, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n")
        ).status == 431


async def test_bodies_of_all_requests_together_are_limited() -> None:
    limits = Limits(held_bytes=50_000)
    part = start("Content-Length: 40000") + b"x" * 30_000
    async with listening(limits=limits) as running:
        first, second = await running.connect(), await running.connect()
        await first.send(part)
        await second.send(part)
        done, waiting = await asyncio.wait(
            [asyncio.create_task(one.reply()) for one in (first, second)],
            return_when=asyncio.FIRST_COMPLETED,
        )
        reply = done.pop().result()
        assert reply is not None and reply.status == 503
        for client in (first, second):
            await client.close()
        await asyncio.wait(waiting)
        await still_serves(running)


async def test_an_answered_body_is_no_longer_held() -> None:
    async with listening(limits=Limits(held_bytes=50_000)) as running:
        client = await running.connect()
        for _ in range(5):
            await client.send(webhook(b"x" * 30_000))
            reply = await client.reply()
            assert reply is not None and reply.status == 200


async def test_a_refusal_comes_before_the_answer_of_the_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    head = b"POST /elsewhere HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with listening(limits=Limits(body_bytes=100)) as running:
        assert (await refused(running, head + chunked(b"x" * 200, 200))).status == 413
    assert caplog.records == []


# Times


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"\r\n",
        b"P",
        b"POST /webhooks/meta HTTP/1.1\r\nX-Half: ",
        start("Content-Length: 100") + b"half",
        start("Transfer-Encoding: chunked") + b"a\r\nhalf",
        b"POST /elsewhere HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf",
    ],
)
async def test_a_sender_that_stops_is_closed(beginning: bytes) -> None:
    beginnings = {beginning.replace(PATH.encode(), path.encode()) for path in PATHS}
    async with listening(limits=SLOW) as running:
        clients = [await running.connect() for _ in beginnings]
        for client, sent in zip(clients, beginnings, strict=True):
            await client.send(sent)
        said = await asyncio.gather(*(client.closed() for client in clients))
        assert not any(b"200" in words for words in said)
        assert running.gate.kept == []


async def test_drops_now_and_then_do_not_stretch_the_time() -> None:
    async with listening(limits=SLOW) as running:
        client = await running.connect()
        answer = asyncio.create_task(client.reply())
        await client.send(start("Content-Length: 1000000")[:-2])
        while not answer.done():  # ends because the listener gives up, or else by the time limit
            await client.send(b"x: y\r\n" if running.gate.well else b"")
            await asyncio.sleep(0.02)
        reply = await answer
        assert reply is not None and reply.status == 408


async def test_half_a_request_behind_a_whole_one_is_closed() -> None:
    limits = Limits(request_seconds=0.3, idle_seconds=1000)
    async with listening(limits=limits) as running:
        client = await running.connect()
        await client.send(webhook(BODY) + start("Content-Length: 5"))
        replies = [await client.reply(), await client.reply()]
        assert [reply and reply.status for reply in replies] == [200, 408]


async def test_a_sender_does_not_wait_for_ever_for_the_journal() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate, Limits(answer_seconds=0.2)) as running:
        client = await running.connect()
        await client.send(webhook(BODY))
        assert await client.closed() == b""
        assert gate.hold is not None
        gate.hold.set()


async def test_an_idle_connection_is_closed_after_its_answers() -> None:
    async with listening(limits=SLOW) as running:
        client = await running.connect()
        for request in (webhook(BODY), b"GET /healthz HTTP/1.1\r\n\r\n\r\n"):
            await client.send(request)
            reply = await client.reply()
            assert reply is not None and reply.status == 200
        assert await client.closed() == b""


async def test_a_body_that_ends_after_its_answer_leaves_no_connection_behind() -> None:
    async with listening(limits=SLOW) as running:
        client = await running.connect()
        await client.send(b"POST /elsewhere HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        reply = await client.reply()
        assert reply is not None and reply.status == 404
        await client.send(b"12345")
        assert await client.closed() == b""


async def test_slow_connections_do_not_lock_others_out() -> None:
    limits = Limits(connections=8, spare_seconds=0.05, request_seconds=1000)
    async with listening(limits=limits) as running:
        slow = [await running.connect() for _ in range(8)]
        for client in slow:
            await client.send(b"POST /webhooks/meta HTTP/1.1\r\nX-Half: ")
        closing = [asyncio.create_task(client.closed()) for client in slow]
        async with httpx.AsyncClient() as honest:
            # As soon as the slow ones have waited long enough, one makes room.
            headers = {"X-Hub-Signature-256": signature(BODY)}
            status = 503
            while status != 200:
                status = await _status(honest, running.url + PATH, headers)
        await asyncio.wait(closing, return_when=asyncio.FIRST_COMPLETED)
        for client in slow:
            await client.close()
        await asyncio.wait(closing)


async def _status(client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> int:
    """The answer's status; a connection that was refused at once may not even give that."""
    try:
        return (await client.post(url, content=BODY, headers=headers)).status_code
    except httpx.TransportError:
        return 503


# Numbers


async def test_connections_over_the_limit_are_closed_with_503() -> None:
    limits = Limits(connections=4, spare_seconds=60)
    async with listening(limits=limits) as running:
        inside = [await running.connect() for _ in range(4)]
        for client in inside:
            await client.send(b"GET /healthz HTTP/1.1\r\n\r\n")
            reply = await client.reply()
            assert reply is not None and reply.status == 200
        outside = await running.connect()
        reply = await outside.reply()
        assert reply is not None and reply.status == 503
        assert await outside.closed() == b""
        await inside[0].send(webhook(BODY))
        reply = await inside[0].reply()
        assert reply is not None and reply.status == 200


async def test_webhooks_over_the_limit_in_flight_are_503_and_the_others_are_kept() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate, Limits(in_flight=3)) as running:
        inside = [await running.connect() for _ in range(3)]
        for client in inside:
            await client.send(webhook(BODY))
        for _ in inside:
            await gate.entered.acquire()
        over = await running.connect()
        await over.send(webhook(BODY))
        reply = await over.reply()
        assert reply is not None and reply.status == 503
        assert gate.hold is not None
        gate.hold.set()
        for client in inside:
            reply = await client.reply()
            assert reply is not None and reply.status == 200
        await over.send(webhook(BODY))  # the connection lives, and there is room again
        reply = await over.reply()
        assert reply is not None and reply.status == 200
    assert len(gate.kept) == 4
