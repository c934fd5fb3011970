"""Times as people read them. The store speaks UTC; a terminal speaks its reader's zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from vchat_tui.i18n import _


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ServerTime:
    """The server's clock, as far as a console knows it: what is decided there is shown by it."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def heard(self, now: int) -> None:
        """The server says what time it has, in milliseconds since 1970."""
        self._ahead = datetime.fromtimestamp(now / 1000, UTC) - _utc_now()

    def now(self) -> datetime:
        """What time the server has now."""
        return _utc_now() + self._ahead


@dataclass(frozen=True)
class Clock:
    """Where the time comes from and in which zone it is shown (None: this machine's)."""

    now: Callable[[], datetime] = _utc_now
    zone: tzinfo | None = None

    def local(self, moment: datetime) -> datetime:
        """The moment on the reader's wall clock."""
        return moment.astimezone(self.zone)

    def time(self, moment: datetime) -> str:
        """Hours and minutes: `14:05`."""
        return self.local(moment).strftime("%H:%M")

    def short(self, moment: datetime) -> str:
        """The shortest text that places it: a time today, a weekday this week, else a date."""
        there, here = self.local(moment), self.local(self.now())
        days = (here.date() - there.date()).days
        if days == 0:
            return there.strftime("%H:%M")
        if 0 < days < 7:
            return weekdays()[there.weekday()]
        if there.year == here.year:
            return f"{there.day} {months()[there.month - 1]}"
        return f"{months()[there.month - 1]}’{there:%y}"

    def day(self, moment: datetime) -> str:
        """A day as a heading: today, yesterday, else weekday and date."""
        there, here = self.local(moment), self.local(self.now())
        days = (here.date() - there.date()).days
        if days == 0:
            return _("Today")
        if days == 1:
            return _("Yesterday")
        text = f"{weekdays()[there.weekday()]} {there.day} {months()[there.month - 1]}"
        return text if there.year == here.year else f"{text} {there.year}"

    def full(self, moment: datetime) -> str:
        """Date, time and seconds, where the exact moment matters."""
        return self.local(moment).strftime("%Y-%m-%d %H:%M:%S")

    def read(self, typed: str) -> datetime | None:
        """The moment that a person typed: without an offset, on their wall clock. None: it is none."""
        try:
            moment = datetime.fromisoformat(typed.strip())
            if moment.tzinfo is None and self.zone is not None:
                moment = moment.replace(tzinfo=self.zone)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def left(self, moment: datetime) -> timedelta:
        """How long until then; negative once it has passed."""
        return moment - self.now()


def weekdays() -> list[str]:
    """Short names, Monday first."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def months() -> list[str]:
    """Short names, January first."""
    return [_("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
            _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec")]  # fmt: skip


def duration(span: timedelta) -> str:
    """A stretch of time in its largest unit: `3 h`, `25 min`."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 60:
        return _("{n} h").format(n=minutes // 60)
    return _("{n} min").format(n=max(minutes, 0))
