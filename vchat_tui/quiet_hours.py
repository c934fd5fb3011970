"""Hours of the day in which customers are left alone, by the clock where they live."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from vchat_tui.settings import _

_TIMES = re.compile(
    r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(?:-|–|a|to)\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?"
)
LOOKS_LIKE = _("must look like 21:00-09:00")
"""What is wrong with quiet hours that cannot be read: a message id."""


class QuietHours(NamedTuple):
    """From one time of day to another, which may be on the next day."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def until(self, now: datetime, zone: tzinfo | None) -> datetime | None:
        """When they are over, in UTC; None where it is not quiet now.

        Args:
            now: with its zone.
            zone: of the customer; None: that of this machine.
        """
        here = now.astimezone(zone)
        at = here.time()
        into_next_day = self.start > self.end
        quiet = at >= self.start or at < self.end if into_next_day else self.start <= at < self.end
        if not quiet:
            return None
        day = here.date() + timedelta(days=1 if into_next_day and at >= self.start else 0)
        # Where clocks go back, a time comes twice: the one that is still to come is meant.
        ends = [
            datetime.combine(day, self.end.replace(fold=fold), zone).astimezone(UTC)
            for fold in (0, 1)
        ]
        return next((end for end in ends if end > now), ends[-1] + timedelta(hours=1))


def read(text: str) -> QuietHours | None:
    """Quiet hours as people type them: `21:00-09:00`, `21-9`; None where the text is empty.

    Raises:
        ValueError: it looks different; the text is LOOKS_LIKE.
    """
    text = text.strip()
    if not text:
        return None
    found = _TIMES.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        start = time(int(found[1]), int(found[2] or 0))
        end = time(int(found[3]), int(found[4] or 0))
        if start == end:
            raise ValueError
    except ValueError:
        raise ValueError(LOOKS_LIKE) from None
    return QuietHours(start, end)
