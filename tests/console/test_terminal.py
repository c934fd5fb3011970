"""On a real terminal: what is typed survives its end, and the terminal is left clean."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
from pathlib import Path

import pyte
import pytest

from vchat_tui.widgets.drafts import LocalDrafts

PROGRAM = Path(__file__).with_name("terminal_app.py")
SIZE = (120, 36)


class Terminal:
    """A program on a pseudo-terminal, and what a person sees of it."""

    def __init__(self, *argv: str) -> None:
        self.screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, str(PROGRAM), *argv])
        window = struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, window)

    def wait_for(self, text: str) -> None:
        """Read until the text stands on the screen."""
        while text not in "\n".join(self.screen.display):
            assert self._read(), "\n".join(self.screen.display)

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def wait_for_exit(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        select.select([self.fd], [], [])
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says EIO once the other end is closed
            return False
        self.raw += data
        # pyte knows no private SGR; Textual's questions about the keyboard look like it
        self._stream.feed(data.replace(b"\x1b[>", b"\x1b[?"))
        return bool(data)


pytestmark = pytest.mark.pty


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_keeps_the_draft_and_leaves_the_terminal_clean(
    tmp_path: Path, number: signal.Signals
) -> None:
    terminal = Terminal(str(tmp_path))
    terminal.wait_for("Ana Belén")
    terminal.type(b"\r")
    terminal.wait_for("Write an answer")
    terminal.type("mañana".encode())
    terminal.wait_for("mañana")
    os.kill(terminal.pid, number)
    assert terminal.wait_for_exit() == 0
    draft = LocalDrafts(tmp_path / "drafts").load(1)
    assert draft is not None and draft.text == "mañana"
    for mode in (b"?1049l", b"?1000l", b"?2004l", b"?25h"):
        assert mode in terminal.raw


def test_a_crash_is_told_in_a_sentence_and_a_file(tmp_path: Path) -> None:
    terminal = Terminal(str(tmp_path), "crash")
    assert terminal.wait_for_exit() == 1
    end = terminal.raw[terminal.raw.index(b"?1049l") :].decode()
    assert "stopped because of an error of its own" in end
    assert "ZeroDivisionError" not in end and "Traceback" not in end
    (file,) = (tmp_path / "crash").iterdir()
    assert "ZeroDivisionError" in file.read_text()
