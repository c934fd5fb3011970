"""Starts and stops the public listener inside the process's own event loop.

uvicorn's `Server` would take the process's signals and leave the process when a port is taken, so
only its protocol and its settings are used.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

from uvicorn.config import Config
from uvicorn.server import ServerState

from vchat_tui import turns
from vchat_tui.listener.app import App
from vchat_tui.listener.files import Files
from vchat_tui.listener.gate import Gate
from vchat_tui.listener.limits import Limits
from vchat_tui.listener.page import Pages
from vchat_tui.listener.protocol import CappedProtocol, Load

_LOOK_SECONDS = 0.25  # how often connections are checked for being overdue, at most


class Listener:
    """The public listener.

    Args:
        gate: the desk.
        limits: what a stranger may cost.
        pages: the desk's pages for customers; None: there are none.
        links: the desk's files for providers; None: there are none.
    """

    def __init__(
        self,
        gate: Gate,
        limits: Limits | None = None,
        pages: Pages | None = None,
        links: Files | None = None,
    ) -> None:
        self._pages = pages
        self._links = links
        self._gate = gate
        self._limits = limits or Limits()
        self._state = ServerState()
        self._load = Load()
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> str:
        """Accept webhooks.

        Args:
            host: a name or an address of this machine.
            port: 0 picks a free one.

        Returns:
            Where it listens, as http://host:port.

        Raises:
            OSError: the host is not ours, or the port is taken or not allowed.
        """
        loop = asyncio.get_running_loop()
        bound = await _bind(host, port, self._limits.backlog)
        config = self._config()
        self._server = await loop.create_server(
            lambda: CappedProtocol(config, self._state, self._limits, self._load),
            sock=bound,
            backlog=self._limits.backlog,
        )
        self._watch = loop.create_task(self._close_overdue())
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{bound.getsockname()[1]}"

    async def stop(self, grace: float = 5.0) -> None:
        """Accept nothing more, let requests in flight finish, close everything.

        Args:
            grace: seconds that requests in flight may take; then they get 503.
        """
        if self._server is None or self._watch is None:
            return
        self._load.stopping = True
        self._server.close()
        await turns.a_few()  # what was accepted at this moment becomes a connection
        for connection in list(self._state.connections):
            connection.shutdown()
        await self._finish_requests(grace)
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        for connection in list(self._state.connections):
            connection.transport.abort()
        await turns.a_few()  # what was closed is let go
        self._server = None

    async def _finish_requests(self, grace: float) -> None:
        """Wait for the requests that are here; cut off those that take longer than `grace`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        while self._state.tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(set(self._state.tasks), timeout=left)
        unfinished = set(self._state.tasks)
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=1)

    def _config(self) -> Config:
        """uvicorn's settings: everything off but HTTP."""
        config = Config(
            App(self._gate, self._limits, pages=self._pages, links=self._links),
            http=CappedProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=int(self._limits.idle_seconds) + 1,  # our own clock is first
        )
        config.load()
        return config

    async def _close_overdue(self) -> None:
        """Look at every connection's clock, again and again."""
        limits = self._limits
        shortest = min(limits.request_seconds, limits.idle_seconds, limits.answer_seconds)
        pause = min(_LOOK_SECONDS, shortest / 10)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            now = loop.time()
            for connection in list(self._state.connections):
                if isinstance(connection, CappedProtocol):
                    connection.close_if_overdue(now)


async def _bind(host: str, port: int, backlog: int) -> socket.socket:
    """A listening socket on the first address of the host, IPv4 before IPv6."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
    )
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    listening = socket.create_server(address[:2], family=family, backlog=backlog)
    # Every connection inherits it; asyncio sets it only on sockets that name their protocol. Without
    # it the body of an answer waits 40 ms for the other side to confirm its header.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
