"""What several of these tests share."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from clock_kit import Clock

from vchat_tui.store import times


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that logs."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("a C compiler is needed to log what the server writes")
    library = tmp_path_factory.mktemp("shim") / "disk_log.so"
    source = Path(__file__).with_name("disk_log.c")
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"],
        check=True,
    )
    return library


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Where folders are rebuilt: in memory where there is such a place, for speed only."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replaces the clock."""
    clock = Clock()
    monkeypatch.setattr(times, "time", SimpleNamespace(time_ns=clock.time_ns))
    return clock
