"""A program on a real terminal (a pty): what it wrote, when, and what that looks like."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import pyte

SIZE = (140, 40)  # columns and rows
STILL = 0.1  # seconds without output after which an answer to a key is taken to be complete
PATIENCE = 30.0


class Terminal:
    """A program on a terminal of its own, from `with` to the end of it.

    Args:
        argv: what to run.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(argv)
        self.chunks: list[tuple[float, bytes]] = []  # when, what
        self.started = 0.0
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0

    def __enter__(self) -> Terminal:
        self._terminal, theirs = os.openpty()
        columns, rows = SIZE
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "COLUMNS": str(columns),
            "LINES": str(rows),
        }
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            self._argv, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        deadline = time.monotonic() + 10
        while self._process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)  # what it writes as it leaves must not fill the terminal
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._terminal)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def press(self, keys: str) -> float:
        """Types; answers when (`time.perf_counter`)."""
        at = time.perf_counter()
        os.write(self._terminal, keys.encode())
        return at

    def read(self, seconds: float) -> bool:
        """Takes what is there, waiting for it up to so many seconds; False where nothing came."""
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if not ready:
            return False
        try:
            chunk = os.read(self._terminal, 1 << 20)
        except OSError:  # the program has ended
            return False
        self.chunks.append((time.perf_counter(), chunk))
        return bool(chunk)

    def settle(self, still: float = STILL) -> None:
        """Reads until nothing has come for a while."""
        while self.read(still):
            pass

    def answer(self, keys: str) -> tuple[float, int]:
        """Types and reads what comes of it: (milliseconds to its last byte, bytes)."""
        before = len(self.chunks)
        at = self.press(keys)
        self.settle()
        new = self.chunks[before:]
        if not new:
            return 0.0, 0
        return (new[-1][0] - at) * 1000, sum(len(chunk) for _, chunk in new)

    def lines(self) -> list[str]:
        """The screen, as far as it was drawn from what has been read."""
        for _, chunk in self.chunks[self._drawn :]:
            self._stream.feed(chunk)
        self._drawn = len(self.chunks)
        return list(self._screen.display)

    def wait_until(self, seen: Callable[[list[str]], bool]) -> float:
        """Reads until the screen is as wanted; when the piece that made it so came.

        The screen is drawn after each piece here, which takes time: `first_time` measures better.

        Raises:
            TimeoutError: it never is; with the screen as it is.
        """
        deadline = time.monotonic() + PATIENCE
        while not seen(self.lines()):
            if time.monotonic() > deadline or not self.read(PATIENCE):
                raise TimeoutError("\n".join(line.rstrip() for line in self.lines()))
        return self.chunks[-1][0]

    def first_time(self, seen: Callable[[list[str]], bool]) -> float | None:
        """When the screen first was as wanted, drawn again from all that was read."""
        screen = pyte.Screen(*SIZE)
        stream = pyte.ByteStream(screen)
        for at, chunk in self.chunks:
            stream.feed(chunk)
            if seen(list(screen.display)):
                return at
        return None
