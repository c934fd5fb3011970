"""Runs a program on a real terminal (a pty) and keeps every byte that it sends there."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from pathlib import Path
from types import TracebackType

HERE = Path(__file__).parent
PATIENCE = 30.0  # seconds until a text is given up
STILL = 0.05  # seconds without output after which a screen is taken to be complete


# What Textual writes to draw: styles in true colour, and where the next text goes.
_COLOUR = rb"[34]8;2;\d+;\d+;\d+"
_DRAWING = re.compile(
    rb"\x1b\[(?:\d+;\d+H|0?m|(?:[1-9];)*" + _COLOUR + rb"(?:;" + _COLOUR + rb")?m)"
)
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[]PX^_k].*?(?:\x07|\x1b\\)|[ -/]*[0-~]|)", re.DOTALL
)
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def beyond_drawing(output: bytes) -> Counter[str]:
    """Everything in a program's output that is neither text nor drawing, and how often.

    A Textual program has some of it at its start and end (alternate screen, mouse ...); what two
    runs differ in came from the text that they drew.
    """
    rest = _DRAWING.sub(b"", output).replace(b"\r\n", b"")
    found = Counter(repr(sequence) for sequence in _SEQUENCE.findall(rest))
    text = _SEQUENCE.sub(b"", rest).decode("utf-8", "surrogateescape")
    return found + Counter(repr(char) for char in _HARMFUL.findall(text))


class Tap:
    """A Python program on a terminal of its own, from `with` to the end of it.

    Args:
        program: a file of this folder.
        arguments: for the program.
        size: columns and rows of the terminal.
    """

    def __init__(self, program: str, *arguments: str, size: tuple[int, int] = (120, 40)) -> None:
        self.output = b""
        self._seen = 0  # what came before the last keys
        self._size = size
        self._argv = [sys.executable, str(HERE / program), *arguments]

    def __enter__(self) -> Tap:
        self._terminal, theirs = os.openpty()
        columns, rows = self._size
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "COLUMNS": str(columns),
            "LINES": str(rows),
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONWARNINGS": "default",
        }
        self._process = subprocess.Popen(
            self._argv,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def press(self, keys: str, then: str) -> None:
        """Send keys and read until the program draws a text that it had not before.

        Raises:
            AssertionError: it ended, or stayed silent, before.
        """
        self._seen = len(self.output)
        os.write(self._terminal, keys.encode())
        self.wait_for(then)
        while self._read(STILL):  # a key that came in the middle of it would be lost
            pass

    def wait_for(self, text: str) -> None:
        """Read until the program has drawn a text since the last keys.

        Raises:
            AssertionError: it ended, or stayed silent, before.
        """
        deadline = time.monotonic() + PATIENCE
        while text.encode() not in self.output[self._seen :]:
            late = time.monotonic() > deadline  # a cursor blinks for ever
            assert self._read(PATIENCE) and not late, f"{text!r} never came: {self.tail()}"

    def finish(self) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(1.0) or self._process.poll() is None:
            assert time.monotonic() < deadline, self.tail()
        return self._process.wait()

    def tail(self) -> str:
        """The end of the output, for a failing test."""
        return repr(self.output[-2_000:])

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], timeout)
        if not ready:
            return False
        try:
            chunk = os.read(self._terminal, 65_536)
        except OSError:  # the other side is closed
            return False
        self.output += chunk
        return bool(chunk)
