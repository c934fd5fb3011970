"""How large a run is, and where it may write."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One run.

    Attributes:
        quick: small sizes, to see that everything runs; its figures say nothing.
        cache: what is made once and kept: seeded homes, the peers' packages.
        conversations, messages: how much is stored before anything is measured.
        seconds: how long one load lasts.
    """

    quick: bool
    cache: Path
    conversations: int = 100_000
    messages: int = 1_000_000
    seconds: float = 10.0

    @classmethod
    def make(cls, *, quick: bool) -> Setup:
        """The sizes of a real run, or of a quick one; the cache is VCHAT_BENCH_CACHE or beside
        other temporary files."""
        given = os.environ.get("VCHAT_BENCH_CACHE")
        cache = Path(given) if given else Path(tempfile.gettempdir()) / "vchat-bench"
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        if quick:
            return cls(quick=True, cache=cache, conversations=200, messages=2_000, seconds=0.5)
        return cls(quick=False, cache=cache)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that is gone afterwards, on the disk of the cache."""
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.cache))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def copy(home: Path, target: Path) -> Path:
    """A copy of a home, cheap where the file system shares blocks."""
    subprocess.run(["cp", "-r", "--reflink=auto", str(home), str(target)], check=True)
    for file in target.iterdir():
        if file.is_file():
            # On the disk before anything is measured: writing it out would be taken for our load.
            with file.open("rb") as copied:
                os.fsync(copied.fileno())
    return target
