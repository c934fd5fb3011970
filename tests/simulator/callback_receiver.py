"""A tiny HTTP server of the tests' own: receives webhooks and keeps their exact bytes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def values(self) -> list[dict]:
        entries = json.loads(self.body)["entry"]
        return [change["value"] for entry in entries for change in entry["changes"]]


@dataclass
class Receiver:
    """Answers handshakes with the challenge, webhooks with `statuses` in turn, then 200."""

    verify_token: str = "simulated-secret-key"
    statuses: list[int] = field(default_factory=list)
    verify: bool = True
    redirect_to: str | None = None
    handshakes: int = 0

    def __post_init__(self) -> None:
        self.posts: list[Received] = []
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{self.port}/webhooks/meta"

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            for writer in self._writers:
                writer.close()
            await self._server.wait_closed()

    async def wait(self, count: int) -> list[Received]:
        """Until so many POSTs have come."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.posts) >= count)
        return self.posts

    async def wait_for_handshakes(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.handshakes >= count)

    def messages(self) -> list[dict]:
        return [m for post in self.posts for v in post.values for m in v.get("messages", [])]

    def statuses_seen(self) -> list[dict]:
        return [s for post in self.posts for v in post.values for s in v.get("statuses", [])]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _version = head[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = self._answer(Received(method, target, headers, body))
                extra = f"Location: {self.redirect_to}\r\n" if self.redirect_to else ""
                writer.write(
                    f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(answer)}\r\n\r\n".encode()
                    + answer
                )
                await writer.drain()
                async with self._changed:
                    self._changed.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, request: Received) -> tuple[int, bytes]:
        if request.method == "GET":
            self.handshakes += 1
            query = parse_qs(urlsplit(request.target).query)
            right = query["hub.verify_token"] == [self.verify_token]
            if self.redirect_to:
                return 302, b""
            if not self.verify or not right or query["hub.mode"] != ["subscribe"]:
                return 403, b""
            return 200, query["hub.challenge"][0].encode()
        self.posts.append(request)
        return (self.statuses.pop(0) if self.statuses else 200), b""
