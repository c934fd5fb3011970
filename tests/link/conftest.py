"""A server and its consoles on a real unix socket, and a pipe between them that can be cut."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from memory_desk import MemoryDesk

from vchat_tui.consoles import Consoles, Limits
from vchat_tui.remote import LinkState, RemoteDesk, Timing

BRISK = Timing(first_pause=0.01, longest_pause=0.05, wait=20, call=60)


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk()


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "server.sock"


@pytest.fixture
async def cleanup() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(desk: MemoryDesk, socket_path: Path, cleanup: AsyncExitStack):
    """Starts a server of the desk: `await serve(limits=..., on_idle=...)`."""

    async def start(
        limits: Limits | None = None, on_idle: Callable[[], None] | None = None
    ) -> Consoles:
        consoles = Consoles(desk, on_idle, limits=limits or Limits(finish=0.2))
        await consoles.listen(socket_path)
        cleanup.push_async_callback(consoles.close)
        return consoles

    return start


@pytest.fixture
def attach(socket_path: Path, cleanup: AsyncExitStack):
    """Starts a console: `await attach()`, online when it returns."""

    async def start(
        path: Path | None = None, timing: Timing = BRISK, online: bool = True
    ) -> RemoteDesk:
        remote = RemoteDesk(path or socket_path, timing=timing)
        remote.start()
        cleanup.push_async_callback(remote.close)
        if online:
            await wait_for_state(remote, LinkState.ONLINE)
        return remote

    return start


async def wait_for_state(remote: RemoteDesk, state: LinkState) -> None:
    """Returns once the link is in this state."""
    reached = asyncio.Event()

    def note(now: LinkState) -> None:
        if now is state:
            reached.set()

    before, remote._on_state = remote._on_state, note
    if remote.state is not state:
        await reached.wait()
    remote._on_state = before


class Pipe:
    """Stands between a console and the server: passes bytes on, until it is told otherwise."""

    def __init__(self, path: Path, server: Path) -> None:
        self.path = path
        self._server = server
        self._ends: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None
        self.open = asyncio.Event()  # while it is not set, bytes wait
        self.open.set()

    async def start(self) -> None:
        self._listener = await asyncio.start_unix_server(self._serve, self.path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._server)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._ends |= ends
        copies = [
            asyncio.create_task(self._copy(reader, far_writer)),
            asyncio.create_task(self._copy(far_reader, writer)),
        ]
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        for copy in copies:
            copy.cancel()
        await asyncio.wait(copies)
        self._ends -= ends

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                await self.open.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass

    def cut(self) -> None:
        """Every connection breaks now."""
        for end in self._ends:
            end.transport.abort()

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self.cut()
        while self._ends:
            await asyncio.sleep(0)


@pytest.fixture
async def pipe(tmp_path: Path, socket_path: Path, cleanup: AsyncExitStack) -> Pipe:
    made = Pipe(tmp_path / "pipe.sock", socket_path)
    await made.start()
    cleanup.push_async_callback(made.close)
    return made


@pytest.fixture
def deep_folder(tmp_path: Path) -> Path:
    """A folder deeper than a socket's address may be."""
    folder = tmp_path.joinpath(*["a-home-that-lies-deep"] * 8)
    folder.mkdir(parents=True)
    assert len(os.fsencode(folder)) > 108
    return folder
