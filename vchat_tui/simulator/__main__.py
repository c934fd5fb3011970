"""The simulator as a program of its own: `vchat-tui simulate`, or `python -m` this package."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from vchat_tui.simulator.world import Simulator, SimulatorSettings


async def run(
    port: int = 0,
    callback_url: str | None = None,
    pace: float = 8.0,
    seed: int = 1,
    *,
    stop_with_stdin: bool = False,
) -> None:
    """Simulate until SIGTERM or SIGINT.

    Args:
        port: on 127.0.0.1; 0 picks a free one.
        callback_url: where webhooks go, on this machine; None: nowhere until an app subscribes.
        pace: seconds between two messages of customers, on average; 0: nobody writes.
        seed: the same one tells the same stories.
        stop_with_stdin: end when standard input closes too, so that the simulator never outlives
            the program that started it.

    Raises:
        OSError: the port is taken.
        NotLoopback: the callback is not on this machine.
    """
    settings = SimulatorSettings(callback_url=callback_url, pace=pace, seed=seed)
    simulator = Simulator(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    watching = stop_with_stdin and _watch_stdin(loop, stopped)
    try:
        base_url = await simulator.start(port)
        sys.stdout.write(f"simulator on {base_url}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if watching:
            loop.remove_reader(sys.stdin.fileno())
        await simulator.stop()


def _watch_stdin(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> bool:
    """Set `stopped` when a pipe or terminal on standard input closes. False where standard input
    is neither and cannot be watched."""

    def read() -> None:
        if not os.read(stdin, 4096):
            stopped.set()

    stdin = sys.stdin.fileno()
    try:
        loop.add_reader(stdin, read)
    except PermissionError:  # a plain file or /dev/null
        return False
    return True


if __name__ == "__main__":
    asyncio.run(run())
