"""How fast we may send: over one number, and to one person.

Times in seconds, monotonic; whoever asks says what time it is.
"""

from __future__ import annotations


class Bucket:
    """Allows `rate` a second on average and `burst` at once."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def wait(self, now: float, count: float = 1.0) -> float:
        """Seconds until so many may go at once, at most `burst`; 0: now."""
        self._fill(now)
        return 0.0 if self._tokens >= count else (count - self._tokens) / self._rate

    def take(self, now: float) -> None:
        """One goes."""
        self._fill(now)
        self._tokens -= 1

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


class Pair:
    """Messages to one person: one in `interval` seconds on average.

    Up to `burst` may go within one interval, borrowed from later: then nothing goes until all are
    paid back (Meta, WhatsApp Cloud API, "Pair rate limits"). A message takes its time to the
    provider, and not each the same: a sixth of the interval is left for that.
    """

    def __init__(self, interval: float, burst: int) -> None:
        self._interval = interval
        self._burst = burst
        self._spare = interval / 6
        self._began = 0.0
        self._size = 0
        self._paid_at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until one may go; 0: now."""
        if self._paid_at is None or now >= self._paid_at:
            return 0.0
        in_time = now - self._began < self._interval - self._spare
        return 0.0 if in_time and self._size < self._burst else self._paid_at - now

    def take(self, now: float) -> None:
        """One goes."""
        if self._paid_at is None or now >= self._paid_at:
            self._began, self._size, self._paid_at = now, 0, now + self._spare
        self._size += 1
        self._paid_at += self._interval

    def is_free(self, now: float) -> bool:
        """All is paid back: this may be forgotten."""
        return self._paid_at is None or now >= self._paid_at
