"""From a webhook's arrival to its message on an agent's screen, a real terminal."""

from __future__ import annotations

import asyncio
import threading
import time

import pyte

from bench import ids, seed, setup
from bench.console import ENTER, console_argv, shows_conversations
from bench.load import request, send_all, text_message
from bench.process import server, wait_for_socket
from bench.report import Row, percentile
from bench.setup import Setup
from bench.terminal import SIZE, Terminal

RATE = 50  # messages a second
MARK = "mk"  # begins the word by which a message is found on the screen


def run(setup_: Setup) -> list[Row]:
    """Every row: messages of many people, whose rows come up to the top of the list."""
    kept = seed.seeded(setup_)
    count = max(10, round(RATE * setup_.seconds))
    with setup_.scratch() as folder:
        home = setup.copy(kept, folder / "home")
        with server(home) as program:
            wait_for_socket(home)
            program.wait_until_idle()
            with Terminal(console_argv(home)) as terminal:
                terminal.wait_until(shows_conversations)
                terminal.press(ENTER)
                terminal.settle(1.0)
                requests = [_request(setup_, number) for number in range(count)]
                sent = _send(program.port, requests, terminal)
                seen = _seen(terminal, count)
    times = [(seen[number] - at) * 1000 for number, at in enumerate(sent) if number in seen]
    return _rows(setup_, times, count)


def _request(setup_: Setup, number: int) -> bytes:
    person = ids.phone(number * 37 % setup_.conversations + 1)
    return request(text_message("latency", person, number, f"{MARK}{number:05d} hola"))


def _send(port: int, requests: list[bytes], terminal: Terminal) -> list[float]:
    """Sends at `RATE` while the terminal is read; when each was due."""
    began: list[float] = []

    def load() -> None:
        began.append(time.perf_counter())
        result = asyncio.run(send_all("127.0.0.1", port, requests, connections=8, rate=RATE))
        result.check()

    sender = threading.Thread(target=load)
    sender.start()
    while sender.is_alive():
        terminal.read(0.05)
    sender.join()
    terminal.settle(1.0)
    return [began[0] + number / RATE for number in range(len(requests))]


def _seen(terminal: Terminal, count: int) -> dict[int, float]:
    """When each message was first on the screen, drawn again from what the terminal was sent."""
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    found: dict[int, float] = {}
    for at, chunk in terminal.chunks:
        stream.feed(chunk)
        if MARK.encode() not in chunk:
            continue
        for line in screen.display:
            for part in line.split(MARK)[1:]:
                if part[:5].isdigit() and int(part[:5]) < count:
                    found.setdefault(int(part[:5]), at)
    return found


def _rows(setup_: Setup, times: list[float], count: int) -> list[Row]:
    name = f"webhook → drawn on a console, {RATE}/s"
    return [
        Row(what=f"{name}: median", value=percentile(times, 0.5), unit="ms"),
        Row(what=f"{name}: p99", value=percentile(times, 0.99), unit="ms", at_most=150,
            note=f"{setup_.conversations:,} conversations stored"),
        Row(what=f"{name}: messages never drawn", value=count - len(times), unit="", at_most=0,
            note="those that newer ones pushed off the screen before it was drawn"),
    ]  # fmt: skip
