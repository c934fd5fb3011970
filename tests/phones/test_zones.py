"""Where a customer lives, and when it is quiet there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from vchat_tui.quiet_hours import QuietHours, read
from vchat_tui.zones import _MOST_PEOPLE, zone_name, zone_of


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("34600000001", "Europe/Madrid"),
        ("whatsapp:+5215512345678", "America/Mexico_City"),
        ("+5491123456789", "America/Buenos_Aires"),
        ("79161234567", "Europe/Moscow"),
        ("77011234567", "Asia/Almaty"),
        ("12125550123", "America/New_York"),
        ("15550783881", "America/New_York"),  # no area that is known
        ("61412345678", "Australia/Sydney"),
        ("88213123456", None),  # a satellite phone
        ("999", None),
        ("ES.123", None),
        (None, None),
    ],
)
def test_zones_of_numbers(address: str | None, zone: str | None) -> None:
    found = zone_of(address)
    assert (found.key if found else None) == zone


def test_every_range_with_several_zones_has_one_that_stands_for_all() -> None:
    for prefix, zones in TIMEZONE_DATA.items():
        assert len(zones) == 1 or set(zones) & set(_MOST_PEOPLE), prefix


def test_a_zone_for_people() -> None:
    assert zone_name(ZoneInfo("America/Mexico_City")) == "Mexico City"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("21:00-09:00", "21:00-09:00"), ("21 - 9", "21:00-09:00"), ("9.30 a 10", "09:30-10:00"),
     ("00:00–07:05", "00:00-07:05")],
)  # fmt: skip
def test_quiet_hours_as_people_type_them(typed: str, shown: str) -> None:
    hours = read(typed)
    assert str(hours) == shown
    assert read(str(hours)) == hours


@pytest.mark.parametrize("typed", ["21:00", "21:00-21:00", "25-9", "9-10-11", "21:60-9", "nachts"])
def test_what_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match="21:00-09:00"):
        read(typed)


def test_no_quiet_hours() -> None:
    assert read("  ") is None


MADRID = ZoneInfo("Europe/Madrid")
NIGHT = read("21:00-09:00")


@pytest.mark.parametrize(
    ("local", "until"),
    [("2026-11-24 20:59", None), ("2026-11-24 21:00", "2026-11-25 09:00"),
     ("2026-11-24 08:59", "2026-11-24 09:00"), ("2026-11-24 09:00", None)],
)  # fmt: skip
def test_it_is_quiet_until_the_end_on_this_or_the_next_day(local: str, until: str | None) -> None:
    assert NIGHT
    now = datetime.fromisoformat(local).replace(tzinfo=MADRID)
    expected = datetime.fromisoformat(until).replace(tzinfo=MADRID) if until else None
    assert NIGHT.until(now, MADRID) == expected


times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(
    st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([zone for zones in TIMEZONE_DATA.values() for zone in zones
                     if zone != "Etc/Unknown"]),
)  # fmt: skip
def test_whenever_it_is_quiet_it_ends_within_a_day(
    pair: tuple[object, object], moment: datetime, zone: str
) -> None:
    hours = QuietHours(*pair)  # type: ignore[arg-type]
    now = moment.replace(tzinfo=UTC)
    until = hours.until(now, ZoneInfo(zone))
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
