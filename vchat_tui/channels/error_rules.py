"""What is known of an error code: one row in a provider's table."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from vchat_tui.channels.base import ErrorClass


class Retry(StrEnum):
    """When the sender may try again by itself."""

    NEVER = "never"  # pointless, or a person must decide
    BACKOFF = "backoff"  # longer each time
    PAIR = "pair"  # 4, 16, 64 ... seconds, for this customer only
    MINUTE = "minute"
    HOUR = "hour"


class Consequence(StrEnum):
    """What an error means beyond the message that it came for."""

    UNREACHABLE = "unreachable"  # this person is not on the channel
    OPTED_OUT = "opted_out"  # this person wants no marketing
    NOT_IN_SANDBOX = "not_in_sandbox"  # this person has not joined it, or is out again
    WITHHELD = "withheld"  # this person gets no marketing for a day
    STOPS_BROADCAST = "stops_broadcast"  # every message of the same template would fail
    STOPS_BROADCASTS = "stops_broadcasts"  # the number is limited: going on makes it worse


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about an error. `pauses`: nothing of this inbox can go until an admin acts."""

    error_class: ErrorClass
    title: str
    advice: str
    retry: Retry = Retry.NEVER
    pauses: bool = False
    consequence: Consequence | None = None


Row = tuple[ErrorClass, str, str] | tuple[ErrorClass, str, str, Retry]
"""Class, title and advice (message ids), and when to try again (never, where it is not said)."""
