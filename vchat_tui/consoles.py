"""Serves consoles: calls in, answers and frames of events out, over websockets.

The socket file belongs to the owner of the home, so whoever can open it may use the desk. Nothing
a console does may hurt the others: its messages are small and paced, its calls bounded, and when
it stops reading it is dropped; it comes back and takes a fresh snapshot. Single events are never
dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import UNSET, Raw
from websockets.asyncio.server import Server, ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from vchat_tui import __version__, sockets
from vchat_tui.desk.calls import Answer, AnyCall, Call, DeskError
from vchat_tui.events import Frame
from vchat_tui.store.times import now_ms
from vchat_tui.wire import MAX_IN_FLIGHT, MAX_TO_SERVER, PATH, Hello, Refusal, ToConsole, ToServer

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_messages = msgspec.json.Decoder(ToServer)
_calls = msgspec.json.Decoder(AnyCall)


class Attached(Protocol):
    """One console, as the desk knows it. What it hears is bounded: when it falls behind, its next
    frame says `resync`."""

    async def call(self, call: Call[Answer]) -> Answer:
        """Do one thing; see `desk.calls.Desk.call`."""
        ...

    def watch(self, conversation_id: int | None) -> None:
        """Carry the messages of this conversation from now on."""
        ...

    async def next(self) -> Frame:
        """Waits until something happened. The first frame says `resync` and comes at once."""
        ...

    def close(self) -> None:
        """The console is gone: no more frames are wanted, and nobody sits there."""
        ...


class ServerDesk(Protocol):
    """The desk as the server has it."""

    def attach(self) -> Attached:
        """A console came; events from now on are for it, too."""
        ...


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a console may take. Times in seconds."""

    consoles: int = 100
    in_flight: int = MAX_IN_FLIGHT
    per_second: float = 50  # messages from a console, sustained
    burst: float = 100
    drain: float = 20  # a console that takes longer to make room for a message is dropped
    linger: float = 3  # without any console for so long, the server is idle
    finish: float = 5  # what calls that still run get when their console left
    ping: float = 20


