"""The desk as a console has it: the same calls, over a websocket to the server.

The link is kept up in the background. When it breaks, calls that wait for an answer are made
again where that is safe, else they raise `Disconnected`; after it is back the first frame of
events says `resync`, so that recovery is the same path as start-up.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import Raw

from vchat_tui.clock import ServerTime
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Answer, Call, DeskError, Disconnected
from vchat_tui.desk.calls.repeatable import REPEATABLE
from vchat_tui.events import Frame
from vchat_tui.i18n import _
from vchat_tui.wire import (
    MAX_IN_FLIGHT,
    MAX_TO_SERVER,
    Hello,
    ToConsole,
    ToServer,
)

if TYPE_CHECKING:
    from vchat_tui.link import Link

TRIES = 3

_encode = msgspec.json.Encoder().encode


class LinkState(StrEnum):
    """How the link is: a banner tells the person about the last two."""

    CONNECTING = "connecting"
    ONLINE = "online"
    STALE = "stale"  # connected, but nothing was heard for a while
    OFFLINE = "offline"  # attempts fail; they go on


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """When to give up and when to try again, in seconds."""

    first_pause: float = 0.1
    longest_pause: float = 5
    open: float = 5  # until the greeting
    wait: float = 5  # a call made without a link waits so long for one
    call: float = 30  # until the answer
    ping: float = 10
    stale: float = 45
    lost: float = 90  # silent for so long, the link is given up and made anew


class RemoteDesk:
    """A `Desk` whose server is elsewhere. Use: `start`, then calls, then `close`.

    Args:
        socket: the server's unix socket.
        prepare: awaited before each attempt to connect, for example `spawn.ensure_server`; what
            it raises counts as a failed attempt.
        on_state: called when `state` changes; may be set later.
        timing: when to give up.

    Attributes:
        state: how the link is.
        problem: why the last attempt failed, else None. Foreign text: clean it to show it.
        server: the server's greeting, once there was one; `time` keeps to its clock.
    """

    def __init__(
        self,
        socket: Path,
        *,
        prepare: Callable[[], Awaitable[object]] | None = None,
        on_state: Callable[[LinkState], None] | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.state = LinkState.CONNECTING
        self.problem: str | None = None
        self.server: Hello | None = None
        self.time = ServerTime()
        self._socket = socket
        self._prepare = prepare
        self.on_state = on_state
        self._timing = timing or Timing()
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._online = asyncio.Event()
        self._heard_at = 0.0
        self._seq: int | None = None
        self._watched: int | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[ToConsole | None]] = {}
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._followers: set[_Mailbox] = set()

    def start(self) -> None:
        """Connects in the background, and stays connected."""
        self._task = asyncio.create_task(self._stay_connected())

    async def close(self) -> None:
        """Leaves the server. Calls that wait raise `Disconnected`, and `follow` ends."""
        self.on_state = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for mailbox in self._followers:
            mailbox.end()

    # ---- the desk ---------------------------------------------------------------------------

    async def call(self, call: Call[Answer]) -> Answer:
        """Do one thing; see `Desk.call`.

        Raises:
            DeskError: refused, or not fit to be sent; the text says why.
            Disconnected: no server, or no answer, in time. What was asked may have been done.
        """
        number = next(self._numbers)
        try:
            data = _encode(ToServer(id=number, call=Raw(_encode(call))))
        except UnicodeEncodeError:  # half a character, from a terminal with another encoding
            raise DeskError("This contains characters that cannot be sent") from None
        if len(data) > MAX_TO_SERVER:
            raise DeskError("This is too long to be sent")
        tries = TRIES if type(call) in REPEATABLE else 1
        try:
            async with asyncio.timeout(self._timing.call), self._slots:
                answer = await self._ask(number, data, tries)
        except TimeoutError:
            raise Disconnected(_("The server does not answer")) from None
        return _read_answer(call, answer)

    async def follow(self) -> AsyncIterator[Frame]:
        """Events from now on, across every cut; see `Desk.follow`. Ends with `close`."""
        mailbox = _Mailbox()
        if self._seq is not None:
            mailbox.put(Frame(seq=self._seq, resync=True))
        self._followers.add(mailbox)
        try:
            while (frame := await mailbox.next()) is not None:
                yield frame
        finally:
            self._followers.discard(mailbox)

    async def watch(self, conversation_id: int | None) -> None:
        """Which conversation's messages `follow` should carry, now and after every cut."""
        self._watched = conversation_id
        if self._link is not None:
            with suppress(Disconnected):  # then it is sent on the next connection
                await self._link.send(_encode(ToServer(watch=conversation_id)))

    # ---- calls ------------------------------------------------------------------------------

    async def _ask(self, number: int, data: bytes, tries: int) -> ToConsole:
        """Sends a call and waits for its answer; again, up to `tries` times, after a cut."""
        while True:
            tries -= 1
            link = await self._get_link()
            try:
                return await self._ask_once(link, number, data)
            except Disconnected:
                if tries <= 0:
                    raise

    async def _ask_once(self, link: Link, number: int, data: bytes) -> ToConsole:
        waiting: asyncio.Future[ToConsole | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await link.send(data)
            answer = await waiting
        finally:
            del self._waiting[number]
        if answer is None:
            raise Disconnected(_("The connection to the server broke"))
        return answer

    async def _get_link(self) -> Link:
        """The connection, waited for where there is none.

        Raises:
            Disconnected: it did not come in time.
        """
        try:
            async with asyncio.timeout(self._timing.wait):
                while self._link is None:
                    await self._online.wait()
        except TimeoutError:
            raise Disconnected(_("The server cannot be reached")) from None
        return self._link

    # ---- the link ---------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        loop = asyncio.get_running_loop()
        pause = self._timing.first_pause
        while True:
            began = loop.time()
            try:
                link = await self._connect()
            except Exception as error:  # noqa: BLE001 (whatever it is, the next attempt may do)
                self.problem = str(error) or type(error).__name__
                self._set_state(LinkState.OFFLINE)
            else:
                await self._use(link)
            if loop.time() - began > self._timing.longest_pause:
                pause = self._timing.first_pause  # that was no quick failure
            # Consoles that lost one server must not come back all at the same moment.
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 (no secret)
            pause = min(2 * pause, self._timing.longest_pause)

    async def _connect(self) -> Link:
        if self._prepare is not None:
            await self._prepare()
        from vchat_tui.link import connect  # late: see there

        return await connect(self._socket, self._timing.open)

    async def _use(self, link: Link) -> None:
        """Hands on what the server sends, until the connection ends."""
        keep_alive = asyncio.create_task(self._keep_alive(link))
        try:
            self._go_online(link)
            # Before the first frame is handed on: what is read then must not miss a message.
            await link.send(_encode(ToServer(watch=self._watched)))
            while True:
                self._receive(await link.receive())
        except Disconnected as error:
            self.problem = str(error)
        finally:
            keep_alive.cancel()
            self._go_offline()
            await link.close()

    def _go_online(self, link: Link) -> None:
        self._link = link
        self.server = link.hello
        self.time.heard(link.hello.now)
        self.problem = None
        self._hear()
        self._online.set()
        self._set_state(LinkState.ONLINE)

    def _go_offline(self) -> None:
        """The link broke: nobody waits for an answer on it any more."""
        self._link = None
        self._seq = None
        self._online.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._set_state(LinkState.CONNECTING)

    def _receive(self, message: ToConsole) -> None:
        self._hear()
        if message.frame is not None:
            self._seq = message.frame.seq
            for mailbox in self._followers:
                mailbox.put(message.frame)
        elif message.id is not None:
            waiting = self._waiting.get(message.id)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    async def _keep_alive(self, link: Link) -> None:
        """Asks for signs of life; without any, says so, and in the end gives the link up."""
        loop = asyncio.get_running_loop()
        self._hear()
        while True:
            try:
                async with asyncio.timeout(self._timing.ping):
                    await link.ping()
            except TimeoutError:
                silence = loop.time() - self._heard_at
                if silence >= self._timing.lost:
                    link.cut()
                elif silence >= self._timing.stale:
                    self._set_state(LinkState.STALE)
            except Disconnected:
                return
            else:
                self._hear()
                await asyncio.sleep(self._timing.ping)

    def _hear(self) -> None:
        """The server gave a sign of life."""
        self._heard_at = asyncio.get_running_loop().time()
        if self.state is LinkState.STALE:
            self._set_state(LinkState.ONLINE)

    def _set_state(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            if self.on_state is not None:
                self.on_state(state)


class _Mailbox:
    """Frames for one follower. Bounded: one that falls behind is told to take a snapshot."""

    LIMIT = 256

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._ended = False
        self._news = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Keeps a frame until the follower takes it."""
        if len(self._frames) >= self.LIMIT:
            self._frames = [Frame(seq=frame.seq, resync=True)]
        else:
            self._frames.append(frame)
        self._news.set()

    def end(self) -> None:
        """Nothing comes any more."""
        self._ended = True
        self._news.set()

    async def next(self) -> Frame | None:
        """The oldest frame, waited for; None at the end."""
        while not self._frames and not self._ended:
            self._news.clear()
            await self._news.wait()
        return self._frames.pop(0) if self._frames else None


@cache
def _decoder(call: type[Call[Any]]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(calls.answer_type(call))


def _read_answer(call: Call[Answer], message: ToConsole) -> Answer:
    """What the server answered, as the type that the call declares.

    Raises:
        DeskError: it refused.
    """
    if message.error is not None:
        refusal = message.error
        raise DeskError(refusal.message, field=refusal.field, **refusal.values)
    try:
        return cast(Answer, _decoder(type(call)).decode(message.ok))
    except msgspec.DecodeError:
        raise DeskError(
            "The console does not understand the server; use the same version for both"
        ) from None
