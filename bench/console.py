"""The console on a real terminal: start, memory, idleness, and what keys cost."""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import peers, seed, setup
from bench.process import cpu_seconds, memory_mib, server, wait_for_socket
from bench.report import Row
from bench.setup import Setup
from bench.terminal import Terminal

DOWN, PAGE_DOWN, HOME, ENTER, ESCAPE = "\x1b[B", "\x1b[6~", "\x1b[H", "\r", "\x1b"
_CLOCK = re.compile(
    r"\b\d{1,2}:\d\d\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|lun|mar|mié|jue|vie|sáb|dom)\b"
)
ROWS_SEEN = 10  # rows of conversations that must be there before a screen counts as painted


def run(setup_: Setup) -> list[Row]:
    """Every row."""
    kept = seed.seeded(setup_)
    with setup_.scratch() as folder:
        home = setup.copy(kept, folder / "home")
        bare = _median_start(setup_, _bare_argv(), _says_hello)
        alone = _starting_its_server(setup_, home)
        with server(home) as program:
            wait_for_socket(home)
            program.wait_until_idle()
            attached = _median_start(setup_, console_argv(home), shows_conversations)
            rows = _rows_of_start(setup_, attached, bare, alone)
            with Terminal(console_argv(home)) as terminal:
                terminal.wait_until(shows_conversations)
                terminal.settle(0.5)
                rows += _idle(setup_, terminal)
                rows += _keys(setup_, terminal)
    return rows


def console_argv(home: Path) -> list[str]:
    """The console's command."""
    return [sys.executable, "-P", "-m", "vchat_tui", "--home", str(home)]


def _bare_argv() -> list[str]:
    return [sys.executable, "-P", str(peers.HERE / "endpoints" / "bare_textual.py")]


def _says_hello(lines: list[str]) -> bool:
    return any("hello" in line for line in lines) and "Quit" in lines[-1]


def shows_conversations(lines: list[str]) -> bool:
    """Whether the list is there: each conversation has a time on its first line."""
    return sum(1 for line in lines if _CLOCK.search(line[:60])) >= ROWS_SEEN


def _median_start(setup_: Setup, argv: list[str], painted: Callable[[list[str]], bool]) -> float:
    """Milliseconds from the start of a program to its painted screen; the first run is not counted."""
    runs = [_start(argv, painted) for _ in range(2 if setup_.quick else 8)]
    return statistics.median(runs[1:])


def _start(argv: list[str], painted: Callable[[list[str]], bool]) -> float:
    with Terminal(argv) as terminal:
        terminal.read(10)
        terminal.settle(0.5)
        at = terminal.first_time(painted) or terminal.wait_until(painted)
        return (at - terminal.started) * 1000


def _starting_its_server(setup_: Setup, home: Path) -> float:
    """The same where no server runs yet. Waits for each server to end with its console."""
    runs = []
    for _ in range(1 if setup_.quick else 3):
        with Terminal(console_argv(home)) as terminal:
            terminal.wait_until(shows_conversations)
            at = terminal.first_time(shows_conversations) or 0.0
            runs.append((at - terminal.started) * 1000)
        deadline = time.monotonic() + 20
        while (home / "server.sock").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
    return statistics.median(runs)


def _rows_of_start(setup_: Setup, attached: float, bare: float, alone: float) -> list[Row]:
    stored = f"{setup_.conversations:,} conversations"
    return [
        Row(what=f"console, {stored}: start to painted, server running", value=attached, unit="ms",
            peer="bare Textual app", peer_value=bare, ratio_at_most=1.35),
        Row(what=f"console, {stored}: start to painted, starting its server", value=alone,
            unit="ms", at_most=900),
    ]  # fmt: skip


def _idle(setup_: Setup, terminal: Terminal) -> list[Row]:
    """Memory, and what it costs while nothing happens."""
    seconds = 1.0 if setup_.quick else 10.0
    terminal.press(ENTER)  # a conversation is open, as it would be
    terminal.settle(0.5)
    memory = memory_mib(terminal.pid)
    before, cpu = len(terminal.chunks), cpu_seconds(terminal.pid)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)
    written = sum(len(chunk) for _, chunk in terminal.chunks[before:])
    used = (cpu_seconds(terminal.pid) - cpu) / seconds * 100
    _back(terminal)
    return [
        Row(what="console: memory, a conversation open", value=memory, unit="MiB", at_most=60),
        Row(what="console: CPU while idle", value=used, unit="% of a core", at_most=0.5),
        Row(what="console: written to the terminal while idle", value=written / seconds,
            unit="bytes/s", at_most=0),
    ]  # fmt: skip


def _keys(setup_: Setup, terminal: Terminal) -> list[Row]:
    times = 1 if setup_.quick else 12  # fewer than the rows on the screen
    terminal.answer(HOME)
    down = [terminal.answer(DOWN) for _ in range(times)]
    page = [terminal.answer(PAGE_DOWN) for _ in range(times)]
    scroll = [terminal.answer(DOWN) for _ in range(times)]
    switch = []
    for _ in range(times):
        terminal.answer(DOWN)
        switch.append(terminal.answer(ENTER))
        _back(terminal)
    return [
        *_rows_of_key("Down, one row", down, 6, 600),
        *_rows_of_key("Down at the edge, the list scrolls", scroll, None, 8_000),
        *_rows_of_key("PageDown", page, None, 8_000),
        *_rows_of_key("Enter, another conversation", switch, 100, None),
    ]


def _back(terminal: Terminal) -> None:
    """From the composer to the timeline, and from there to the list.

    A program takes the byte of the Escape key for that key only when nothing follows for a while.
    """
    for _ in range(2):
        terminal.press(ESCAPE)
        terminal.settle(0.4)


def _rows_of_key(
    name: str, answers: list[tuple[float, int]], ms: float | None, size: float | None
) -> list[Row]:
    note = f"p95 {sorted(ms for ms, _ in answers)[int(0.95 * len(answers))]:.0f} ms"
    return [
        Row(what=f"key {name}: to its last byte, median", unit="ms", at_most=ms, note=note,
            value=statistics.median(ms for ms, _ in answers)),
        Row(what=f"key {name}: bytes, median", unit="bytes", at_most=size,
            value=statistics.median(size for _, size in answers)),
    ]  # fmt: skip
