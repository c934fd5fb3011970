"""Reading what somebody wants to send: the first thing that is wrong ends it, with its place named.

Messages are ids of the catalogues. They quote nothing that was typed: it stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from vchat_tui.channels.base import Problem
from vchat_tui.settings import _

MAX_LINK = 2048
_MEDIA_ID = re.compile(r"[0-9]{1,32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_IN_A_LINK = re.compile(r"[\s\x00-\x1f\x7f\\]")


class Wrong(Exception):
    """A part cannot be sent; `problem` says which and why."""

    def __init__(self, field: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.problem = Problem(
            field=field,
            message=message,
            values={key: str(value) for key, value in values.items()},
        )


def refuse(field: str, message: str, **values: object) -> NoReturn:
    """Ends the check.

    Raises:
        Wrong: always.
    """
    raise Wrong(field, message, **values)


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def text_of(holder: dict[str, Any], key: str, where: str, most: int) -> str:
    """A text of 1 to `most` characters that is not blank.

    Args:
        where: the path of the holder.

    Raises:
        Wrong: it is missing, no text, blank or too long.
    """
    value, field = holder.get(key), _at(where, key)
    if value is None:
        refuse(field, _("This is missing."))
    if not isinstance(value, str):
        refuse(field, _("This must be a text."))
    if not value.strip():
        refuse(field, _("This is empty."))
    within(value, field, most)
    return value


def optional_text(holder: dict[str, Any], key: str, where: str, most: int) -> str | None:
    """A text like `text_of`; None where there is none."""
    return None if holder.get(key) is None else text_of(holder, key, where, most)


def within(text: str, field: str, most: int) -> None:
    """Refuses a text of more than `most` characters."""
    if len(text) > most:
        refuse(
            field,
            _("This has {length} characters; at most {limit} are allowed."),
            length=len(text),
            limit=most,
        )


def readable(size: int) -> str:
    """Bytes in the greatest unit that shows them, rounded up: one byte too many must show."""
    unit, name = (1024 * 1024, "MB") if size >= 1024 * 1024 else (1024, "KB")
    return f"{-(-size * 10 // unit) / 10:g} {name}"


def object_of(holder: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """A required group of parts."""
    value, field = holder.get(key), _at(where, key)
    if value is None:
        refuse(field, _("This is missing."))
    if not isinstance(value, dict):
        refuse(field, _("This must be a group of named parts."))
    return value


def list_of(
    holder: dict[str, Any], key: str, where: str, least: int, most: int
) -> list[tuple[str, dict[str, Any]]]:
    """A required list of groups, each with its path."""
    value, field = holder.get(key), _at(where, key)
    if value is None:
        refuse(field, _("This is missing."))
    if not isinstance(value, (list, tuple)):
        refuse(field, _("This must be a list."))
    if not least <= len(value) <= most:
        refuse(
            field,
            _("There are {number} of these; {least} to {most} are allowed."),
            number=len(value),
            least=least,
            most=most,
        )
    for number, item in enumerate(value):
        if not isinstance(item, dict):
            refuse(f"{field}.{number}", _("This must be a group of named parts."))
    return [(f"{field}.{number}", item) for number, item in enumerate(value)]


def one_of(holder: dict[str, Any], key: str, where: str, allowed: Sequence[str]) -> str:
    """One of some words."""
    value = holder.get(key)
    if not isinstance(value, str) or value not in allowed:
        refuse(_at(where, key), _("This must be one of: {choices}"), choices=", ".join(allowed))
    return value


def only(holder: dict[str, Any], where: str, allowed: Iterable[str]) -> None:
    """Refuses parts that the provider does not know."""
    for key in holder:
        if key not in allowed:
            refuse(_at(where, key), _("The provider does not know this part."))


def distinct(values: Iterable[tuple[str, str]]) -> None:
    """Refuses the second of two that are the same; each comes with its path."""
    seen = set()
    for field, value in values:
        if value in seen:
            refuse(field, _("This is the same as another one; each must be different."))
        seen.add(value)


def whole_number(holder: dict[str, Any], key: str, where: str) -> int:
    """A whole number."""
    value = holder.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**53:
        refuse(_at(where, key), _("This must be a whole number."))
    return value


def link_of(holder: dict[str, Any], key: str, where: str, schemes: tuple[str, ...]) -> str:
    """An address on the web."""
    url = text_of(holder, key, where, MAX_LINK)
    try:
        parts = urlsplit(url)
        good = parts.scheme in schemes and bool(parts.hostname) and url.startswith(schemes)
    except ValueError:
        good = False
    if not good or _NOT_IN_A_LINK.search(url):
        beginnings = ", ".join(f"{scheme}://" for scheme in schemes)
        refuse(
            _at(where, key),
            _("This must be a web address that begins with {beginnings}"),
            beginnings=beginnings,
        )
    return url


def check_file(file: dict[str, Any], where: str) -> None:
    """A file: by our own hash, by the provider's id, or by a public link; exactly one of them."""
    given = [key for key in ("sha256", "id", "link") if file.get(key) is not None]
    if not given:
        refuse(where, _("A file is missing: attach one, or give a public https:// address."))
    if len(given) > 1:
        refuse(f"{where}.{given[1]}", _("Give a file or an address, not both."))
    if "sha256" in given and not _is(file["sha256"], _SHA256):
        refuse(f"{where}.sha256", _("This is not the hash of a file."))
    if "id" in given and not _is(file["id"], _MEDIA_ID):
        refuse(f"{where}.id", _("This is not the id of an uploaded file."))
    if "link" in given:
        link_of(file, "link", where, ("https",))


def _is(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
