"""Programs that a benchmark starts, what they cost, and that they end."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from vchat_tui.home import Home

_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class Program:
    """A program that prints a line once it is ready, from `with` to the end of it.

    Args:
        argv: what to run.
        announces: what its first line starts with; the rest of the line is `address`.
        environment: added to ours.
    """

    def __init__(
        self,
        argv: Sequence[str],
        announces: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._argv = list(argv)
        self._announces = announces
        self._environment = {**os.environ, **(environment or {})}
        self._folder = folder
        self.address = ""

    def __enter__(self) -> Program:
        # Its standard input is a pipe that closes with us: our own programs end with it.
        self._process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
            cwd=self._folder,
        )
        try:
            self.address = self._read_line().removeprefix(self._announces).strip()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _read_line(self) -> str:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _START_SECONDS)
        line = self._process.stdout.readline().decode() if ready else ""
        if not line.startswith(self._announces):
            raise RuntimeError(f"{self._argv[0]} did not start; it says {line!r}")
        return line

    def tell(self, line: str) -> None:
        """Writes a line to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.address.rsplit(":", 1)[1].rstrip("/"))

    def cpu_seconds(self) -> float:
        """What it has used of the processors since it started."""
        return cpu_seconds(self.pid)

    def wait_until_idle(self) -> None:
        """Waits while it is busy by itself: a server reads its whole database after a start."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.5)
            if self.cpu_seconds() - before <= 0.02:
                return

    def memory_mib(self) -> float:
        """Its memory as the kernel counts it (resident set)."""
        return memory_mib(self.pid)


def server(home: Path, environment: Mapping[str, str] | None = None) -> Program:
    """The real server on a home, on a free port."""
    return Program(
        [sys.executable, "-P", "-m", "vchat_tui", "serve", "--home", str(home), "--port", "0"],
        "listening on ",
        environment,
    )


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time of a process (proc(5), stat, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def wait_for_socket(home: Path, seconds: float = 10.0) -> Path:
    """The consoles' socket of a home's server, once it is there.

    Raises:
        TimeoutError: it does not come.
    """
    socket = Home(home).socket
    deadline = time.monotonic() + seconds
    while not socket.exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the server has no socket for consoles")
        time.sleep(0.01)
    return socket
