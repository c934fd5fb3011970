"""How long to wait before a request goes again."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from vchat_tui.channels.errors import Retry

_LONGEST_BACKOFF = 300.0
_LONGEST_RETRY_AFTER = 3600.0


def wait_for(retry: Retry, attempt: int, retry_after: str | None = None) -> float | None:
    """Seconds before the next try; None where trying again is no use.

    Args:
        retry: the error's rule.
        attempt: how many tries there were, this one included.
        retry_after: the answer's header; where it is understood, it decides.
    """
    if retry is Retry.NEVER:
        return None
    asked = read_retry_after(retry_after)
    if asked is not None:
        return asked
    tries = min(max(attempt, 1), 10)
    if retry is Retry.MINUTE:
        return 60.0
    if retry is Retry.HOUR:
        return 3600.0
    longest = min(_LONGEST_BACKOFF, 4.0**tries)
    if retry is Retry.PAIR:
        return longest
    # Full jitter: many messages that failed together must not come back together.
    return random.uniform(1.0, longest)  # noqa: S311 - not for security


def read_retry_after(header: str | None) -> float | None:
    """The seconds in a Retry-After header (RFC 9110, 10.2.3), between 1 and 3600.

    Args:
        header: a number of seconds or an HTTP date; None where neither.
    """
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,9})?", text):
        seconds = float(text)
    elif re.fullmatch(r"[0-9]+", text):
        seconds = _LONGEST_RETRY_AFTER
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 1.0), _LONGEST_RETRY_AFTER)
