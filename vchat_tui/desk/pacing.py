"""How fast we may send: token buckets, one a number and one a person."""

from __future__ import annotations


class Bucket:
    """Allows `rate` a second on average and `burst` at once. Times in seconds, monotonic."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until one may go; 0: now."""
        self._fill(now)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate

    def take(self, now: float) -> None:
        """One goes."""
        self._fill(now)
        self._tokens -= 1

    def is_full(self, now: float) -> bool:
        """Nothing has gone lately: the bucket may be forgotten."""
        self._fill(now)
        return self._tokens >= self._burst

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
