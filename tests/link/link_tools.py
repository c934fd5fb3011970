"""What the tests of the link share: waiting for a state, and a pipe that can be cut."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

from websockets.asyncio.client import connect, unix_connect

from vchat_tui.remote import LinkState, RemoteDesk, Timing
from vchat_tui.wire import MAX_TO_CONSOLE, PATH

BRISK = Timing(first_pause=0.01, longest_pause=0.05, wait=20, call=60)


def bare_console(socket: Path, path: str = PATH, **options: object) -> connect:
    """A websocket to the server without our client: it says what we never would."""
    return unix_connect(
        str(socket),
        f"ws://localhost{path}",
        **{"compression": None, "max_size": MAX_TO_CONSOLE, **options},
    )


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def exists(path: Path) -> bool:
    """Whether there is such a file."""
    return path.exists()


async def until(condition: Callable[[], object]) -> None:
    """Returns once the condition holds; what is watched has no event of its own to wait for."""
    while not condition():
        await asyncio.sleep(0.002)


async def wait_for_state(remote: RemoteDesk, state: LinkState) -> None:
    """Returns once the link is in this state."""
    reached = asyncio.Event()

    def note(now: LinkState) -> None:
        if now is state:
            reached.set()

    before, remote.on_state = remote.on_state, note
    if remote.state is not state:
        await reached.wait()
    remote.on_state = before


class Pipe:
    """Stands between a console and the server: passes bytes on, until it is told otherwise."""

    def __init__(self, path: Path, server: Path) -> None:
        self.path = path
        self._server = server
        self._ends: set[asyncio.StreamWriter] = set()
        self._copies: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.open = asyncio.Event()  # while it is not set, bytes wait
        self.open.set()

    async def start(self) -> None:
        self._listener = await asyncio.start_unix_server(self._serve, self.path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
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
        self._copies.update(copies)
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        for copy in copies:
            copy.cancel()
        await asyncio.wait(copies)
        self._ends -= ends
        self._copies.difference_update(copies)

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
        for copy in self._copies:
            copy.cancel()  # it may be waiting for `open`

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)
