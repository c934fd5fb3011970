"""The console's end of the link: cuts, restarts, silence, and what becomes of calls meanwhile."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from link_tools import BRISK, Pipe, until, wait_for_state
from memory_desk import MemoryDesk

from vchat_tui import __version__
from vchat_tui.consoles import Limits
from vchat_tui.desk.calls import (
    AnyCall,
    DeskError,
    Disconnected,
    GetCounts,
    ListMessages,
    Reply,
    SaveDraft,
    Settle,
)
from vchat_tui.desk.calls.repeatable import REPEATABLE
from vchat_tui.events import Frame, MessageChanged, UserChanged
from vchat_tui.models import Message
from vchat_tui.remote import LinkState, RemoteDesk, Timing


def reply(text: str, conversation_id: int = 7) -> Reply:
    return Reply(conversation_id=conversation_id, client_id=text[:40], text=text)


async def next_resync(frames) -> Frame:
    while not (frame := await anext(frames)).resync:
        pass
    return frame


# ---- without a server -----------------------------------------------------------------------


async def test_without_a_server_calls_end(attach) -> None:
    remote = await attach(timing=Timing(wait=0.01, first_pause=0.01), online=False)
    with pytest.raises(Disconnected):
        await remote.call(GetCounts())
    await wait_for_state(remote, LinkState.OFFLINE)
    assert remote.problem


async def test_a_call_waits_for_the_server(attach, serve) -> None:
    remote = await attach(online=False)
    early = asyncio.create_task(remote.call(GetCounts()))
    await wait_for_state(remote, LinkState.OFFLINE)
    await serve()
    assert (await early).unread_messages == 0
    assert remote.state is LinkState.ONLINE
    assert remote.problem is None
    assert remote.server is not None
    assert remote.server.version == __version__


async def test_prepare_runs_before_each_attempt(serve, socket_path: Path) -> None:
    attempts: list[int] = []

    async def prepare() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("the disk is full")
        if len(attempts) == 3:
            await serve()

    problems: list[str | None] = []
    remote = RemoteDesk(
        socket_path,
        prepare=prepare,
        on_state=lambda state: problems.append(remote.problem),
        timing=BRISK,
    )
    remote.start()
    try:
        await remote.call(GetCounts())
        assert len(attempts) == 3
        assert problems == ["the disk is full", None]
    finally:
        await remote.close()


async def test_something_else_on_the_socket_is_no_server(attach, tmp_path: Path) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")
        writer.close()

    path = tmp_path / "mail.sock"
    async with await asyncio.start_unix_server(babble, path):
        remote = await attach(path, online=False)
        await wait_for_state(remote, LinkState.OFFLINE)
        assert remote.problem
        await remote.close()


# ---- cuts -----------------------------------------------------------------------------------


def cut_once(desk: MemoryDesk, pipe: Pipe) -> None:
    """The link breaks while the desk does the next call: what it answers gets lost."""
    do = desk._do

    async def do_and_cut(call):
        desk._do = do
        answer = await do(call)
        pipe.cut()
        return answer

    desk._do = do_and_cut


async def test_a_reply_whose_answer_was_lost_is_one_message(
    serve, attach, desk: MemoryDesk, pipe: Pipe
) -> None:
    await serve()
    remote = await attach(pipe.path)
    cut_once(desk, pipe)
    sent = await remote.call(reply("hola"))
    assert desk.messages == [sent]
    assert desk.done == ["Reply", "Reply"]


async def test_what_is_not_repeatable_is_left_to_the_caller(
    serve, attach, desk: MemoryDesk, pipe: Pipe
) -> None:
    await serve()
    remote = await attach(pipe.path)
    cut_once(desk, pipe)
    with pytest.raises(Disconnected):
        await remote.call(SaveDraft(conversation_id=1, text="half a"))
    assert desk.drafts == ["half a"]
    await remote.call(SaveDraft(conversation_id=1, text="half a sentence"))
    assert desk.drafts == ["half a", "half a sentence"]


async def test_a_link_that_always_breaks_ends_the_call(
    serve, attach, desk: MemoryDesk, pipe: Pipe
) -> None:
    await serve()
    remote = await attach(pipe.path)
    do = desk._do

    async def do_and_cut(call):
        answer = await do(call)
        pipe.cut()
        return answer

    desk._do = do_and_cut
    with pytest.raises(Disconnected):
        await remote.call(reply("hola"))
    assert len(desk.messages) == 1
    assert 1 < len(desk.done) < 10


def test_only_what_exists_is_repeatable() -> None:
    every = set(AnyCall.__args__)
    assert every >= REPEATABLE
    changing = {call.__name__ for call in every - REPEATABLE}
    assert {"SaveDraft", "MarkRead", "MoveConversation", "Retry", "DeleteInbox"} <= changing


async def test_after_a_cut_a_snapshot_is_asked_for(
    serve, attach, desk: MemoryDesk, pipe: Pipe
) -> None:
    await serve()
    remote = await attach(pipe.path)
    await remote.watch(7)
    async with aclosing(remote.follow()) as frames:
        await next_resync(frames)
        await remote.call(GetCounts())  # by now the watch has arrived
        for number in range(3):
            pipe.cut()
            await until(lambda: remote.state is not LinkState.ONLINE)
            desk.publish(UserChanged(user_id=1))  # nobody hears it
            assert (await next_resync(frames)).seq == desk.seq
            await remote.call(reply(f"text {number}"))
            frame = await anext(frames)  # the conversation is still watched
            while not any(isinstance(event, MessageChanged) for event in frame.events):
                frame = await anext(frames)


async def test_a_server_that_restarts_is_found_again(
    serve, attach, socket_path: Path, desk: MemoryDesk
) -> None:
    first = await serve()
    remote = await attach()
    async with aclosing(remote.follow()) as frames:
        await next_resync(frames)
        await first.close()
        await wait_for_state(remote, LinkState.OFFLINE)
        waiting = asyncio.create_task(remote.call(reply("written meanwhile")))
        await serve()
        assert (await waiting).text == "written meanwhile"
        assert (await next_resync(frames)).seq >= 0
    assert len(desk.messages) == 1


async def test_states_are_told(serve, attach, pipe: Pipe, socket_path: Path) -> None:
    server = await serve()
    told: list[LinkState] = []
    remote = RemoteDesk(pipe.path, on_state=told.append, timing=BRISK)
    remote.start()
    try:
        await remote.call(GetCounts())
        assert told == [LinkState.ONLINE]
        await server.close()
        await until(lambda: LinkState.OFFLINE in told)
        assert told == [LinkState.ONLINE, LinkState.CONNECTING, LinkState.OFFLINE]
        await serve()
        await until(lambda: remote.state is LinkState.ONLINE)
    finally:
        await remote.close()


# ---- silence --------------------------------------------------------------------------------


async def test_a_silent_link_is_stale_until_it_speaks(serve, attach, pipe: Pipe) -> None:
    await serve()
    timing = Timing(ping=0.01, stale=0.05, lost=1000, call=60)
    remote = await attach(pipe.path, timing)
    pipe.open.clear()
    await wait_for_state(remote, LinkState.STALE)
    waiting = asyncio.create_task(remote.call(GetCounts()))
    pipe.open.set()
    await wait_for_state(remote, LinkState.ONLINE)
    assert (await waiting).unread_messages == 0


async def test_a_link_that_stays_silent_is_made_anew(serve, attach, pipe: Pipe) -> None:
    await serve()
    timing = Timing(ping=0.01, stale=0.02, lost=0.1, first_pause=0.01, wait=20)
    remote = await attach(pipe.path, timing)
    pipe.open.clear()
    await wait_for_state(remote, LinkState.CONNECTING)
    pipe.open.set()
    await wait_for_state(remote, LinkState.ONLINE)


async def test_an_answer_that_never_comes_is_given_up(serve, attach, desk: MemoryDesk) -> None:
    await serve()
    hasty = await attach(timing=Timing(call=0.02))
    with pytest.raises(Disconnected):
        await hasty.call(Settle())
    await until(lambda: desk.done == [] and desk.running == 1)
    desk.gate.set()
    await until(lambda: desk.done == ["Settle"])  # its answer finds nobody, and hurts nobody
    patient = await attach()
    assert (await patient.call(GetCounts())).unread_messages == 0
    assert hasty.state is LinkState.ONLINE


async def test_more_calls_than_the_server_takes_at_once(serve, attach, desk: MemoryDesk) -> None:
    await serve(Limits(in_flight=1000, per_second=100_000))  # the console keeps to it by itself
    remote = await attach()
    many = [asyncio.create_task(remote.call(Settle())) for _ in range(200)]
    await until(lambda: desk.running == 32)
    desk.gate.set()
    await asyncio.gather(*many)
    assert desk.most_running == 32


async def test_a_call_that_is_cancelled_leaves_nothing(serve, attach, desk: MemoryDesk) -> None:
    await serve()
    remote = await attach()
    for _ in range(100):
        task = asyncio.create_task(remote.call(Settle()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    desk.gate.set()
    assert (await remote.call(GetCounts())).unread_messages == 0
    assert not remote._waiting


# ---- what cannot be sent --------------------------------------------------------------------


async def test_what_is_too_long_is_refused_here(serve, attach, desk: MemoryDesk) -> None:
    await serve()
    remote = await attach()
    with pytest.raises(DeskError, match="too long"):
        await remote.call(reply("ñ" * 40_000))
    await remote.call(reply("ñ" * 30_000))
    assert len(desk.messages) == 1


async def test_half_a_character_is_refused_here(serve, attach, desk: MemoryDesk) -> None:
    await serve()
    remote = await attach()
    with pytest.raises(DeskError, match="cannot be sent"):
        await remote.call(reply("a\ud83d"))
    assert desk.messages == []


# ---- the end --------------------------------------------------------------------------------


async def test_close_ends_everything(serve, attach, desk: MemoryDesk) -> None:
    await serve()
    remote = await attach()
    call = asyncio.create_task(remote.call(Settle()))
    seen: list[Frame] = []

    async def listen() -> None:
        async for frame in remote.follow():
            seen.append(frame)

    follower = asyncio.create_task(listen())
    await until(lambda: seen and desk.running)
    await remote.close()
    await follower
    await until(lambda: not desk.subscriptions)
    call.cancel()


# ---- followers ------------------------------------------------------------------------------


async def test_a_follower_that_falls_behind_takes_a_snapshot(
    serve, attach, desk: MemoryDesk
) -> None:
    await serve()
    remote = await attach()
    async with aclosing(remote.follow()) as slow, aclosing(remote.follow()) as quick:
        await anext(slow)
        await anext(quick)
        for _ in range(1000):
            desk.publish(UserChanged(user_id=1))
            while (await anext(quick)).seq < desk.seq:
                pass
        behind = await anext(slow)
        assert behind.resync
        frame = behind
        while frame.seq < desk.seq:
            frame = await anext(slow)


async def test_a_console_that_was_dropped_for_being_slow_comes_back(
    serve, attach, desk: MemoryDesk, pipe: Pipe
) -> None:
    await serve(Limits(drain=0.05))
    remote = await attach(pipe.path)
    await remote.watch(7)
    model = Model(remote)
    await remote.call(GetCounts())
    pipe.open.clear()
    while desk.subscriptions:
        desk.reply(reply(f"{len(desk.messages)} " + "x" * 50_000))
        await asyncio.sleep(0.001)
    pipe.open.set()
    await model.settle(desk)
    assert model.messages == {message.id: message for message in desk.messages}
    await model.stop()


class Model:
    """What a screen would show of conversation 7: a snapshot, kept up by events."""

    def __init__(self, remote: RemoteDesk) -> None:
        self.remote = remote
        self.messages: dict[int, Message] = {}
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for frame in self.remote.follow():
            if frame.resync:
                await self._take_snapshot()
            for event in frame.events:
                if isinstance(event, MessageChanged):
                    self.messages[event.item.message.id] = event.item.message

    async def _take_snapshot(self) -> None:
        try:
            page = await self.remote.call(ListMessages(conversation_id=7))
        except Disconnected:
            return  # the next link brings the next resync
        self.messages = {message.id: message for message in page}

    async def settle(self, desk: MemoryDesk) -> None:
        """Returns once the newest message is shown."""
        await until(lambda: desk.messages[-1].id in self.messages)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})


@pytest.mark.parametrize("seed", range(4))
async def test_consoles_are_equal_after_any_cuts(
    serve, attach, desk: MemoryDesk, pipe: Pipe, seed: int
) -> None:
    chance = random.Random(seed)
    await serve(Limits(per_second=100_000))
    steady, shaky = await attach(), await attach(pipe.path)
    models = [Model(steady), Model(shaky)]
    for remote in (steady, shaky):
        await remote.watch(7)
    sent: list[asyncio.Task[Message]] = []
    for number in range(120):
        writer = chance.choice((steady, shaky))
        sent.append(asyncio.create_task(writer.call(reply(f"{seed}-{number}"))))
        if chance.random() < 0.1:
            pipe.cut()
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        if chance.random() < 0.05:
            await asyncio.sleep(0.02)
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    assert all(isinstance(outcome, Message | Disconnected) for outcome in outcomes)
    await steady.call(reply("the last"))
    for model in models:
        await model.settle(desk)
        assert model.messages == {message.id: message for message in desk.messages}
        await model.stop()
    assert len({message.text for message in desk.messages}) == len(desk.messages)


# ---- what a console loads -------------------------------------------------------------------

LOADED = """
import sys
import vchat_tui.remote
assert "websockets" not in sys.modules
import vchat_tui.link, vchat_tui.spawn
unwanted = {"vchat_tui.store", "vchat_tui.server", "vchat_tui.consoles", "textual", "httpx",
            "uvicorn", "aiosqlite", "sqlite3", "cryptography", "websockets.asyncio.server"}
print(*sorted(unwanted & set(sys.modules)))
"""


def test_a_console_loads_nothing_of_the_server() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
