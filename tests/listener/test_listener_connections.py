"""One connection and many requests; and how the listener stops."""

from __future__ import annotations

import asyncio
import socket

import pytest
from listener_kit import PATH, RememberingGate, listening, signature, webhook

from vchat_tui.listener import Limits, Listener

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


async def test_a_connection_is_used_again() -> None:
    async with listening() as running:
        client = await running.connect()
        for n in range(50):
            await client.send(webhook(b"%d" % n))
            reply = await client.reply()
            assert reply is not None and reply.status == 200
        assert [kept.body for kept in running.gate.kept] == [b"%d" % n for n in range(50)]


async def test_no_part_of_an_answer_waits_for_the_other_side() -> None:
    async with listening() as running:
        await (await running.connect()).send(HEALTH)
        while not (connections := list(running.listener._state.connections)):
            await asyncio.sleep(0)
        sock = connections[0].transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_refused_webhook_does_not_end_the_connection() -> None:
    async with listening() as running:
        client = await running.connect()
        expected = []
        for n in range(6):
            body = b"%d" % n
            await client.send(webhook(body, signed=signature(body, b"wrong") if n % 2 else None))
            expected.append(403 if n % 2 else 200)
        replies = [await client.reply() for _ in expected]
        assert [reply and reply.status for reply in replies] == expected


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    requests = [webhook(b"first"), HEALTH, webhook(b"x", signed="no"), b"GET / HTTP/1.1\r\n\r\n",
                webhook(b"y" * 100_000), webhook(b"last")]  # fmt: skip
    async with listening() as running:
        client = await running.connect()
        await client.send(b"".join(requests))
        replies = [await client.reply() for _ in requests]
        assert [reply and reply.status for reply in replies] == [200, 200, 403, 404, 200, 200]
        assert [len(kept.body) for kept in running.gate.kept] == [5, 100_000, 4]


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_request_may_come_in_pieces_of_any_size(size: int) -> None:
    request = webhook(b"a body", "Content-Type: application/json")
    async with listening() as running:
        client = await running.connect()
        for at in range(0, len(request), size):
            await client.send(request[at : at + size])
            await asyncio.sleep(0)
        reply = await client.reply()
        assert reply is not None and reply.status == 200
        assert running.gate.kept[0].body == b"a body"


async def test_a_bad_request_after_a_good_one_does_not_cost_the_good_one_its_answer() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate) as running:
        client = await running.connect()
        await client.send(webhook(b"good") + b"nonsense\r\n\r\n")
        await gate.entered.acquire()
        assert gate.hold is not None
        gate.hold.set()
        reply = await client.reply()
        assert reply is not None and reply.status == 200
        assert await client.closed() == b""


async def test_too_many_requests_ahead_end_the_connection_after_the_first() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate, Limits(pipelined=5)) as running:
        client = await running.connect()
        await client.send(webhook(b"x") * 6)
        await gate.entered.acquire()
        assert gate.hold is not None
        gate.hold.set()
        reply = await client.reply()
        assert reply is not None and reply.status == 200
        assert await client.closed() == b""


async def test_a_sender_that_asks_first_is_told_to_go_on() -> None:
    head, _, body = webhook(b"the body", "Expect: 100-continue").partition(b"\r\n\r\n")
    async with listening() as running:
        client = await running.connect()
        await client.send(head + b"\r\n\r\n")
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(body)
        reply = await client.reply()
        assert reply is not None and reply.status == 200


async def test_http_1_0_is_answered_and_closed() -> None:
    async with listening() as running:
        client = await running.connect()
        await client.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        reply = await client.reply()
        assert reply is not None and reply.body == b"ok"
        assert await client.closed() == b""


async def test_a_sender_that_leaves_in_mid_body_leaves_nothing() -> None:
    async with listening() as running:
        for _ in range(20):
            client = await running.connect()
            await client.send(webhook(b"x" * 1000)[:-500])
            await client.close()
        honest = await running.connect()
        await honest.send(webhook(b"whole"))
        reply = await honest.reply()
        assert reply is not None and reply.status == 200
        assert [kept.body for kept in running.gate.kept] == [b"whole"]


async def test_a_webhook_whose_sender_left_is_kept_all_the_same() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate) as running:
        client = await running.connect()
        await client.send(webhook(b"kept"))
        await gate.entered.acquire()
        await client.close()
        assert gate.hold is not None
        gate.hold.set()
    assert [kept.body for kept in gate.kept] == [b"kept"]


async def test_stopping_lets_requests_in_flight_finish() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate) as running:
        busy, idle = await running.connect(), await running.connect()
        await idle.send(HEALTH)
        await idle.reply()
        await busy.send(webhook(b"in flight"))
        await gate.entered.acquire()
        stopping = asyncio.create_task(running.listener.stop(grace=60))
        assert await idle.closed() == b""
        with pytest.raises(OSError):
            await running.connect()
        assert not stopping.done()
        assert gate.hold is not None
        gate.hold.set()
        reply = await busy.reply()
        assert reply is not None and reply.status == 200
        assert reply.headers.get("connection") == "close"
        await stopping
        assert await busy.closed() == b""


async def test_stopping_does_not_wait_for_ever() -> None:
    gate = RememberingGate(hold=asyncio.Event())
    async with listening(gate) as running:
        stuck, slow = await running.connect(), await running.connect()
        await stuck.send(webhook(b"stuck"))
        await slow.send(f"POST {PATH} HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf".encode())
        await gate.entered.acquire()
        await running.listener.stop(grace=0.05)
        reply = await stuck.reply()
        assert reply is not None and reply.status == 503
        await slow.closed()
    assert gate.kept == []


async def test_a_stopped_listener_frees_its_port() -> None:
    async with listening() as first:
        port = first.port
    async with listening() as other:
        again = Listener(other.gate)
        assert await again.start("127.0.0.1", port) == f"http://127.0.0.1:{port}"
        await again.stop()
