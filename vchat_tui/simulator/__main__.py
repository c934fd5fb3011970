"""The simulator as a program of its own: `vchat-tui simulate`, or `python -m` this package."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vchat_tui.simulator.account import SECOND, Account
from vchat_tui.simulator.knobs import Knobs
from vchat_tui.simulator.prompt import Prompt, introduction
from vchat_tui.simulator.texters import Texters
from vchat_tui.simulator.world import Simulator, SimulatorSettings

NUMBERS = (Account(), SECOND)


async def run(
    port: int = 0,
    callback_url: str | None = None,
    pace: float = 8.0,
    seed: int = 1,
    *,
    sms_callback_url: str | None = None,
    stop_with_stdin: bool = False,
) -> None:
    """Simulate until SIGTERM or SIGINT.

    Args:
        port: on 127.0.0.1; 0 picks a free one.
        callback_url: where webhooks go, on this machine; None: nowhere until a person has set
            everything up, as at Meta: the address is verified and the app subscribed.
        pace: seconds between two messages of customers, on average; 0: nobody writes.
        seed: the same one tells the same stories.
        sms_callback_url: where customers' SMS go, on this machine, once the first callback is
            verified; None: nobody sends any.
        stop_with_stdin: end when standard input closes too, so that the simulator never outlives
            the program that started it.

    Raises:
        OSError: the port is taken.
        NotLoopback: the callback is not on this machine.
    """
    simulator = Simulator(_settings(callback_url, pace, seed))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    practice = sys.stdin.isatty() and not stop_with_stdin
    prompt = Prompt(simulator)
    watching = False
    try:
        base_url = await simulator.start(port)
        _say(f"simulator on {base_url}")
        if practice:
            _say(introduction(base_url, NUMBERS))
        if practice or stop_with_stdin:
            watching = _watch_stdin(loop, stopped, prompt if practice else None)
        async with _texting(simulator, sms_callback_url, pace, seed):
            await stopped.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if watching:
            loop.remove_reader(sys.stdin.fileno())
        await simulator.stop()


@asynccontextmanager
async def _texting(
    simulator: Simulator, callback_url: str | None, pace: float, seed: int
) -> AsyncIterator[None]:
    """Customers who send SMS, where somebody takes them, once our server listens."""
    if callback_url is None:
        yield
        return
    texters = Texters(callback_url, pace, seed)
    _say(f"SMS on {await texters.start()}")

    async def write() -> None:
        await simulator.verified()
        await texters.write()

    writing = asyncio.create_task(write())
    try:
        yield
    finally:
        writing.cancel()
        await texters.stop()


def _settings(callback_url: str | None, pace: float, seed: int) -> SimulatorSettings:
    return SimulatorSettings(
        callback_url=callback_url,
        pace=pace,
        seed=seed,
        more_numbers=NUMBERS[1:],
        knobs=Knobs(subscribed=callback_url is not None),
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _watch_stdin(
    loop: asyncio.AbstractEventLoop, stopped: asyncio.Event, prompt: Prompt | None
) -> bool:
    """Answer what is typed, where somebody answers, and set `stopped` when standard input closes.
    False where it is a plain file and cannot be watched."""
    running: set[asyncio.Task[None]] = set()

    async def answer(typed: str) -> None:
        if prompt is not None and (said := await prompt.answer(typed)):
            _say(said)

    def read() -> None:
        raw = os.read(stdin, 4096)
        if not raw:
            stopped.set()
        task = loop.create_task(answer(raw.decode("utf-8", "replace")))
        running.add(task)
        task.add_done_callback(running.discard)

    stdin = sys.stdin.fileno()
    try:
        loop.add_reader(stdin, read)
    except PermissionError:  # a plain file or /dev/null
        return False
    return True


if __name__ == "__main__":
    asyncio.run(run())
