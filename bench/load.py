"""A load generator for webhooks: many connections, requests made beforehand, loopback only.

Open loop counts each latency from when the request was due, so a server that stalls cannot hide
it; closed loop sends the next request when the last one is answered and finds the maximum.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field

PHONE_NUMBER_ID = "106540352242922"
APP_SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Result:
    """What a run gave. Latencies in seconds, in no order."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second over the whole run."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        """The latency that `part` (0 … 1) of the requests stayed below."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def bodies(count: int, *, people: int = 20_000, seed: int = 1, prefix: str = "B") -> list[bytes]:
    """Signed-for bodies like Meta's: 30 % messages, 70 % statuses of messages nobody knows."""
    rng = random.Random(seed)
    words = "hola quiero saber precio envío gracias pedido talla cuando llega tienen café hello order".split()
    made = []
    for number in range(count):
        person = f"52155{rng.randrange(people):08d}"
        value: dict[str, object] = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE_NUMBER_ID},
        }
        stamp = str(1_790_000_000 + number // 100)
        if rng.random() < 0.3:
            value["contacts"] = [{"profile": {"name": f"Persona {person[-5:]}"}, "wa_id": person}]
            text = " ".join(rng.choices(words, k=rng.randint(2, 14)))
            value["messages"] = [
                {"from": person, "id": f"wamid.{prefix}{number}", "timestamp": stamp, "type": "text",
                 "text": {"body": text}}
            ]  # fmt: skip
        else:
            value["statuses"] = [
                {"id": f"wamid.{prefix}S{number // 3}", "status": rng.choice(["sent", "delivered", "read"]),
                 "timestamp": stamp, "recipient_id": person,
                 "pricing": {"billable": True, "pricing_model": "PMP", "category": "service"}}
            ]  # fmt: skip
        body = {
            "object": "whatsapp_business_account",
            "entry": [
                {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
            ],
        }
        made.append(json.dumps(body).encode())
    return made


def request(body: bytes, secret: str = APP_SECRET, path: str = "/webhooks/meta") -> bytes:
    """A whole HTTP request with its signature."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"User-Agent: facebookexternalua\r\nX-Hub-Signature-256: sha256={signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._load.free.append(self)

    def send(self, data: bytes, due: float) -> None:
        assert self.transport is not None
        self._due = due
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(b"content-length:")
        length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        status = int(self._buffer[9:12])
        self._buffer = self._buffer[end + 4 + length :]
        self._load.answered(self, status, self._due)

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost(self)


class _Load:
    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.free: deque[_Connection] = deque()
        self.waiting: deque[tuple[int, float]] = deque()
        self.result = Result()
        self.done = asyncio.Event()
        self.closed_next: int | None = None

    def answered(self, connection: _Connection, status: int, due: float) -> None:
        self.result.statuses[status] = self.result.statuses.get(status, 0) + 1
        self.result.latencies.append(time.perf_counter() - due)
        if len(self.result.latencies) == len(self.requests):
            self.done.set()
        if self.waiting:
            number, was_due = self.waiting.popleft()
            connection.send(self.requests[number], was_due)
        elif self.closed_next is not None and self.closed_next < len(self.requests):
            number, self.closed_next = self.closed_next, self.closed_next + 1
            connection.send(self.requests[number], time.perf_counter())
        else:
            self.free.append(connection)

    def lost(self, connection: _Connection) -> None:
        if not self.done.is_set():
            self.result.statuses[0] = self.result.statuses.get(0, 0) + 1
            self.done.set()


async def run(
    host: str, port: int, requests: list[bytes], *, connections: int, rate: float | None
) -> Result:
    """Sends all requests.

    Args:
        rate: requests a second (open loop); None: as fast as answers come (closed loop).
    """
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("load goes to this machine only")
    loop = asyncio.get_running_loop()
    load = _Load(requests)
    made = [
        (await loop.create_connection(lambda: _Connection(load), host, port))[0]
        for _ in range(connections)
    ]
    started = time.perf_counter()
    if rate is None:
        load.closed_next = 0
        for connection in list(load.free)[: len(requests)]:
            load.free.popleft()
            number, load.closed_next = load.closed_next, load.closed_next + 1
            connection.send(requests[number], time.perf_counter())
    else:
        await _open_loop(load, started, rate)
    await asyncio.wait_for(load.done.wait(), 300)
    load.result.seconds = time.perf_counter() - started
    for transport in made:
        transport.abort()
    return load.result


async def _open_loop(load: _Load, started: float, rate: float) -> None:
    number = 0
    while number < len(load.requests) and not load.done.is_set():
        now = time.perf_counter()
        while number < len(load.requests) and started + number / rate <= now:
            due = started + number / rate
            if load.free:
                load.free.popleft().send(load.requests[number], due)
            else:
                load.waiting.append((number, due))
            number += 1
        await asyncio.sleep(0.001)