class Consoles:
    """All consoles of one server.

    Args:
        desk: what they talk to.
        on_idle: called once no console has been there for `limits.linger` seconds, counted from
            `listen` on; not called after `close`.
        limits: how much a console may take.
    """

    def __init__(
        self,
        desk: ServerDesk,
        on_idle: Callable[[], None] | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        self._desk = desk
        self._on_idle = on_idle
        self._limits = limits or Limits()
        self._connections: set[ServerConnection] = set()
        self._server: Server | None = None
        self._path: Path | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """How many consoles are attached."""
        return len(self._connections)

    async def listen(self, path: Path) -> None:
        """Serves on a unix socket that only its owner may open. The caller holds the home's lock.

        Raises:
            OSError: the socket cannot be made.
        """
        listener = sockets.bind(path)
        self._path = path
        self._server = await unix_serve(
            self._attend,
            sock=listener,
            compression=None,
            origins=[None],  # a browser sends its page's origin; a console sends none
            process_request=self._admit,
            server_header=None,
            max_size=MAX_TO_SERVER,
            ping_interval=self._limits.ping,
            ping_timeout=self._limits.ping,
            open_timeout=5,
            close_timeout=2,
        )
        self._start_idling()

    async def close(self) -> None:
        """Takes leave of every console and removes the socket. Calls that run may finish."""
        self._on_idle = None
        self._stop_idling()
        if self._server is None or self._path is None:
            return
        self._path.unlink(missing_ok=True)
        self._server.close()
        try:
            async with asyncio.timeout(self._limits.finish):
                await self._server.wait_closed()
        except TimeoutError:
            for connection in self._connections:
                connection.transport.abort()  # it does not even read our farewell
            await self._server.wait_closed()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Decides on a request before it becomes a websocket; None: welcome."""
        if request.path != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, "not found\n")
        if self.count >= self._limits.consoles:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many consoles\n")
        return None

    async def _attend(self, connection: ServerConnection) -> None:
        self._stop_idling()
        self._connections.add(connection)
        try:
            await _Console(connection, self._desk, self._limits).run()
        finally:
            self._connections.discard(connection)
            if not self._connections:
                self._start_idling()

    def _start_idling(self) -> None:
        if self._on_idle is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._limits.linger, self._on_idle)

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class _Console:
    """One attached console."""

    def __init__(self, connection: ServerConnection, desk: ServerDesk, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._desk = desk.attach()
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._running: set[asyncio.Task[None]] = set()
        self._greeted = asyncio.Event()
        self._farewell = CloseCode.NORMAL_CLOSURE

    async def run(self) -> None:
        """Attends to the console until it leaves; then lets its last calls finish."""
        tasks = {
            asyncio.create_task(self._read()),
            asyncio.create_task(self._send_frames()),
            asyncio.create_task(self._connection.wait_closed()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._desk.close()
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionClosed):
                    log.error("a console has to come back", exc_info=outcome)
            await self._part()
            await self._finish_calls()

    async def _read(self) -> None:
        await self._greeted.wait()
        pace = _Pace(self._limits.per_second, self._limits.burst)
        async for data in self._connection:
            await pace.wait()
            try:
                if isinstance(data, bytes):
                    raise msgspec.DecodeError("a binary frame")
                message = _messages.decode(data)
            except msgspec.ValidationError:
                await self._send(_refused(None, _not_understood()))
            except (msgspec.DecodeError, RecursionError):
                self._farewell = CloseCode.INVALID_DATA
                return
            else:
                await self._take(message)

    async def _take(self, message: ToServer) -> None:
        """Starts what a message asks for. Waits, and so stops reading, while too much runs."""
        if message.watch is not UNSET:
            self._desk.watch(message.watch)
            return
        if message.id is None:
            await self._send(_refused(None, _not_understood()))
            return
        await self._slots.acquire()
        task = asyncio.create_task(self._answer(message.id, message.call))
        self._running.add(task)
        task.add_done_callback(self._call_ended)

    def _call_ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._slots.release()

    async def _answer(self, number: int, encoded: Raw) -> None:
        answer = await self._carry_out(number, encoded)
        with suppress(ConnectionClosed):
            await self._send(answer)

    async def _carry_out(self, number: int, encoded: Raw) -> ToConsole:
        try:
            call = _calls.decode(encoded)
        except (msgspec.DecodeError, RecursionError):
            return _refused(number, _not_understood())
        try:
            return ToConsole(id=number, ok=Raw(_encode(await self._desk.call(call))))
        except DeskError as error:
            return _refused(number, error)
        except Exception:  # whatever it is, only this call fails, and its text stays in our log
            log.exception("the call %s failed", type(call).__name__)
            return _refused(number, DeskError("The server could not do this; its log says why"))

    async def _send_frames(self) -> None:
        frame = await self._desk.next()
        await self._send(ToConsole(hello=Hello(version=__version__, seq=frame.seq, now=now_ms())))
        self._greeted.set()
        while True:
            await self._send(ToConsole(frame=frame))
            frame = await self._desk.next()

    async def _send(self, message: ToConsole) -> None:
        """Sends, and waits for room. A console that makes none in time is dropped.

        Raises:
            ConnectionClosed: the console left.
        """
        try:
            async with asyncio.timeout(self._limits.drain):
                await self._connection.send(_encode(message), text=True)
        except TimeoutError:
            log.warning("a console does not read what it is sent; dropped")
            self._connection.transport.abort()

    async def _part(self) -> None:
        """Closes the connection, where it is not closed yet."""
        try:
            async with asyncio.timeout(self._limits.drain):
                await self._connection.close(self._farewell)
        except TimeoutError:
            self._connection.transport.abort()

    async def _finish_calls(self) -> None:
        """A call may be half-way through a change: it gets time to end before it is cancelled."""
        if not self._running:
            return
        _done, late = await asyncio.wait(self._running, timeout=self._limits.finish)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


class _Pace:
    """A bucket of allowances: sustained so many a second, a few more at once."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._at = asyncio.get_running_loop().time()

    async def wait(self) -> None:
        """Takes one allowance, waiting until there is one."""
        now = asyncio.get_running_loop().time()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        if self._left < 0:
            await asyncio.sleep(-self._left / self._per_second)


def _refused(number: int | None, error: DeskError) -> ToConsole:
    refusal = Refusal(message=error.message, field=error.field, values=error.values)
    return ToConsole(id=number, error=refusal)


def _not_understood() -> DeskError:
    return DeskError(
        "The server does not understand this; use the same version for console and server"
    )
