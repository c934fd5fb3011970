"""A provider on a loopback socket that answers with the bytes it was told, or misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: bytes, *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answers(raw: bytes) -> Behaviour:
    """Sends these bytes and closes."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return behave


def says(status: int, payload: Any, *headers: str) -> Behaviour:
    """Answers JSON."""
    return answers(http(status, json.dumps(payload).encode(), *headers))


def refuses(code: int, status: int = 400, *headers: str, **more: Any) -> Behaviour:
    """Answers one of Meta's errors."""
    error = {"message": f"(#{code}) no", "type": "OAuthException", "code": code, **more}
    return says(status, {"error": {**error, "fbtrace_id": "Atrace"}}, *headers)


async def resets(writer: asyncio.StreamWriter) -> None:
    """Breaks the connection without a word."""
    writer.transport.abort()


async def stays_silent(writer: asyncio.StreamWriter) -> None:
    """Never answers; ends when the other side gives up."""
    await writer.wait_closed()


async def trickles(writer: asyncio.StreamWriter) -> None:
    """Answers a byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.02)


async def floods(writer: asyncio.StreamWriter) -> None:
    """Answers without end, as fast as it is read."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b"[" * 65536)
        await writer.drain()


class Provider:
    """The server. `requests` are what came: method, path, headers (lower case), body."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sent(self) -> Any:
        """The JSON body of the last request."""
        return json.loads(self.requests[-1][3])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            method, path, _version = first.split(" ")
            headers = {key.lower(): value for key, value in (line.split(": ", 1) for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append((method, path, headers, body))
            await self.behaviour(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client gave up, which is what some tests are about
        finally:
            writer.close()
