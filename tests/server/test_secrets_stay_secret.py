"""No secret leaves its sealed place: not in a log at its most talkative, a file, or an output."""

from __future__ import annotations

import asyncio
import base64
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from running import PHONE_NUMBER_ID, Server, ask, message, run, settings

from vchat_tui import logs
from vchat_tui.simulator.account import Account
from vchat_tui.simulator.world import Simulator, SimulatorSettings

# None looks like a token of Meta's: the log's own filter, which knows those, must not be needed.
RIGHT_TOKEN = "canary+right/token=4f1d0c"
WRONG_TOKEN = "canary+wrong/token=77ab31"
APP_SECRET = "canary+app/secret=90e2fd"
OLD_APP_SECRET = "canary+old/secret=1b66c8"
VERIFY_TOKEN = "canary+verify/key=5d30aa"
OTHER_VERIFY_TOKEN = "canary+other/key=c2c49e"
CANARIES = (RIGHT_TOKEN, WRONG_TOKEN, APP_SECRET, OLD_APP_SECRET, VERIFY_TOKEN, OTHER_VERIFY_TOKEN)
OTHER_NUMBER = "200000000000002"


def forms(secret: str) -> Iterator[bytes]:
    """A secret in every form in which it could hide, base64 at each of its three offsets."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    yield secret.encode().hex().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret.encode())
        yield encoded[4 if offset else 0 : -4]


def leaks(text: bytes) -> list[str]:
    return [secret for secret in CANARIES for form in forms(secret) if form in text]


def test_the_search_itself_finds_every_form() -> None:
    for hidden in (RIGHT_TOKEN.encode(), base64.b64encode(b"Bearer " + RIGHT_TOKEN.encode())):
        assert RIGHT_TOKEN in leaks(b"xx" + hidden + b"yy")
    assert leaks(b"nothing") == []


class Session:
    """What was printed while secrets were used in every way."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.printed = b""

    def run(self, *arguments: str, given: str = "") -> None:
        """A command, for people and for scripts."""
        shapes = ((), ("--json",)) if arguments[1:] != ("apply", "-") else ((),)
        for shape in shapes:
            done = run(self.home, *arguments, *shape, given=given)
            self.printed += (done.stdout + done.stderr).encode()


def live(session: Session, server: Server, base_url: str) -> None:
    """Sends, fails, is lied to, and looks at everything."""
    right = {"access_token": RIGHT_TOKEN, "verify_token": VERIFY_TOKEN, "api_base_url": base_url}
    wrong = right | {"access_token": WRONG_TOKEN, "verify_token": OTHER_VERIFY_TOKEN}
    session.run("config", "apply", "-", given=settings(**right, app_secret=OLD_APP_SECRET))
    session.run("config", "apply", "-", given=settings(**right, app_secret=APP_SECRET))
    second = settings("Soporte", **wrong, app_secret=APP_SECRET, phone_number_id=OTHER_NUMBER)
    session.run("config", "apply", "-", given=second)
    session.run("config", "apply", "-", given=settings(**right, app_secret=APP_SECRET + " x"))
    for secret in (APP_SECRET, OLD_APP_SECRET):
        assert server.post(message("hello", 1), secret=secret) == 200
    assert server.post(message("forged", 2), secret="forged") == 403
    for token in (VERIFY_TOKEN, OTHER_VERIFY_TOKEN, WRONG_TOKEN):
        query = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": token}
        server.http.get("/webhooks/meta", params=query)
    now = int(time.time())
    for number, account in enumerate((PHONE_NUMBER_ID, OTHER_NUMBER), start=3):
        assert (
            server.post(message("open", number, account=account, at=now), secret=APP_SECRET) == 200
        )
    for inbox, number in (("Ventas", 3), ("Soporte", 4)):
        session.run("send", "--inbox", inbox, "--to", f"+52155500{number:05d}", "--text", "hi")
    for command in ("config show", "doctor", "messages list", "webhooks list", "webhooks show 1"):
        session.run(*command.split())


async def test_secrets_are_nowhere_but_where_they_are_sealed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    simulator = Simulator(SimulatorSettings(account=Account(access_token=RIGHT_TOKEN)))
    base_url = await simulator.start()
    program = (sys.executable, str(Path(__file__).with_name("talkative_server.py")), str(home))
    with await asyncio.to_thread(Server, home, program=program) as server:
        session = Session(home)
        await asyncio.to_thread(live, session, server, base_url)
        code, errors = await asyncio.to_thread(server.end, signal.SIGUSR1)
    await simulator.stop()
    assert (code, "ServerError" in errors) == (1, True)
    assert leaks(session.printed + errors.encode()) == []
    seen = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for path in home.rglob("*"):
        if path.is_file():
            assert leaks(path.read_bytes()) == [], path
    log = (home / "logs" / "server.log").read_text()
    assert "DEBUG" in log
    assert "httpcore" in log
    assert "broke with" in log
    assert "Soporte" in {row["inbox"] for row in ask(home, "messages", "list")}
    assert b"v1:" in seen  # the sealed ones are there


@pytest.mark.parametrize(
    "text",
    [
        "token EAAGm0PX4ZCpsBAKZBZC",
        "Authorization: Bearer abcdefghijkl",
        "Authorization: Basic QUM6c2VjcmV0",
        "GET /x?access_token=abcdefgh&y=1",
        'GET /webhooks/meta?hub.verify_token=abcdefgh HTTP/1.1"',
        '{"app_secret": "abcdefgh"}',
        "AC0123456789abcdef0123456789abcdef",
    ],
)
def test_the_log_hides_what_looks_like_a_secret(text: str) -> None:
    hidden = logs.redact(text)
    assert "***" in hidden
    for secret in ("EAAGm0", "abcdefgh", "QUM6", "0123456789abcdef"):
        assert secret not in hidden


def test_the_log_keeps_four_digits_of_a_phone_number() -> None:
    assert logs.redact("from +5215555550101 to 15550783881.") == "from …0101 to …3881."
    assert (
        logs.redact("port 8765, webhook 106540, in 12.5 s")
        == "port 8765, webhook 106540, in 12.5 s"
    )
