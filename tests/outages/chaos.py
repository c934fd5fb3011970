"""A proxy between a channel and its provider that treats each request as it is told.

It reads HTTP just far enough to know where a request and an answer end, so that a fault can be
put at an exact place: before the request reached the provider, or after.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Self


class Exchange:
    """One request on its way, in the hands of a fault.

    Attributes:
        request: its bytes, head and body.
    """

    def __init__(self, request: bytes, provider: int, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._provider = provider
        self._writer = writer

    async def ask_provider(self) -> bytes:
        """Hands the request on; the provider's whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._provider)
        try:
            writer.write(self.request)
            return await read_http(reader)
        finally:
            writer.close()

    async def answer(self, data: bytes) -> None:
        """Sends bytes back."""
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """Breaks the connection, so that the other side gets an RST."""
        reset(self._writer)

    async def gone(self) -> None:
        """Waits until the other side gave up."""
        await self._writer.wait_closed()

    def is_open(self) -> bool:
        """Whether the other side still waits."""
        return not self._writer.transport.is_closing()


Fault = Callable[[Exchange], Awaitable[None]]


async def passes(exchange: Exchange) -> None:
    """No fault."""
    await exchange.answer(await exchange.ask_provider())


class Proxy:
    """Stands before the provider on 127.0.0.1.

    Args:
        provider: its port.

    Attributes:
        fault: what happens to each request from now on.
        resets_new: break connections before anything is read.
        requests: every request that came, in order.
    """

    def __init__(self, provider: int) -> None:
        self.fault: Fault = passes
        self.resets_new = False
        self.requests: list[bytes] = []
        self._provider = provider
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """For an inbox's `api_base_url`."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.resets_new:
            reset(writer)
            return
        try:
            while True:
                request = await read_http(reader)
                self.requests.append(request)
                await self.fault(Exchange(request, self._provider, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # it hung up, or the test is over
        finally:
            writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes with an RST instead of a farewell."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def read_http(reader: asyncio.StreamReader) -> bytes:
    """One request or answer with a Content-Length, whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def http(status: int, body: bytes, *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def meta_error(status: int, code: int | None, *headers: str) -> bytes:
    """A refusal with one of Meta's codes; None: an answer without any, as gateways send it."""
    if code is None:
        return http(status, b"<html>No</html>", "Content-Type: text/html", *headers)
    error: dict[str, Any] = {"message": f"(#{code}) no", "type": "OAuthException", "code": code}
    return http(status, json.dumps({"error": error}).encode(), *headers)
