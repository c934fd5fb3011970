"""Whatever people write, the border right of it stands in its column: by tmux and by pyte."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
from hostile import UNICODE

pytestmark = pytest.mark.pty

PROGRAM = Path(__file__).with_name("widths_app.py")
COLUMNS = (20, 30, 40, 50, 60, 80, 100, 120, 160, 200)
FIRST = 33
LINES = 800  # all of the entries, however narrow
PATIENCE = 200.0
BORDER = "┃"
MARGIN = 2  # columns right of it: text that is too wide moves it into them


class Window:
    """A program in a tmux of its own, and every byte that it draws."""

    def __init__(self, folder: Path, program: str) -> None:
        self._socket = folder / "tmux"
        self._bytes = folder / "bytes"
        self._bytes.touch()
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(FIRST), "-y", str(LINES), program
        )
        self._tmux("set-option", "-g", "window-size", "manual")
        self._tmux("pipe-pane", f"cat >> '{self._bytes}'")
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def end(self) -> None:
        """Ends the program and its tmux."""
        os.kill(self.pid, signal.SIGKILL)  # it may stand still, and would not hear that it ends
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], check=False)

    def resize(self, columns: int) -> bytes:
        """Makes it so wide; answers what the program drew at that."""
        before = self._bytes.stat().st_size
        self._size(columns)
        os.kill(self.pid, signal.SIGCONT)
        self.wait(columns)
        return self._bytes.read_bytes()[before:]

    def wait(self, columns: int) -> None:
        """Returns once the program has drawn itself so wide."""
        until = time.monotonic() + PATIENCE
        while not self._is_drawn(columns) or self._grows():
            assert time.monotonic() < until, "\n".join(self.rows())

    def _is_drawn(self, columns: int) -> bool:
        rows = self.rows()
        return rows[-1] == f"{columns} columns" and all(BORDER in row for row in rows[:-1])

    def _size(self, columns: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(LINES))

    def _grows(self) -> bool:
        before = self._bytes.stat().st_size
        time.sleep(0.25)  # a busy machine shows a screen piece by piece
        return self._bytes.stat().st_size != before

    def rows(self) -> list[str]:
        """What tmux shows."""
        return self._tmux("capture-pane", "-p").split("\n")[:LINES]

    def cut(self, columns: int) -> list[str]:
        """The first so many columns of what tmux shows; the program draws nothing anew for it."""
        os.kill(self.pid, signal.SIGSTOP)
        self._size(columns)
        return self.rows()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """All entries, in bubbles and in rows of the list."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not here, and make test may not install it")
    os.environ.pop("TMUX", None)
    window = Window(
        tmp_path_factory.mktemp("t"),
        "env -u COLUMNS -u LINES COLORTERM=truecolor TEXTUAL_ANIMATIONS=none"
        f" '{sys.executable}' '{PROGRAM}'",
    )
    try:
        window.wait(FIRST)  # until then it does not hear that its size changes
        yield window
    finally:
        window.end()


def by_pyte(drawn: bytes, columns: int) -> list[str]:
    """The column of the border, as pyte has it."""
    screen = pyte.Screen(columns, LINES)
    stream = pyte.ByteStream(screen)
    stream.feed(drawn.replace(b"\x1b[>", b"\x1b[?"))  # pyte knows no private SGR
    return [screen.buffer[row][columns - MARGIN - 1].data for row in range(LINES)]


@pytest.mark.timeout(900)
def test_every_border_stands_in_its_column(window: Window) -> None:
    assert len(UNICODE) >= 79
    for columns in COLUMNS:
        drawn = window.resize(columns)
        assert not window.rows()[-2].strip(f" {BORDER}"), "not every entry is on the screen"
        with_it, without = window.cut(columns - MARGIN), window.cut(columns - MARGIN - 1)
        assert all(row.endswith(BORDER) for row in with_it[:-1]), columns
        assert not any(BORDER in row for row in without[:-1]), columns
        assert by_pyte(drawn, columns)[:-1] == [BORDER] * (LINES - 1), columns
