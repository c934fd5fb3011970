"""What a typed text may be sent as: `12,50 €` as an amount, `24/12/2026` as a date.

Meta, WhatsApp Business Platform, "Send message templates": parameters of type `currency` and
`date_time`. What is found is written as `templates.values` reads it: `currency:EUR:12.50`, `date:...`.
"""

from __future__ import annotations

import re
from datetime import date

_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_UNIT = r"([A-Z]{3}|[€$£¥])"
_NUMBER = r"(-?[0-9]{1,3}(?:[ .,][0-9]{3})+(?:[.,][0-9]{1,2})?|-?[0-9]{1,12}(?:[.,][0-9]{1,2})?)"
_BEHIND = re.compile(_NUMBER + r"\s?" + _UNIT)
_BEFORE = re.compile(_UNIT + r"\s?" + _NUMBER)
_DECIMALS = re.compile(r"[.,]([0-9]{1,2})$")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def amount(typed: str) -> str | None:
    """An amount with its currency, as it is sent; None where the text is none.

    The last of several marks is the decimal one where one or two digits follow it.
    """
    text = typed.strip()
    if found := _BEHIND.fullmatch(text):
        number, unit = found[1], found[2]
    elif found := _BEFORE.fullmatch(text):
        unit, number = found[1], found[2]
    else:
        return None
    decimals = _DECIMALS.search(number)
    whole = re.sub(r"[ .,]", "", number[: decimals.start()] if decimals else number)
    tail = f".{decimals[1]}" if decimals else ""
    return f"currency:{_SIGNS.get(unit, unit)}:{whole}{tail}"


def day(typed: str) -> str | None:
    """A date, as it is sent: in the words that were typed; None where the text is none."""
    text = typed.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, number = map(int, found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        number, month, year = map(int, found.groups())
        if month > 12:  # as in 12/24/2026
            number, month = month, number
    else:
        return None
    try:
        date(year, month, number)
    except ValueError:
        return None
    return f"date:{text}"
