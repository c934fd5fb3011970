"""One websocket connection to the server, the console's end.

Imported when the first connection is made: `websockets` takes 30 ms, and the screen is painted
before.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from vchat_tui import sockets
from vchat_tui.desk.calls import Disconnected
from vchat_tui.i18n import _
from vchat_tui.wire import MAX_TO_CONSOLE, PATH, Hello, ToConsole

_messages = msgspec.json.Decoder(ToConsole)


class Link:
    """A connection on which the server has greeted; made by `connect`."""

    def __init__(self, connection: ClientConnection, hello: Hello) -> None:
        self._connection = connection
        self.hello = hello

    async def send(self, message: bytes) -> None:
        """Sends a message, waiting for room.

        Raises:
            Disconnected: the connection broke.
        """
        try:
            await self._connection.send(message, text=True)
        except ConnectionClosed as error:
            raise Disconnected(_("The connection to the server broke")) from error

    async def receive(self) -> ToConsole:
        """The server's next message.

        Raises:
            Disconnected: the connection broke, or the server speaks another version.
        """
        try:
            return _messages.decode(await self._connection.recv(decode=False))
        except ConnectionClosed as error:
            raise Disconnected(_("The connection to the server broke")) from error
        except msgspec.DecodeError as error:
            raise Disconnected(_("The server speaks another version")) from error

    async def ping(self) -> None:
        """Waits for a sign of life that is asked for now.

        Raises:
            Disconnected: the connection broke.
        """
        try:
            await (await self._connection.ping())
        except ConnectionClosed as error:
            raise Disconnected(_("The connection to the server broke")) from error

    def cut(self) -> None:
        """Ends the connection at once: `receive` raises."""
        self._connection.transport.abort()

    async def close(self) -> None:
        """Ends the connection at once, and waits until it is gone."""
        self.cut()
        await self._connection.wait_closed()


async def connect(socket: Path, seconds: float) -> Link:
    """A connection to the server on this socket.

    Args:
        socket: the server's unix socket.
        seconds: when to give up, the greeting included.

    Raises:
        Disconnected: nobody answers as a server of ours would, or not in time.
    """
    try:
        async with asyncio.timeout(seconds):
            with sockets.short_address(socket) as address:
                connection = await unix_connect(
                    address,
                    f"ws://localhost{PATH}",
                    compression=None,
                    user_agent_header=None,
                    max_size=MAX_TO_CONSOLE,
                    ping_interval=None,  # the desk asks for signs of life, to tell stale from lost
                    open_timeout=None,
                )
            try:
                greeting = _messages.decode(await connection.recv(decode=False))
            except BaseException:
                connection.transport.abort()
                raise
    except (OSError, TimeoutError, WebSocketException, msgspec.DecodeError) as error:
        raise Disconnected(_("The server cannot be reached")) from error
    if greeting.hello is None:
        connection.transport.abort()
        raise Disconnected(_("The server speaks another version"))
    return Link(connection, greeting.hello)
