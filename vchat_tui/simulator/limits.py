"""Meta's limits on sending: throughput, messages to one person, the 24-hour window.

Figures: Meta, WhatsApp Cloud API, "Throughput", "Pair rate limits", "Customer service windows".
Times are Unix seconds, given by the caller, so that tests can move the clock.
"""

from __future__ import annotations

from vchat_tui.simulator.errors import GraphError

BURST = 45  # messages to one person that may go within ...
BURST_SECONDS = 6.0  # ... this time, borrowed from later


class Throughput:
    """Messages a second over one number: a bucket that refills steadily."""

    def __init__(self) -> None:
        self._level = 0.0
        self._at = 0.0

    def take(self, now: float, per_second: int) -> None:
        """Count one send.

        Raises:
            GraphError: 130429, too many.
        """
        self._level = max(0.0, self._level - (now - self._at) * per_second)
        self._at = now
        if self._level + 1 > per_second:
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        self._level += 1


class PairRate:
    """Messages to one person: one per six seconds; a burst is borrowed and must be paid back."""

    def __init__(self) -> None:
        self._people: dict[str, tuple[float, int, float]] = {}  # burst began, its size, paid back

    def take(self, person: str, now: float, interval: float) -> None:
        """Count one message.

        Args:
            interval: seconds per message on average; 0 switches the limit off.

        Raises:
            GraphError: 131056, too many to this person.
        """
        if not interval:
            return
        began, size, paid_at = self._people.get(person, (now, 0, now))
        if now >= paid_at:
            began, size, paid_at = now, 0, now
        elif now - began >= BURST_SECONDS or size >= BURST:
            raise GraphError(
                131056, "Too many messages sent from this phone number to the same phone number."
            )
        self._people[person] = (began, size + 1, paid_at + interval)


class Windows:
    """When each customer last wrote: for 24 hours after that, anything may be sent to them."""

    def __init__(self) -> None:
        self._wrote_at: dict[str, float] = {}

    def open(self, person: str, now: float) -> None:
        """The customer wrote."""
        self._wrote_at[person] = now

    def close(self, person: str) -> None:
        """Forget that they wrote."""
        self._wrote_at.pop(person, None)

    def check(self, person: str, now: float, hours: float) -> None:
        """Refuse what may be sent only inside the window.

        Raises:
            GraphError: 131047, it is closed.
        """
        wrote_at = self._wrote_at.get(person)
        if wrote_at is None or now - wrote_at >= hours * 3600:
            raise GraphError(
                131047,
                "Message failed to send because more than 24 hours have passed since the customer "
                "last replied to this number.",
            )
