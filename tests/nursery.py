"""Starts `vchat-tui` in processes of their own, without importing its modules anew each time.

A process that has imported them waits; each program is a fork of it. What runs is the same code in
a process like any other, which can be killed at any moment; only the 0.3 s of imports are gone. A
program that needs more than that (a preloaded library, a tracer) is started in the usual way.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

NURSE = Path(__file__).with_name("nurse.py")


class Program:
    """A program that runs; used like a `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: int | None = None,
        stderr: int | None = None,
        umask: int = -1,
        leash: bool = False,
    ) -> None:
        """Starts `vchat-tui` with these arguments. Standard output is a pipe.

        Args:
            env: its whole environment; ours where none is given.
            stdin: a file; None: a pipe.
            stderr: a file; None: a pipe.
            umask: of the process; -1: ours.
            leash: it ends at once when standard input closes, which it does however we end.
        """
        self.args = list(arguments)
        self.returncode: int | None = None
        self.stdin: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        theirs = []
        if stdin is None:
            end, ours = os.pipe()
            self.stdin = open(ours, "wb", buffering=0)  # noqa: PTH123, SIM115
            theirs.append(end)
            stdin = end
        ours, stdout = os.pipe()
        self.stdout: IO[bytes] = open(ours, "rb")  # noqa: PTH123, SIM115
        theirs.append(stdout)
        if stderr is None:
            ours, stderr = os.pipe()
            self.stderr = open(ours, "rb")  # noqa: PTH123, SIM115
            theirs.append(stderr)
        self._report, report = os.pipe()
        theirs.append(report)
        wanted = {
            "arguments": self.args,
            "env": dict(os.environ if env is None else env),
            "cwd": os.getcwd(),  # noqa: PTH109
            "umask": umask,
            "leash": leash,
        }
        _ask(json.dumps(wanted).encode(), [stdin, stdout, stderr, report])
        for end in theirs:
            os.close(end)
        self.pid = self._number(None) or 0

    def _number(self, seconds: float | None) -> int | None:
        """The next number of the report: the id of the process, then its exit code."""
        ready, _, _ = select.select([self._report], [], [], seconds)
        if not ready:
            return None
        told = os.read(self._report, 16)
        if not told:
            raise RuntimeError("the process that starts programs is gone")
        return int(told)

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._number(0)
            if self.returncode is not None:
                os.close(self._report)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it took longer than so many seconds.
        """
        if self.returncode is None and not select.select([self._report], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


def run(
    arguments: Sequence[str],
    *,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; standard input is a pipe.

    Args:
        given: standard input.
        env: its whole environment; ours where none is given.

    Raises:
        subprocess.TimeoutExpired: it took longer than so many seconds.
    """
    until = time.monotonic() + timeout
    with tempfile.TemporaryFile() as errors:
        program = Program(arguments, env=env, stderr=errors.fileno())
        assert program.stdin is not None
        with program.stdout as output:
            with contextlib.suppress(BrokenPipeError), program.stdin as line:
                line.write(given)  # no test gives more than a pipe holds
            written = bytearray()
            try:
                while piece := _read(output.fileno(), until - time.monotonic()):
                    written += piece
                code = program.wait(max(until - time.monotonic(), 0))
            except TimeoutError:
                program.kill()
                program.wait()
                raise subprocess.TimeoutExpired(program.args, timeout, bytes(written)) from None
        errors.seek(0)
        return subprocess.CompletedProcess(
            program.args, code, written.decode(), errors.read().decode()
        )


def _read(fd: int, seconds: float) -> bytes:
    if not select.select([fd], [], [], max(seconds, 0))[0]:
        raise TimeoutError
    return os.read(fd, 65536)


def _ask(wanted: bytes, files: list[int]) -> None:
    line = _line()
    passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    line.sendmsg([len(wanted).to_bytes(4, "little")], passed)
    line.sendall(wanted)


@cache
def _line() -> socket.socket:
    """The line to the process that starts programs, which is started when the first is wanted."""
    ours, theirs = socket.socketpair()
    nurse = subprocess.Popen(
        [sys.executable, str(NURSE), str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()

    @atexit.register
    def end() -> None:
        ours.close()
        nurse.wait()

    return ours
