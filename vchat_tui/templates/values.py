"""The values of a template: checked one by one, with the reason next to the one that is wrong.

Limits and rules: Meta, WhatsApp Business Platform, "Send message templates" and the error codes
132005, 132007, 132012, 132018.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vchat_tui.settings import _
from vchat_tui.templates.variables import Variable

_GAP = re.compile(r"[\s\x00-\x1f]+")
_CURRENCY = re.compile(r"currency:([A-Z]{3}):(-?[0-9]{1,12})(?:[.,]([0-9]{1,3}))?")
_FILE = re.compile(r"([0-9a-f]{64})(?: ([^\x00-\x1f\x7f]{1,240}))?")
_LINK = re.compile(r"https://[^\s\x00-\x1f\x7f]{1,2000}")


class FillError(ValueError):
    """A value is missing or wrong. `message` is a message id with `{name}` places for `values`;
    `place` is the variable's, empty where it is the template itself."""

    def __init__(self, place: str, message: str, **values: str) -> None:
        super().__init__(f"{place}: {message.format(**values) if values else message}")
        self.place = place
        self.message = message
        self.values = values


def checked(variable: Variable, value: str) -> str | None:
    """A value as it is sent; None where an optional one is empty.

    Raises:
        FillError: it is empty, too long, or not of its kind.
    """
    value = _GAP.sub(_tidy, value).strip()
    if not value:
        if not variable.required:
            return None
        raise FillError(variable.place, _("may not be empty"))
    _CHECKS.get(variable.kind, _any)(variable, value)
    if len(value) > variable.limit:
        raise FillError(
            variable.place,
            _("has {length} characters; at most {limit} are allowed"),
            length=str(len(value)),
            limit=str(variable.limit),
        )
    return value


def _tidy(gap: re.Match[str]) -> str:
    """Meta takes neither line breaks nor tabs nor more than four spaces in a row."""
    return gap[0] if gap[0] == " " * len(gap[0]) and len(gap[0]) < 5 else " "


def text_parameter(value: str) -> dict[str, Any]:
    """A value of a text: `currency:EUR:12.50` and `date:24 December` are sent as such."""
    amount = _CURRENCY.fullmatch(value)
    if amount:
        code, whole, decimals = amount[1], amount[2], amount[3] or ""
        currency = {
            "fallback_value": shown(value),
            "code": code,
            "amount_1000": int(whole + decimals.ljust(3, "0")),
        }
        return {"type": "currency", "currency": currency}
    if value.startswith("date:"):
        return {"type": "date_time", "date_time": {"fallback_value": shown(value)}}
    return {"type": "text", "text": value}


def shown(value: str) -> str:
    """What the customer reads where a value of a text stands."""
    amount = _CURRENCY.fullmatch(value)
    if amount:
        decimals = f".{amount[3]}" if amount[3] else ""
        return f"{amount[2]}{decimals} {amount[1]}"
    return value.removeprefix("date:").strip() if value.startswith("date:") else value


def media_object(value: str) -> dict[str, str]:
    """The file of a header: `<sha256>`, `<sha256> <file name>` or a link."""
    file = _FILE.fullmatch(value)
    if file is None:
        return {"link": value}
    return {"sha256": file[1], **({"filename": file[2]} if file[2] else {})}


def moment(value: str) -> int:
    """A date and time in milliseconds since 1970; without an offset, in the time of this machine.

    Raises:
        ValueError, OverflowError: it is none.
    """
    return int(datetime.fromisoformat(value).astimezone().timestamp() * 1000)


def sections(value: str, title: str) -> list[dict[str, Any]]:
    """Products as Meta takes them: `Cakes: SKU1, SKU2; Bread: SKU3`, or `SKU1, SKU2`."""
    found = []
    for part in filter(str.strip, value.split(";")):
        head, colon, tail = part.partition(":")
        products = [item.strip() for item in (tail if colon else head).split(",") if item.strip()]
        found.append(
            {
                "title": (head.strip() if colon and head.strip() else title)[:24],
                "product_items": [{"product_retailer_id": product} for product in products],
            }
        )
    return found


def _any(variable: Variable, value: str) -> None:
    pass


def _text(variable: Variable, value: str) -> None:
    if value.startswith("currency:") and not _CURRENCY.fullmatch(value):
        raise FillError(variable.place, _("must look like currency:EUR:12.50"))
    if not shown(value):
        raise FillError(variable.place, _("may not be empty"))


def _file(variable: Variable, value: str) -> None:
    if not _FILE.fullmatch(value) and not _LINK.fullmatch(value):
        raise FillError(variable.place, _("must be a file, or a link that begins with https://"))


def _link(variable: Variable, value: str) -> None:
    if not _LINK.fullmatch(value):
        raise FillError(variable.place, _("must be a link that begins with https://"))


def _location(variable: Variable, value: str) -> None:
    most = {"latitude": 90.0, "longitude": 180.0}.get(variable.place.rpartition(".")[2])
    if most is None:
        return
    try:
        if -most <= float(value) <= most:
            return
    except ValueError:
        pass
    raise FillError(
        variable.place, _("must be a number between {low} and {high}"), low=f"{-most:g}",
        high=f"{most:g}",
    )  # fmt: skip


def _url_suffix(variable: Variable, value: str) -> None:
    if " " in value:
        raise FillError(variable.place, _("may not contain spaces"))


def _products(variable: Variable, value: str) -> None:
    found = sections(value, "-")
    count = sum(len(section["product_items"]) for section in found)
    if not found or not all(section["product_items"] for section in found):
        raise FillError(variable.place, _("must look like Cakes: SKU1, SKU2; Bread: SKU3"))
    if count > 30 or len(found) > 10:
        raise FillError(variable.place, _("may have at most 30 products in 10 groups"))


def _expiry(variable: Variable, value: str) -> None:
    try:
        moment(value)
    except (ValueError, OverflowError, OSError):
        raise FillError(variable.place, _("must look like 2026-12-24 18:00")) from None


_CHECKS: dict[str, Callable[[Variable, str], None]] = {
    "text": _text,
    "image": _file,
    "video": _file,
    "document": _file,
    "link": _link,
    "location": _location,
    "url_suffix": _url_suffix,
    "code": _url_suffix,
    "copy_code": _url_suffix,
    "products": _products,
    "expiry": _expiry,
}
