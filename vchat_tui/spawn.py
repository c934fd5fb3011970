"""Starts a server for a console that finds none.

The server is a process of its own, in a session of its own: Ctrl+C in the terminal and a closed
terminal do not reach it. It ends by itself when the last console has left (`serve --attached`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from vchat_tui import sockets
from vchat_tui.home import Home
from vchat_tui.i18n import _
from vchat_tui.text import clean

SERVE = (sys.executable, "-P", "-m", "vchat_tui", "serve")
"""The server's command. -P: a folder named vchat_tui where the console started is not ours."""

START_SECONDS = 30.0
"""A server that does not answer by then will not: a start takes under a second, and even a large
home that must be checked after a crash takes a few."""

POLL_SECONDS = 0.02
LOG_LIMIT = 1024 * 1024
TAIL_BYTES = 2048
TAIL_LINES = 6


class SpawnError(Exception):
    """No server could be started. The text says why, in the reader's language, safe to draw."""


async def ensure_server(
    home: Path, extra_args: Sequence[str] = (), *, command: Sequence[str] = SERVE
) -> subprocess.Popen[bytes] | None:
    """Returns once a server answers on the socket of this home; starts one where none does.

    Of several consoles that start at once one server survives, the one that gets the home's lock;
    all of them use it.

    Args:
        home: the folder of the installation.
        extra_args: more arguments for `serve`.
        command: what to run in the place of `vchat-tui serve`.

    Returns:
        The server's process where this call started the one that answers, else None.

    Raises:
        SpawnError: the server ended, or does not answer; with the last lines that it wrote.
        HomeError: the home cannot be used.
    """
    place = Home(home)
    if sockets.answers(place.socket):
        return None
    place.prepare()
    path = place.logs / "attached.log"
    with _open_log(path) as log:
        written_before = log.seek(0, os.SEEK_END)
        arguments = [*command, "--home", str(place.path), "--attached", *extra_args]
        process = await asyncio.to_thread(_start, arguments, place.path, log)
    try:
        async with asyncio.timeout(START_SECONDS):
            return await _wait_for_answer(place, process)
    except (TimeoutError, ChildProcessError):
        lines = clean(_tail(path, written_before)) or _("It wrote nothing.")
        problem = _("The server did not start. It says:\n{lines}").format(lines=lines)
        raise SpawnError(problem) from None


def _start(arguments: list[str], folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        start_new_session=True,
    )


async def _wait_for_answer(
    home: Home, process: subprocess.Popen[bytes]
) -> subprocess.Popen[bytes] | None:
    """Waits until a server answers, ours or one that was quicker.

    Raises:
        ChildProcessError: ours ended, and no other is starting.
    """
    while True:
        ended = process.poll() is not None
        if sockets.answers(home.socket):
            if ended:
                return None
            if _holder(home.lock) == process.pid:
                return process
            # Another server answers, and ours is about to find that out.
        elif ended and not _is_locked(home.lock):
            raise ChildProcessError
        await asyncio.sleep(POLL_SECONDS)


def _holder(lock: Path) -> int | None:
    """The process that wrote its number into the home's lock last."""
    try:
        return int(lock.read_text())
    except (OSError, ValueError):
        return None


def _is_locked(lock: Path) -> bool:
    """Whether a server holds the home: then it is on its way, and will answer."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _open_log(path: Path) -> IO[bytes]:
    """The file for what the server writes outside of its own log; it starts anew when large."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".old"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "ab")


def _tail(path: Path, start: int) -> str:
    """The last lines that were written after `start`."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(start, end - TAIL_BYTES))
        text = file.read(TAIL_BYTES).decode(errors="replace")
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])
