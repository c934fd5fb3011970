"""What the fault tests share: a configured home, the real server as a process, senders that write
down what was acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import nursery

from vchat_tui.desk.calls import Desk, GetDiagnostics, SendTo, Settle
from vchat_tui.remote import RemoteDesk
from vchat_tui.simulator.account import (
    ACCESS_TOKEN,
    APP_SECRET,
    BUSINESS_ACCOUNT_ID,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
)

LONG = os.environ.get("VCHAT_TEST_SIZE") == "long"
CHILD = Path(__file__).with_name("server_child.py")
CANARIES = (ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN)
START_SECONDS = 30.0


def size(usual: int, long: int) -> int:
    """How often to try: `long` where VCHAT_TEST_SIZE=long."""
    return long if LONG else usual


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs one `vchat-tui` command to its end."""
    return nursery.run(["--home", str(home), *arguments], given=stdin.encode())


def configured_home(home: Path, api_base_url: str = "http://127.0.0.1:9", **more: object) -> Path:
    """A home with one inbox, `Ventas`, whose secrets are the canaries.

    Args:
        api_base_url: the provider; nobody listens on the default.
        more: other settings of the inbox.
    """
    values = {
        "name": "Ventas",
        "channel": "whatsapp_cloud",
        "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID,
        "access_token": ACCESS_TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "api_base_url": api_base_url,
        "api_version": "v25.0",
        **more,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    done = command(home, "config", "apply", "-", stdin="\n".join(["[[inbox]]", *lines]))
    assert done.returncode == 0, done.stderr
    return home


class Server:
    """`vchat-tui serve` on a home, as a process that can be killed and started again.

    Args:
        port: 0: a free one at every start.
        env: more of the environment.
        prefix: what runs the program (strace, for example).
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        env: dict[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        self.home = home
        self.port = port
        self._asked_port = port
        self._env = {**os.environ, **(env or {})}
        self._prefix = list(prefix)
        self._process: subprocess.Popen[bytes] | nursery.Program | None = None
        self._written: IO[bytes] = io.BytesIO()
        self.errors = ""  # what the last process wrote on standard error

    def launch(self) -> subprocess.Popen[bytes] | nursery.Program:
        """Starts the process without waiting for it."""
        self._written = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads fills up
        arguments = ["--home", str(self.home), "serve", "--port", str(self._asked_port)]
        if self._prefix or "LD_PRELOAD" in self._env:
            self._process = subprocess.Popen(
                [*self._prefix, sys.executable, str(CHILD), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._written,
                env=self._env,
            )
        else:
            self._process = nursery.Program(
                arguments, env=self._env, stderr=self._written.fileno(), leash=True
            )
        return self._process

    def start(self) -> float:
        """Starts it and waits until it listens; answers the seconds that took."""
        began = time.perf_counter()
        process = self.launch()
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        line = process.stdout.readline().decode() if ready else ""
        if not line.startswith("listening on"):
            self.kill()
            raise AssertionError(f"the server did not start: {line}{self.errors}")
        self.port = int(line.rsplit(":", 1)[1])
        return time.perf_counter() - began

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; answers the exit code."""
        return self._end(signal.SIGTERM)

    def wait(self, seconds: float = 30) -> int:
        """Waits for it to end by itself; answers the exit code."""
        return self._end(None, seconds)

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def _end(self, number: int | None, seconds: float = 30) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        assert process.stdin is not None and process.stdout is not None
        try:
            if number is not None:
                process.send_signal(number)
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdin.close()
            self._written.seek(0)
            self.errors = self._written.read().decode(errors="replace")
            self._written.close()
            process.stdout.close()
        return code


@contextlib.asynccontextmanager
async def desk_of(home: Path) -> AsyncIterator[RemoteDesk]:
    """The running server's desk, as a console has it."""
    desk = RemoteDesk(home / "server.sock")
    desk.start()
    try:
        yield desk
    finally:
        await desk.close()


async def answer(desk: Desk, person: str, client_id: str, text: str = "¡Hola!") -> None:
    """A person writes, which opens the window, and gets an answer."""
    listening = (await desk.call(GetDiagnostics())).listening or ""
    line = Line(int(listening.rsplit(":", 1)[1]), Acks())
    try:
        await line.send(webhook(text_message(person, f"wamid.asks.{client_id}", "hola")))
    finally:
        await line.close()
    await desk.call(Settle())
    await desk.call(SendTo(inbox="Ventas", to=f"+{person}", client_id=client_id, text=text))


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Waits until something holds; only a hang fails by time."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


def frozen(home: Path, scratch: Path) -> Path:
    """A copy of a killed server's databases, to look at without touching the home."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for file in [*home.glob("*.db"), *home.glob("*.db-wal")]:
        shutil.copy(file, scratch)
    return scratch


def webhook(*values: dict[str, Any]) -> bytes:
    """The body of a webhook with these `value` objects."""
    changes = [
        {
            "field": "messages",
            "value": {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": "15550783881",
                    "phone_number_id": PHONE_NUMBER_ID,
                },
                **value,
            },
        }
        for value in values
    ]
    entry = {"id": BUSINESS_ACCOUNT_ID, "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def text_message(person: str, message_id: str, text: str, at: int | None = None) -> dict[str, Any]:
    """The `value` of a customer's text. `at`: Unix seconds, now where none is given."""
    return {
        "contacts": [{"profile": {"name": f"Persona {person[-3:]}"}, "wa_id": person}],
        "messages": [
            {
                "from": person,
                "id": message_id,
                "timestamp": str(int(time.time()) if at is None else at),
                "type": "text",
                "text": {"body": text},
            }
        ],
    }


def status(
    person: str, message_id: str, word: str, callback_data: str | None = None
) -> dict[str, Any]:
    """The `value` of a status of one of our messages."""
    told = {
        "id": message_id,
        "status": word,
        "timestamp": str(int(time.time())),
        "recipient_id": person,
    }
    if callback_data is not None:
        told["biz_opaque_callback_data"] = callback_data
    return {"statuses": [told]}


def request(body: bytes) -> bytes:
    """The signed HTTP request that brings a webhook."""
    signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks/meta HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Acks:
    """What the server promised to keep: bodies answered with 200, by their sha256.

    `told` is called with every body as soon as its 200 is read; `answers` counts status codes.
    """

    bodies: dict[bytes, bytes] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    told: Callable[[bytes], None] = lambda body: None

    def note(self, body: bytes, code: int) -> None:
        """Writes an answer down."""
        self.answers[code] = self.answers.get(code, 0) + 1
        if code == 200:
            self.bodies[hashlib.sha256(body).digest()] = body
            self.told(body)


class Line:
    """One connection to the webhook listener."""

    def __init__(self, port: int, acks: Acks) -> None:
        self._port = port
        self._acks = acks
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, body: bytes) -> int | None:
        """Sends a webhook; answers the status code, None where the server went away."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(request(body))
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return None
        code = int(head[9:12])
        self._acks.note(body, code)
        return code

    async def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Crowd:
    """Senders of webhooks side by side: messages, statuses, batches, and a tenth said twice."""

    def __init__(self, acks: Acks, seed: int = 1, people: int = 40) -> None:
        self.acks = acks
        self._rng = random.Random(seed)
        self._people = [f"52155{number:08d}" for number in range(people)]
        self._number = 0
        self._sent: list[bytes] = []

    def body(self) -> bytes:
        """The next webhook."""
        rng = self._rng
        if self._sent and rng.random() < 0.1:
            return rng.choice(self._sent[-400:])
        values = [self._value() for _ in range(rng.choice([1, 1, 1, 1, 3]))]
        body = webhook(*values)
        self._sent.append(body)
        return body

    def _value(self) -> dict[str, Any]:
        self._number += 1
        person = self._rng.choice(self._people)
        if self._rng.random() < 0.3:
            word = self._rng.choice(["sent", "delivered", "read"])
            return status(person, f"wamid.S{self._number // 3}", word)
        words = " ".join(self._rng.choices(["hola", "precio", "café", "gracias", "talla"], k=5))
        at = 1_780_000_000 + self._rng.randrange(10_000_000)
        return text_message(person, f"wamid.M{self._number}", f"{words} {self._number}", at)

    async def write(self, port: int, senders: int = 16, limit: int | None = None) -> None:
        """Sends until the server goes away, is cancelled, or each sender sent `limit` webhooks."""
        await asyncio.gather(*(self._sender(port, limit) for _ in range(senders)))

    async def _sender(self, port: int, limit: int | None) -> None:
        line = Line(port, self.acks)
        sent = 0
        try:
            while (limit is None or sent < limit) and await line.send(self.body()) is not None:
                sent += 1
        finally:
            await line.close()
