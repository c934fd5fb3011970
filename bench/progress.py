"""How far a server's projection is, watched from outside while a load runs."""

from __future__ import annotations

import sqlite3
import threading
import time
from bisect import bisect_left
from pathlib import Path
from types import TracebackType

STEP = 0.005  # seconds between two looks; the resolution of a lag


class Progress:
    """Notes the position in the journal that the store has applied, from `with` to its end.

    Args:
        home: whose server is watched, through a read-only connection.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "vchat.db"
        self._stop = threading.Event()
        self._times: list[float] = []
        self._positions: list[int] = []

    def __enter__(self) -> Progress:
        self.start = self._look_once()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)

    def _look_once(self) -> int:
        db = self._connect()
        try:
            return _position(db)
        finally:
            db.close()

    def _watch(self) -> None:
        db = self._connect()
        while not self._stop.wait(STEP):
            position = _position(db)
            self._times.append(time.perf_counter())
            self._positions.append(position)
        db.close()

    def wait_for(self, count: int, seconds: float = 120.0) -> float:
        """Waits until so many webhooks since the start are applied; answers when that was.

        Raises:
            TimeoutError: it takes too long.
        """
        deadline = time.monotonic() + seconds
        while not self._positions or self._positions[-1] < self.start + count:
            if time.monotonic() > deadline:
                raise TimeoutError("the projection does not catch up")
            time.sleep(STEP)
        return self.applied_at(count)

    def applied_at(self, number: int) -> float:
        """When the nth webhook since the start was seen to be applied (`time.perf_counter`)."""
        return self._times[bisect_left(self._positions, self.start + number)]

    def lags(self, answered_at: list[float]) -> list[float]:
        """Seconds from each answer to its webhook being applied.

        Webhooks are answered in the order of the journal but for those of one commit, so the nth
        answer is the nth entry.
        """
        return [
            max(0.0, self.applied_at(number) - answered)
            for number, answered in enumerate(answered_at, start=1)
        ]


def _position(db: sqlite3.Connection) -> int:
    found: int = db.execute("SELECT position FROM projection WHERE journal = 'webhook'").fetchone()[
        0
    ]
    return found
