"""The server's end of the link, seen by consoles that do not behave."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_tools import bare_console, exists, mode, until
from memory_desk import MemoryDesk
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from vchat_tui import __version__, sockets
from vchat_tui.consoles import Consoles, Limits
from vchat_tui.desk.calls import GetCounts, Reply
from vchat_tui.events import UserChanged
from vchat_tui.wire import MAX_TO_SERVER


async def ask(console: ClientConnection, message: object) -> dict:
    """Sends a message (JSON, or text as it is) and returns the next one that is no frame."""
    await console.send(message if isinstance(message, str) else json.dumps(message))
    return await hear(console)


async def hear(console: ClientConnection) -> dict:
    while True:
        heard = json.loads(await console.recv())
        if "hello" not in heard and "frame" not in heard:
            return heard


COUNTS = {"id": 1, "call": {"call": "get_counts"}}


async def test_greets_first_then_asks_for_a_snapshot(serve, socket_path: Path, desk) -> None:
    desk.publish(UserChanged(user_id=1))
    await serve()
    async with bare_console(socket_path) as console:
        hello = json.loads(await console.recv())["hello"]
        assert abs(hello.pop("now") / 1000 - time.time()) < 60
        assert hello == {"version": __version__, "seq": 1}
        assert json.loads(await console.recv()) == {"frame": {"seq": 1, "resync": True}}
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}


@pytest.mark.parametrize(
    "message",
    [
        {"id": 5, "call": {"call": "no_such_call"}},
        {"id": 5, "call": {"call": "get_counts", "extra": 1}},
        {"id": 5, "call": {"call": "get_conversation", "conversation_id": "1"}},
        {"id": 5, "call": {"call": "get_conversation"}},
        {"id": 5, "call": {}},
        {"id": 5, "call": []},
        {"id": 5, "call": None},
        {"id": 5},
        {"id": 5, "call": {"call": ["get_counts"]}},
        '{"id": 5, "call": ' + '{"values":' * 100 + "1" + "}" * 100 + "}",
    ],
)
async def test_a_call_that_is_unknown_is_refused(serve, socket_path: Path, message) -> None:
    await serve()
    async with bare_console(socket_path) as console:
        answer = await ask(console, message)
        assert answer["id"] == 5
        assert "does not understand" in answer["error"]["message"]
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}


@pytest.mark.parametrize(
    "message",
    [
        [],
        1,
        None,
        {},
        {"id": -1, "call": {"call": "get_counts"}},
        {"id": 2**60, "call": {"call": "get_counts"}},
        {"id": "1", "call": {"call": "get_counts"}},
        {"call": {"call": "get_counts"}},
        {**COUNTS, "token": "x"},
        {"watch": "1"},
        {"watch": -1},
    ],
)
async def test_a_message_that_is_unknown_is_refused(serve, socket_path: Path, message) -> None:
    await serve()
    async with bare_console(socket_path) as console:
        answer = await ask(console, message)
        assert set(answer) == {"error"}
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", 1007),
        ("hello", 1007),
        ('{"id": 1', 1007),
        ('{"id": 1, "call": {"call": "\\ud800"}}', 1007),
        ('{"id": 1, "call": ' + "[" * 60_000, 1007),
        (b'{"id": 1, "call": {"call": "get_counts"}}', 1007),
        ("x" * (MAX_TO_SERVER + 1), 1009),
    ],
    ids=["empty", "words", "half", "half a character", "deep", "binary", "too big"],
)
async def test_what_is_no_json_ends_the_connection(
    serve, socket_path: Path, message: str | bytes, code: int
) -> None:
    await serve()
    async with bare_console(socket_path) as console:
        await console.send(message)
        with pytest.raises(ConnectionClosed):
            while True:
                await console.recv()
        assert console.close_code == code
    async with bare_console(socket_path) as another:
        assert await ask(another, COUNTS) == {"id": 1, "ok": {}}


async def test_a_browser_is_refused(serve, socket_path: Path) -> None:
    await serve()
    for origin in ("https://evil.example", "http://localhost", "null"):
        with pytest.raises(InvalidStatus) as caught:
            async with bare_console(socket_path, origin=origin):
                pass
        assert caught.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/", "/console/", "/console?x=1", "/api/v1/messages"])
async def test_nothing_else_is_served(serve, socket_path: Path, path: str) -> None:
    await serve()
    with pytest.raises(InvalidStatus) as caught:
        async with bare_console(socket_path, path):
            pass
    assert caught.value.response.status_code == 404


async def test_there_is_an_end_to_consoles(serve, socket_path: Path) -> None:
    await serve(Limits(consoles=1))
    async with bare_console(socket_path) as console:
        await ask(console, COUNTS)
        with pytest.raises(InvalidStatus) as caught:
            async with bare_console(socket_path):
                pass
        assert caught.value.response.status_code == 503


async def test_an_accident_keeps_its_text_to_itself(
    serve, socket_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await serve()
    async with bare_console(socket_path) as console:
        answer = await ask(console, {"id": 3, "call": {"call": "mark_read", "conversation_id": 1}})
        assert answer["id"] == 3
        assert "secret" not in json.dumps(answer)
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}
    assert "the call MarkRead failed" in caplog.text


async def test_calls_of_a_console_are_bounded(serve, socket_path: Path, desk: MemoryDesk) -> None:
    await serve(Limits(in_flight=4))
    async with bare_console(socket_path) as greedy, bare_console(socket_path) as other:
        for number in range(20):
            await greedy.send(json.dumps({"id": number, "call": {"call": "settle"}}))
        await until(lambda: desk.running == 4)
        assert await ask(other, COUNTS) == {"id": 1, "ok": {}}
        desk.gate.set()
        answered = [(await hear(greedy))["id"] for _ in range(20)]
    assert sorted(answered) == list(range(20))
    assert desk.most_running <= 5  # four, and the one of the other console


async def test_a_flood_is_slowed_down_and_nothing_is_lost(serve, socket_path: Path) -> None:
    await serve(Limits(per_second=2000, burst=10))
    async with bare_console(socket_path) as console:
        for number in range(300):
            await console.send(json.dumps({"id": number, "call": {"call": "get_counts"}}))
        answered = {(await hear(console))["id"] for _ in range(300)}
    assert answered == set(range(300))


async def test_messages_beyond_the_burst_wait(serve, socket_path: Path, desk) -> None:
    await serve(Limits(per_second=0.001, burst=5))
    async with bare_console(socket_path) as console, bare_console(socket_path) as other:
        for number in range(10):
            await console.send(json.dumps({"id": number, "call": {"call": "get_counts"}}))
        assert [(await hear(console))["id"] for _ in range(5)] == [0, 1, 2, 3, 4]
        assert await ask(other, COUNTS) == {"id": 1, "ok": {}}
        assert len(desk.done) == 6


async def test_a_console_that_does_not_read_is_dropped(
    serve, socket_path: Path, desk: MemoryDesk
) -> None:
    consoles = await serve(Limits(drain=0.05))
    async with bare_console(socket_path, max_queue=1, ping_interval=None) as lazy:
        async with bare_console(socket_path) as good:
            await lazy.send('{"watch": 1}')
            await until(lambda: len(desk.subscriptions) == 2)
            while len(desk.subscriptions) == 2:
                number = len(desk.messages)
                text = "x" * 50_000
                desk.reply(Reply(conversation_id=1, client_id=str(number), text=text))
                assert (await ask(good, COUNTS))["ok"] == {"unread_messages": number + 1}
            await until(lambda: consoles.count == 1)
        lazy.transport.abort()


async def test_a_call_outlives_its_console(serve, socket_path: Path, desk: MemoryDesk) -> None:
    await serve(Limits(finish=60))
    async with bare_console(socket_path) as console:
        await console.send('{"id": 1, "call": {"call": "settle"}}')
        await until(lambda: desk.running)
        console.transport.abort()
    await until(lambda: not desk.subscriptions)
    desk.gate.set()
    await until(lambda: desk.done == ["Settle"])


async def test_a_call_without_end_does_not_keep_its_console(
    serve, socket_path: Path, desk: MemoryDesk
) -> None:
    consoles = await serve(Limits(finish=0.01, in_flight=1))
    async with bare_console(socket_path) as console:
        await console.send('{"id": 1, "call": {"call": "settle"}}')
        await console.send('{"id": 2, "call": {"call": "settle"}}')  # waits for the first
        await until(lambda: desk.running)
        console.transport.abort()
    await until(lambda: consoles.count == 0)
    assert desk.running == 0


async def test_events_that_fail_end_the_connection(serve, socket_path: Path, desk, caplog) -> None:
    await serve()
    async with bare_console(socket_path) as console:
        await ask(console, COUNTS)
        for subscription in desk.subscriptions:
            subscription._events = None  # the next event finds the desk broken
            subscription._news.set()
        with pytest.raises(ConnectionClosed):
            while True:
                await console.recv()
    assert "a console has to come back" in caplog.text


# ---- the server as a whole ------------------------------------------------------------------


async def test_idle_once_the_last_console_left(serve, socket_path: Path) -> None:
    idle = asyncio.Event()
    await serve(Limits(linger=0.02), idle.set)
    async with bare_console(socket_path) as first, bare_console(socket_path) as second:
        await ask(first, COUNTS)
        await ask(second, COUNTS)
        idle.clear()  # nobody was there while we came
        await first.close()
        await asyncio.sleep(0.1)  # longer than the server waits when nobody is there
        await ask(second, COUNTS)
        assert not idle.is_set()
    await idle.wait()


async def test_idle_when_nobody_ever_comes(serve) -> None:
    idle = asyncio.Event()
    await serve(Limits(linger=0.01), idle.set)
    await idle.wait()


async def test_close_takes_leave(serve, socket_path: Path, desk: MemoryDesk) -> None:
    consoles = await serve()
    async with bare_console(socket_path) as console:
        await ask(console, COUNTS)
        await consoles.close()
        with pytest.raises(ConnectionClosed):
            while True:
                await console.recv()
        assert console.close_code == 1001
    assert not exists(socket_path)
    assert not desk.subscriptions


async def test_close_does_not_wait_for_one_that_is_deaf(
    serve, socket_path: Path, desk: MemoryDesk
) -> None:
    consoles = await serve(Limits(drain=600, finish=0.05))
    async with bare_console(socket_path, max_queue=1, ping_interval=None) as lazy:
        await lazy.send('{"watch": 1}')
        await until(lambda: desk.subscriptions)
        for number in range(60):
            desk.reply(Reply(conversation_id=1, client_id=str(number), text="x" * 50_000))
            await asyncio.sleep(0.001)
        await consoles.close()
        assert consoles.count == 0
        lazy.transport.abort()


async def test_the_socket_is_for_its_owner(serve, socket_path: Path) -> None:
    await serve()
    assert mode(socket_path) == 0o600


async def test_a_socket_left_by_a_crash_is_replaced(serve, socket_path: Path) -> None:
    left = sockets.bind(socket_path)
    left.close()
    assert exists(socket_path)
    assert not sockets.answers(socket_path)
    await serve()
    async with bare_console(socket_path) as console:
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}


async def test_a_socket_in_use_is_not_taken(serve, socket_path: Path, desk: MemoryDesk) -> None:
    await serve()
    with pytest.raises(OSError, match="already listens"):
        await Consoles(desk).listen(socket_path)
    async with bare_console(socket_path) as console:
        assert await ask(console, COUNTS) == {"id": 1, "ok": {}}


def test_a_file_in_the_way_stays(socket_path: Path) -> None:
    socket_path.write_text("mine")
    with pytest.raises(OSError):
        sockets.bind(socket_path)
    assert socket_path.read_text() == "mine"


async def test_a_home_may_lie_deep(desk: MemoryDesk, deep_folder: Path, attach) -> None:
    path = deep_folder / "server.sock"
    consoles = Consoles(desk)
    await consoles.listen(path)
    try:
        remote = await attach(path)
        assert (await remote.call(GetCounts())).unread_messages == 0
        assert mode(path) == 0o600
        await remote.close()
    finally:
        await consoles.close()
    assert not exists(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
calls = st.fixed_dictionaries(
    {"call": st.sampled_from(["get_counts", "reply", "list_messages", "mark_read", "x"])},
    optional={
        "conversation_id": st.integers() | st.none(),
        "client_id": st.text(max_size=5),
        "text": st.text(max_size=20),
        "limit": json_values,
    },
)
messages = st.one_of(
    json_values.map(json.dumps),
    st.text(max_size=50),
    st.binary(max_size=50),
    st.fixed_dictionaries(
        {"id": st.integers(-2, 2**54) | json_values, "call": calls | json_values}
    ).map(json.dumps),
    st.fixed_dictionaries({"watch": json_values}).map(json.dumps),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(messages, min_size=1, max_size=10))
def test_no_message_hurts_the_server(tmp_path: Path, frames: list[str | bytes]) -> None:
    logging.getLogger("vchat_tui.consoles").setLevel(logging.CRITICAL)
    asyncio.run(_throw(tmp_path / "server.sock", frames))


async def _throw(path: Path, frames: list[str | bytes]) -> None:
    consoles = Consoles(MemoryDesk(), limits=Limits(burst=1000))
    await consoles.listen(path)
    try:
        async with bare_console(path) as bad, bare_console(path) as good:
            try:
                for frame in frames:
                    await bad.send(frame)
            except ConnectionClosed:
                pass
            assert (await ask(good, COUNTS))["id"] == 1
            await bad.close()
            assert (await ask(good, COUNTS))["id"] == 1
    finally:
        await consoles.close()
