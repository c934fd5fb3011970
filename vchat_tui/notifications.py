"""When the terminal may ring: in one place, so that it never becomes a nuisance."""

from __future__ import annotations

from collections.abc import Callable

RING_SECONDS = 2.0


class BellPolicy:
    """A bell for a new customer message in a conversation that nobody looks at, rarely.

    Args:
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: float | None = None

    def rings(self, *, arrived: bool, looking_at_it: bool) -> bool:
        """May it ring for this event? A yes counts as a ring."""
        now = self._clock()
        if not arrived or looking_at_it:
            return False
        if self._last is not None and now - self._last < RING_SECONDS:
            return False
        self._last = now
        return True
