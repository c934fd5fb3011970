"""Drives the real console on a pty, as tmux would: reads the screen, types an answer, waits for
the ticks. A program of its own, because the server under test lives in the test's process."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

import pyte

SIZE = (120, 40)
PATIENCE = 40.0


def run() -> None:
    """The whole dialogue; ends with an error when the screen does not show what it should."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", VCHAT_LANG="en")
        command = [sys.executable, "-m", "vchat_tui", "--home", sys.argv[1]]
        os.execv(sys.executable, command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    try:
        wait_for(terminal, screen, stream, "Are you open?")
        os.write(terminal, b"\x0e")  # Ctrl+N
        wait_for(terminal, screen, stream, "Write an answer")
        os.write(terminal, b"Yes, until 8\r")
        wait_for(terminal, screen, stream, "read")
        os.write(terminal, b"\x11")  # Ctrl+Q
    except BaseException:
        os.kill(pid, 9)
        raise
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def wait_for(terminal: int, screen: pyte.Screen, stream: pyte.ByteStream, text: str) -> None:
    """Feeds the screen until it shows a text, and is then still."""
    deadline = time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            stream.feed(os.read(terminal, 65_536))
        elif any(text in line for line in screen.display):
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{text!r} never came:\n" + "\n".join(screen.display))


if __name__ == "__main__":
    run()
