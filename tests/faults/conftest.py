"""What the power-cut tests share."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


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
