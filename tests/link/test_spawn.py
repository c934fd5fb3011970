"""A console that finds no server starts one; several at once share one."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from link_tools import exists, mode, until
from memory_desk import MemoryDesk

from vchat_tui import sockets
from vchat_tui.consoles import Consoles
from vchat_tui.desk.calls import GetCounts, Reply
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk
from vchat_tui.spawn import SpawnError, ensure_server

COMMAND = (sys.executable, str(Path(__file__).with_name("tiny_server.py")))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


async def use(home: Path) -> RemoteDesk:
    remote = RemoteDesk(Home(home).socket)
    remote.start()
    await remote.call(GetCounts())
    return remote


async def test_starts_one_that_leaves_with_the_last_console(home: Path) -> None:
    process = await ensure_server(home, command=COMMAND)
    assert process is not None
    remote = await use(home)
    assert await ensure_server(home, command=COMMAND) is None
    assert os.getsid(process.pid) == process.pid  # the terminal's Ctrl+C does not reach it
    assert mode(home / "logs" / "attached.log") == 0o600
    await remote.close()
    assert await asyncio.to_thread(process.wait) == 0
    assert not exists(Home(home).socket)


async def test_leaves_when_nobody_comes(home: Path) -> None:
    process = await ensure_server(home, command=COMMAND)
    assert process is not None
    assert await asyncio.to_thread(process.wait) == 0


async def test_consoles_that_start_at_once_share_one(home: Path) -> None:
    started = await asyncio.gather(*(ensure_server(home, command=COMMAND) for _ in range(3)))
    servers = [process for process in started if process is not None]
    assert len(servers) == 1
    first, second = await use(home), await use(home)
    await first.call(Reply(conversation_id=1, client_id="a", text="hola"))
    assert (await second.call(GetCounts())).unread_messages == 1
    await first.close()
    await second.close()
    assert await asyncio.to_thread(servers[0].wait) == 0


async def test_one_that_is_starting_is_waited_for(home: Path) -> None:
    place = Home(home)
    place.prepare()
    with place.acquire():
        waiting = asyncio.create_task(ensure_server(home, command=COMMAND))
        await until(lambda: b"already runs" in read(home / "logs" / "attached.log"))
        await asyncio.sleep(0.3)  # ours has ended, and still nobody answers
        consoles = Consoles(MemoryDesk())
        await consoles.listen(place.socket)
        assert await waiting is None
        remote = await use(home)
        await remote.close()
        await consoles.close()


async def test_a_crashed_server_is_replaced(home: Path) -> None:
    process = await ensure_server(home, command=COMMAND)
    assert process is not None
    remote = RemoteDesk(Home(home).socket, prepare=lambda: again(home))
    replacements = []

    async def again(home: Path) -> None:
        replacements.append(await ensure_server(home, command=COMMAND))

    remote.start()
    await remote.call(GetCounts())
    process.kill()
    await asyncio.to_thread(process.wait)
    await until(lambda: any(replacements))
    assert (await remote.call(GetCounts())).unread_messages == 0
    await remote.close()
    for replacement in filter(None, replacements):
        await asyncio.to_thread(replacement.wait)


async def test_one_that_does_not_start_says_why(home: Path) -> None:
    with pytest.raises(SpawnError) as caught:
        await ensure_server(home, ["--fail"], command=COMMAND)
    text = str(caught.value)
    assert text.splitlines()[-1] == "port 443 is taken"
    assert len(text.splitlines()) < 10
    assert "\x1b" not in text


async def test_only_what_it_says_now_is_told(home: Path) -> None:
    for _ in range(2):
        with pytest.raises(SpawnError) as caught:
            await ensure_server(home, command=(sys.executable, "-c", "print('only this')"))
        assert str(caught.value).count("only this") == 1
    with pytest.raises(SpawnError, match="nothing"):
        await ensure_server(home, command=(sys.executable, "-c", ""))


async def test_a_deep_home(deep_folder: Path) -> None:
    process = await ensure_server(deep_folder, command=COMMAND)
    assert process is not None
    remote = await use(deep_folder)
    await remote.close()
    assert await asyncio.to_thread(process.wait) == 0


def test_nobody_answers_where_nothing_is(tmp_path: Path) -> None:
    assert not sockets.answers(tmp_path / "server.sock")
    assert not sockets.answers(tmp_path / ("long" * 60) / "server.sock")
