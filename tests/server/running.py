"""The real program as a user runs it: a server in a process of its own, commands beside it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import nursery

PROGRAM = (sys.executable, "-P", "-m", "vchat_tui")
PATIENCE = 60.0
FIXTURES = Path(__file__).parents[1] / "fixtures" / "whatsapp"

PHONE_NUMBER_ID = "106540352242922"
BUSINESS_ACCOUNT_ID = "102290129340398"
APP_SECRET = "5117a7ed5ec2e75117a7ed5ec2e75117"
VERIFY_TOKEN = "a-secret-key-that-we-invented"
ACCESS_TOKEN = "EAATokenOfTheTests0123456789"
UNREACHABLE = "http://127.0.0.1:9"  # the discard port, where nobody listens

ENVIRONMENT = {**os.environ, "VCHAT_LANG": "en", "TZ": "UTC", "PYTHONWARNINGS": "default"}


def settings(name: str = "Ventas", public_url: str = "https://chat.example.com", **changes: Any):
    """The TOML of one WhatsApp inbox; a change to None leaves a key out."""
    values = {
        "channel": "whatsapp_cloud",
        "phone_number_id": PHONE_NUMBER_ID,
        "business_account_id": BUSINESS_ACCOUNT_ID,
        "access_token": ACCESS_TOKEN,
        "app_secret": APP_SECRET,
        "verify_token": VERIFY_TOKEN,
        "api_base_url": UNREACHABLE,
        "api_version": "v25.0",
    } | changes
    rows = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    server = f'[server]\npublic_url = "{public_url}"\n'
    return f'{server}\n[[inbox]]\nname = "{name}"\n' + "\n".join(rows) + "\n"


def run(
    home: Path, *arguments: str, given: str | bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end, standard input a pipe."""
    done = nursery.run(
        [*arguments, "--home", str(home)],
        given=given.encode() if isinstance(given, str) else given,
        env=ENVIRONMENT | (environment or {}),
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def ask(home: Path, *arguments: str, given: str | bytes = b"") -> list[dict[str, Any]]:
    """What a command prints with --json, once it has done well."""
    done = run(home, *arguments, "--json", given=given)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def configure(home: Path, toml: str) -> None:
    """Applies settings, which must be right."""
    done = run(home, "config", "apply", "-", given=toml)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def sign(body: bytes, secret: str = APP_SECRET) -> str:
    """The signature that Meta puts on a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Server:
    """`vchat-tui serve` on a home, from `with` to the end of it; `address` when it answers.

    Args:
        home: the folder of the installation.
        umask: of the process; -1: ours.
        program: another one than `vchat-tui serve`.
    """

    def __init__(self, home: Path, *, umask: int = -1, program: Sequence[str] = ()) -> None:
        self.home = home
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads fills up
        self._process: nursery.Program | subprocess.Popen[bytes]
        if program:
            self._process = subprocess.Popen(
                program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors,
                env=ENVIRONMENT, umask=umask, start_new_session=True,
            )  # fmt: skip
        else:
            self._process = nursery.Program(
                ["serve", "--home", str(home), "--port", "0"],
                stderr=self._errors.fileno(), env=ENVIRONMENT, umask=umask,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line.startswith("listening on http://"):
            self._process.kill()
            raise AssertionError((line, self._finish()[1]))
        self.address = line.removeprefix("listening on ").strip()
        self.http = httpx.Client(base_url=self.address, trust_env=False, timeout=PATIENCE)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        if self._process.returncode is None:
            self._process.kill()
            self._finish()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def post(self, body: dict[str, Any] | bytes, secret: str = APP_SECRET) -> int:
        """Brings a webhook as Meta does; answers the HTTP status."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Hub-Signature-256": sign(raw, secret), "Content-Type": "application/json"}
        return self.http.post("/webhooks/meta", content=raw, headers=headers).status_code

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Sends a signal and waits for the end; exit code and standard error."""
        self._process.send_signal(number)
        return self._finish()

    def _finish(self) -> tuple[int, str]:
        code = self._process.wait(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        with self._errors as errors:
            errors.seek(0)
            return code, errors.read().decode()


def sample(name: str) -> dict[str, Any]:
    """A recorded webhook: `about`, `body`, and the `facts` in it."""
    loaded: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return loaded


def samples() -> dict[str, dict[str, Any]]:
    """Every recorded webhook. The recordings share their message ids; here each has its own, so
    that all of them fit into one home."""
    found = {}
    for file in sorted(FIXTURES.glob("*.json")):
        text = file.read_text("utf-8")
        for shared in (
            "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
            "wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQzQUNCNjk5RDUwNUZGMUZEM0VBRAA=",
        ):
            text = text.replace(shared, f"wamid.{file.stem}.{shared[-5:-1]}")
        found[file.stem] = json.loads(text)
    return found


def message(
    text: str, number: int, *, account: str = PHONE_NUMBER_ID, at: int = 1749416383
) -> dict[str, Any]:
    """The webhook of a text, from one of as many customers as there are numbers.

    Args:
        at: Unix seconds, to which the number is added.
    """
    body: dict[str, Any] = sample("text")["body"]
    value = body["entry"][0]["changes"][0]["value"]
    value["metadata"]["phone_number_id"] = account
    value["contacts"] = [{"profile": {"name": f"Ana {number}"}, "wa_id": f"52155500{number:05d}"}]
    value["messages"] = [
        {
            "from": f"52155500{number:05d}",
            "id": f"wamid.made{number:08d}",
            "timestamp": str(at + number),
            "type": "text",
            "text": {"body": text},
        }
    ]
    return body
