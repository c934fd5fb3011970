"""An HTTP server on 127.0.0.1 inside our own event loop, whose handlers may break connections."""

from __future__ import annotations

import asyncio
import socket

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from vchat_tui import turns

_FINISH_SECONDS = 2
TRANSPORT = "simulator.transport"  # the key in the ASGI scope


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the handlers, so that they can break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


class HttpServer:
    """Serves an app on 127.0.0.1.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._config = Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
        )
        self._state = ServerState()
        self._listening: asyncio.Task[asyncio.Server] | None = None

    def start(self, port: int) -> str:
        """Listen; connections are accepted from now on.

        Args:
            port: 0 picks a free one.

        Returns:
            The base URL.

        Raises:
            OSError: the port is taken.
        """
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(512)
        except OSError:
            listener.close()
            raise
        self._config.load()
        loop = asyncio.get_running_loop()
        self._listening = loop.create_task(
            loop.create_server(lambda: _Protocol(self._config, self._state, {}), sock=listener)
        )
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Finish the requests under way, for two seconds at most, and close."""
        if self._listening is None:
            return
        (await self._listening).close()
        await turns.a_few()  # what was accepted at this moment becomes a connection
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, unfinished = await asyncio.wait(set(self._state.tasks), timeout=_FINISH_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        for connection in list(self._state.connections):
            connection.transport.abort()
        await turns.a_few()  # what was closed is let go
        self._listening = None
