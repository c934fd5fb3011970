"""Wherever the server stands, and while its wall clock is put forward or back: the order holds, and
the window closes to the minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from clock_kit import Clock, Provider, desk_with
from faults_kit import text_message, webhook

from vchat_tui import clock as wall
from vchat_tui import window
from vchat_tui.desk import calls
from vchat_tui.window import Window

YEAR = 2027
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
ZONES = (
    "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Kiritimati", "Etc/GMT+12",
)  # fmt: skip


def offset(zone: str, moment: datetime) -> timedelta | None:
    """How far a zone's wall clock is from UTC then."""
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def switches(name: str) -> list[datetime]:
    """When the wall clock is changed, forward and back; where it never is, a day in March."""
    year = datetime(YEAR, 1, 1, tzinfo=UTC)
    moments = [year + number * HOUR / 2 for number in range(365 * 48)]
    offsets = [offset(name, moment) for moment in moments]
    changes = [moments[n] for n in range(1, len(moments)) if offsets[n] != offsets[n - 1]]
    return changes or [datetime(YEAR, 3, 28, tzinfo=UTC)]


CASES = [(name, at) for name in ZONES for at in switches(name)]
in_every_zone = pytest.mark.parametrize(
    ("zone", "at"), CASES, ids=[f"{name} {at:%b}" for name, at in CASES]
)


@pytest.fixture
def machine(zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process stands in the zone."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_zones_that_change_their_clocks_do_so_twice() -> None:
    assert [len(switches(name)) for name in ZONES] == [2, 2, 2, 2, 1, 1, 1]


@in_every_zone
async def test_around_a_change_of_the_wall_clock(
    tmp_path: Path, clock: Clock, machine: None, zone: str, at: datetime
) -> None:
    clock.jump = at + 2 * HOUR - datetime.now(UTC)
    minutes = (-90, -30, -1, 1, 30, 90)
    said = [at + timedelta(minutes=number) for number in minutes]
    assert time.localtime(at.timestamp()).tm_gmtoff == (offset(zone, at) or HOUR).total_seconds()
    async with desk_with(tmp_path, Provider({})) as desk:
        for number in (3, 0, 5, 1, 4, 2):
            person = "525510000001" if number % 2 else "525510000002"
            stamp = int(said[number].timestamp())
            body = webhook(text_message(person, f"wamid.{number}", f"{number}", stamp))
            await desk.services.gate.append("meta", {}, body, 1)
        await desk.call(calls.Settle())
        rows = (await desk.call(calls.ListConversations())).rows
        pages = [await desk.call(calls.GetTimeline(conversation_id=row.id)) for row in rows]
    assert [[item.message.text for item in page.items] for page in pages] == [
        ["1", "3", "5"], ["0", "2", "4"],
    ]  # fmt: skip
    assert [row.last_message_at for row in rows] == [said[5], said[4]]
    for row in rows:
        assert row.last_message_at is not None
        assert row.window_ends_at == row.last_message_at + DAY
        closes = row.last_message_at + DAY - window.SAFETY
        minute = timedelta(minutes=1)
        assert window.state(row, 24, closes - minute) is Window.OPEN
        assert window.state(row, 24, closes + minute) is Window.OVER
        here = wall.Clock(now=lambda closes=closes: closes - HOUR)  # type: ignore[misc]
        assert here.left(row.window_ends_at) == HOUR + window.SAFETY
        assert here.local(row.last_message_at).utcoffset() == offset(zone, row.last_message_at)
