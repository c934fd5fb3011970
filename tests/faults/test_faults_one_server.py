"""Twenty servers on one home: one lives, the others say why they do not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults_kit import CHILD, Server, configured_home, size


def crowd_of_servers(homes: list[Path]) -> list[subprocess.Popen[str]]:
    """Starts a server on each of these paths at once."""
    return [
        subprocess.Popen(
            [sys.executable, str(CHILD), "--home", str(home), "serve", "--port", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for home in homes
    ]


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it said on standard error; a server that lives is killed."""
    process.kill()
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


@pytest.mark.timeout(600)
@pytest.mark.parametrize("trial", range(size(2, 15)))
def test_twenty_servers_at_once(tmp_path: Path, trial: int) -> None:
    home = configured_home(tmp_path / "home")
    link = tmp_path / "link"
    link.symlink_to(home)
    processes = crowd_of_servers([home, link] * 10)
    try:
        began = time.monotonic()
        while sum(process.poll() is None for process in processes) > 1:
            assert time.monotonic() - began < 60, "more than one server goes on"
            time.sleep(0.05)
        living = [process for process in processes if process.poll() is None]
        assert len(living) == 1
        assert living[0].stdout is not None
        assert living[0].stdout.readline().startswith("listening on")
        said = [finish(process) for process in processes if process is not living[0]]
        assert {code for code, _ in said} == {1}
        for _, errors in said:
            assert errors.count("\n") == 1, errors
            assert f"a server already runs on {home} (process " in errors
        finish(living[0])
        after = Server(link)
        after.start()  # the lock went with the process
        assert after.stop() == 0
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_copied_home_is_another_home(tmp_path: Path) -> None:
    first = Server(configured_home(tmp_path / "one"))
    second = Server(configured_home(tmp_path / "two"))
    try:
        first.start()
        second.start()
        assert (first.stop(), second.stop()) == (0, 0)
    finally:
        first.kill()
        second.kill()
