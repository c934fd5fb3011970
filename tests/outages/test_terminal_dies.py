"""The terminal dies while somebody types: what was typed is back, at its cursor."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults_kit import (
    Acks,
    Line,
    Server,
    configured_home,
    desk_of,
    size,
    text_message,
    until,
    webhook,
)
from tap import Tap

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk
from vchat_tui.widgets.drafts import LocalDrafts

pytestmark = pytest.mark.pty

CUSTOMER = "5215544000001"
ENTER, LEFT = "\r", "\x1b[D"
BEFORE = "Yesterday I was just about to say "  # so long that the list cuts what follows
TIMES = size(2, 8)


def pasted(text: str) -> str:
    """A text as a terminal sends what is pasted: all of it at once."""
    return f"\x1b[200~{text}\x1b[201~"


@contextmanager
def console(home: Path) -> Iterator[Tap]:
    """A console with the customer's conversation open."""
    with Tap(str(Path(__file__).with_name("console_on_home.py")), str(home)) as tap:
        tap.wait_for("Persona 001")
        tap.press(ENTER, "rite an answer")  # its first letter is under the cursor
        yield tap


def type_in_the_middle(tap: Tap, word: str) -> None:
    """Types "... <word>Ωend" with the cursor after the Ω, and sees it drawn."""
    tap.press(pasted(f"{BEFORE}{word}end"), f"{word}end")
    tap.press(LEFT * 3, "me\x1b[0m")  # the cursor is drawn on the e
    tap.press("Ω", "Ω")


def close_terminal(tap: Tap) -> None:
    """The window is closed, or the SSH connection lost."""
    os.close(tap._terminal)
    tap._terminal = os.open(os.devnull, os.O_RDWR)


def sends(number: int) -> Callable[[Tap], None]:
    """Sends the console a signal."""
    return lambda tap: tap._process.send_signal(number)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A running server with one conversation."""
    server = Server(configured_home(tmp_path / "home"))
    server.start()
    try:
        line = Line(server.port, Acks())
        assert await line.send(webhook(text_message(CUSTOMER, "wamid.1", "hola"))) == 200
        await line.close()
        async with desk_of(server.home) as desk:
            await desk.call(calls.Settle())
        yield server
    finally:
        server.kill()


async def sent_texts(desk: Desk) -> list[str | None]:
    """What agents have sent so far."""
    messages = await desk.call(calls.ListMessages())
    return [message.text for message in messages if message.direction == "out"]


async def send_what_came_back(home: Path, word: str) -> str | None:
    """Opens a new console, types a Ψ where its cursor stands, and sends; what was sent."""
    async with desk_of(home) as desk:
        before = len(await sent_texts(desk))

        def work() -> None:
            with Tap(str(Path(__file__).with_name("console_on_home.py")), str(home)) as tap:
                tap.wait_for("Persona 001")
                tap.press(ENTER, f"{word}Ω")
                tap.press("Ψ", "Ψ")
                tap.press(ENTER, "queued")

        await asyncio.to_thread(work)
        texts = await sent_texts(desk)
        assert len(texts) == before + 1
        return texts[-1]


DEATHS = {
    "SIGHUP": sends(signal.SIGHUP),
    "SIGTERM": sends(signal.SIGTERM),
    "closed": close_terminal,
}


@pytest.mark.parametrize("death", DEATHS)
async def test_nothing_typed_is_lost(death: str, server: Server) -> None:
    """The last key was drawn, and saved nowhere yet, when the terminal dies."""
    for number in range(TIMES):
        word = f"word{number}"

        def type_and_die(word: str = word) -> None:
            with console(server.home) as tap:
                type_in_the_middle(tap, word)
                DEATHS[death](tap)
                tap._process.wait(30)

        await asyncio.to_thread(type_and_die)
        assert await send_what_came_back(server.home, word) == f"{BEFORE}{word}ΩΨend"


async def test_killed_only_the_last_moment_is_lost(server: Server) -> None:
    for number in range(TIMES):
        word = f"word{number}"
        with console(server.home) as tap:
            await asyncio.to_thread(type_in_the_middle, tap, word)
            saved = f"{BEFORE}{word}Ωend"
            await until(lambda saved=saved: is_kept(server.home, saved))
            os.write(tap._terminal, b"never mind")
            tap._process.kill()
            tap._process.wait()
        sent = await send_what_came_back(server.home, word)
        assert sent is not None
        assert sent.startswith(f"{BEFORE}{word}Ω")
        assert sent.endswith("Ψend")


async def is_kept(home: Path, text: str) -> bool:
    """Whether a draft is on this machine or on the server."""
    here = LocalDrafts(home / "drafts").load(1)
    if here is not None and here.text == text:
        return True
    async with desk_of(home) as desk:
        there = await desk.call(calls.GetDraft(conversation_id=1))
    return there is not None and there.text == text


async def test_the_server_dies_first(server: Server) -> None:
    """Neither the server nor, a moment later, the terminal is there any more."""
    with console(server.home) as tap:
        await asyncio.to_thread(type_in_the_middle, tap, "first")
        tap._process.send_signal(signal.SIGSTOP)  # it would start a server of its own
        server.kill()
        close_terminal(tap)
        tap._process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(tap._process.wait, 30)
    kept = LocalDrafts(server.home / "drafts").load(1)
    assert kept is not None
    assert (kept.text, kept.cursor) == (f"{BEFORE}firstΩend", (0, len(f"{BEFORE}firstΩ")))
