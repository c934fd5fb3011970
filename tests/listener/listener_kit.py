"""A desk that only remembers, a listener in front of it, and a client that may misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from vchat_tui.listener import Limits, Listener
from vchat_tui.listener.gate import TwilioToken, WebhookSecret

SECRET = b"app-secret-of-the-first-inbox"
TOKEN = b"the-verify-token"
PATH = "/webhooks/meta"
PATHS = (
    PATH,
    "/webhooks/twilio",
    "/webhooks/twilio/status?ob=1",
    "/webhooks/360dialog/secret-of-an-address",
    "/m/token/name.png",
)
"""Every address of the public listener that takes something, or has a token in it."""


@dataclass
class Kept:
    """A webhook that the desk committed."""

    source: str
    headers: Mapping[str, str]
    body: bytes
    inbox_id: int


@dataclass
class RememberingGate:
    """A gate with a journal in memory. `failure` is raised by every append; `hold`, once set to an
    event, makes appends wait for it."""

    secrets: list[tuple[int, bytes]] = field(default_factory=lambda: [(1, SECRET)])
    addresses: list[WebhookSecret] = field(default_factory=list)
    twilio: list[TwilioToken] = field(default_factory=list)
    public: str | None = None
    tokens: list[bytes] = field(default_factory=lambda: [TOKEN])
    kept: list[Kept] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    handshakes: list[bytes] = field(default_factory=list)
    failure: BaseException | None = None
    hold: asyncio.Event | None = None
    well: bool = True
    entered: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def verify_tokens(self) -> Sequence[bytes]:
        return self.tokens

    def app_secrets(self) -> Sequence[tuple[int, bytes]]:
        return self.secrets

    def webhook_secrets(self) -> Sequence[WebhookSecret]:
        return self.addresses

    def twilio_tokens(self) -> Sequence[TwilioToken]:
        return self.twilio

    def public_url(self) -> str | None:
        return self.public

    def handshake(self, verify_token: bytes) -> None:
        self.handshakes.append(verify_token)

    async def append(
        self, source: str, headers: Mapping[str, str], body: bytes, inbox_id: int
    ) -> int:
        self.entered.release()
        if self.hold is not None:
            await self.hold.wait()
        if self.failure is not None:
            raise self.failure
        self.kept.append(Kept(source, dict(headers), body, inbox_id))
        return len(self.kept)

    def bad_signature(self, reason: str, peer: str) -> None:
        self.refused.append((reason, peer))

    def healthy(self) -> bool:
        return self.well


@dataclass
class Running:
    """A listener that listens."""

    gate: RememberingGate
    listener: Listener
    url: str
    clients: list[Client] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    async def connect(self) -> Client:
        """A connection of our own, byte by byte."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client


@asynccontextmanager
async def listening(
    gate: RememberingGate | None = None, limits: Limits | None = None
) -> AsyncIterator[Running]:
    """A listener on a free port, stopped at the end; so are the connections to it."""
    gate = gate or RememberingGate()
    listener = Listener(gate, limits)
    url = await listener.start("127.0.0.1", 0)
    running = Running(gate, listener, url)
    try:
        yield running
    finally:
        for client in running.clients:
            await client.close()
        await listener.stop(grace=5)


@dataclass
class Reply:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """A connection that sends exactly the bytes it is told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send, however the other side takes it."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            pass

    async def reply(self) -> Reply | None:
        """The next answer, or None if the connection was closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")[:-2]
            headers = {name.lower(): value.strip() for name, _, value in
                       (line.partition(":") for line in lines)}  # fmt: skip
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return Reply(int(first.split()[1]), headers, body)

    async def closed(self) -> bytes:
        """Wait until the other side closes; what it still said."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


def signature(body: bytes, secret: bytes = SECRET) -> str:
    """What Meta writes into X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def webhook(body: bytes, *lines: str, signed: str | None = None, length: bool = True) -> bytes:
    """A request as it goes over the wire; `lines` are more header lines."""
    head = [f"POST {PATH} HTTP/1.1", "Host: chat.example.com"]
    head.append(f"X-Hub-Signature-256: {signed or signature(body)}")
    if length:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, *lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes, size: int, extension: bytes = b"") -> bytes:
    """A body in chunks."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x%s\r\n%s\r\n" % (len(one), extension, one) for one in pieces)
    return coded + b"0\r\n\r\n"


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes with one bit changed."""
    at, mask = bit // 8 % len(data), 1 << (bit % 8)
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
