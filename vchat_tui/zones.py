"""The time zone in which a customer lives, as far as their phone number tells.

libphonenumber (https://github.com/google/libphonenumber) knows the zones of each range of numbers.
Where a range spans several, as mobile numbers do, the one with the most people stands for all.
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vchat_tui.phones import phone_key

# The first of these that a range has.
_MOST_PEOPLE = (
    "America/New_York", "America/Los_Angeles", "America/Denver", "America/Halifax",
    "America/Puerto_Rico", "America/Anchorage", "America/Mexico_City", "America/Sao_Paulo",
    "America/Guayaquil", "America/Curacao", "America/Godthab",
    "Europe/Madrid", "Europe/Lisbon", "Europe/London", "Europe/Helsinki", "Europe/Rome",
    "Europe/Oslo", "Europe/Moscow", "Asia/Almaty", "Asia/Jakarta", "Asia/Makassar",
    "Asia/Ulaanbaatar", "Africa/Kinshasa", "Indian/Reunion",
    "Australia/Sydney", "Australia/Perth", "Pacific/Auckland", "Pacific/Tarawa",
    "Pacific/Tahiti", "Pacific/Ponape",
)  # fmt: skip


@lru_cache(maxsize=4096)
def zone_of(address: str | None) -> ZoneInfo | None:
    """The zone of an address (see `phones`); None where it is no number, or its zone is unknown."""
    key = phone_key(address) if address else None
    if key is None:
        return None
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_geographical_number

    try:
        zones = time_zones_for_geographical_number(parse(f"+{key}"))
    except NumberParseException:
        return None
    name = next((zone for zone in _MOST_PEOPLE if zone in zones), zones[0])
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None  # `Etc/Unknown`


def zone_name(zone: ZoneInfo) -> str:
    """A zone for people to read: `Europe/Madrid` is “Madrid”."""
    return zone.key.rpartition("/")[2].replace("_", " ")
