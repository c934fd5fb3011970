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
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import ids
from bench.report import percentile
from bench.words import Speaker

MESSAGE_SHARE = 0.3  # of webhooks that carry a customer's message; the others carry a status
STRANGER_SHARE = 0.01  # of messages from people who never wrote before
STATUSES = ("sent", "delivered", "read")


@dataclass
class Result:
    """What a run gave. Latencies in seconds, and when each answer came (`time.perf_counter`)."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers a second over the whole run."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        """The latency, in milliseconds, that `part` (0 … 1) of the requests stayed below."""
        return percentile(self.latencies, part) * 1000

    def check(self) -> None:
        """Every request must have been answered with 200.

        Raises:
            RuntimeError: some were not; the figures would be of something else.
        """
        if set(self.statuses) != {200}:
            raise RuntimeError(f"answers by status (0: connection lost): {self.statuses}")


@dataclass(frozen=True)
class Traffic:
    """What the webhooks of a load are about.

    Attributes:
        name: makes the ids of this load its own.
        people: customers 1 … people write; a few strangers too.
        ours: our messages (id, person) that statuses tell of, each of them sent, delivered, read.
    """

    name: str
    people: int
    ours: list[tuple[str, str]]

    def requests(self, count: int, messages: float = MESSAGE_SHARE) -> list[bytes]:
        """Whole HTTP requests, signed, in the order in which they go.

        Args:
            messages: the share that carries a message.
        """
        return [request(body) for body in self._bodies(count, messages)]

    def _bodies(self, count: int, messages: float) -> Iterator[bytes]:
        chance = random.Random(self.name)
        speaker = Speaker(chance.randrange(2**31))
        statuses = 0
        stamp = str(int(time.time()))
        for number in range(count):
            if not self.ours or chance.random() < messages:
                stranger = chance.random() < STRANGER_SHARE
                person = self.people * stranger + chance.randint(1, self.people)
                value = _message(self.name, ids.phone(person), number, stamp, speaker.text())
            else:
                round_, place = divmod(statuses, len(self.ours))
                statuses += 1
                value = _status(*self.ours[place], STATUSES[round_ % 3], stamp)
            yield _body(value)


def _contact(person: str) -> dict[str, object]:
    profile = {"name": ids.name(person)}
    return {"profile": profile, "wa_id": person, "user_id": ids.user_id(person)}


def _message(name: str, person: str, number: int, stamp: str, text: str) -> dict[str, object]:
    message = {
        "from": person,
        "from_user_id": ids.user_id(person),
        "id": ids.message_id(name, person, number),
        "timestamp": stamp,
        "type": "text",
        "text": {"body": text},
    }
    return {"contacts": [_contact(person)], "messages": [message]}


def text_message(name: str, person: str, number: int, text: str) -> bytes:
    """The body of one text message, sent now."""
    return _body(_message(name, person, number, str(int(time.time())), text))


def _status(message_id: str, person: str, status: str, stamp: str) -> dict[str, object]:
    told: dict[str, object] = {
        "id": message_id,
        "status": status,
        "timestamp": stamp,
        "recipient_id": person,
        "recipient_user_id": ids.user_id(person),
    }
    if status == "delivered":
        told["pricing"] = {"billable": True, "pricing_model": "PMP", "category": "utility"}
    return {"contacts": [_contact(person)], "statuses": [told]}


def _body(value: dict[str, object]) -> bytes:
    """A webhook as Meta sends it: one change."""
    about = {"display_phone_number": ids.OUR_NUMBER, "phone_number_id": ids.PHONE_NUMBER_ID}
    change = {
        "value": {"messaging_product": "whatsapp", "metadata": about, **value},
        "field": "messages",
    }
    entry = {"id": ids.BUSINESS_ACCOUNT_ID, "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def request(body: bytes, secret: str = ids.APP_SECRET, path: str = "/webhooks/meta") -> bytes:
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
        now = time.perf_counter()
        self.result.latencies.append(now - due)
        self.result.answered_at.append(now)
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


async def send_all(
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
