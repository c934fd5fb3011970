"""A server and its consoles on a real unix socket, and a pipe between them that can be cut."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from link_tools import BRISK, Pipe, wait_for_state
from memory_desk import MemoryDesk

from vchat_tui.consoles import Consoles, Limits
from vchat_tui.remote import LinkState, RemoteDesk, Timing


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
