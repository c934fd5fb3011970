"""Values as settings hold them: in order, separated by commas, `\\,` for a comma in a value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vchat_tui.settings import _
from vchat_tui.templates.shape import Definition
from vchat_tui.templates.values import FillError
from vchat_tui.templates.variables import Variable, variables

_COMMA = re.compile(r"(?<!\\),")


def split(text: str) -> list[str]:
    """The values in a text; none where it is empty."""
    if not text.strip():
        return []
    return [value.replace("\\,", ",").strip() for value in _COMMA.split(text)]


def assign(definition: Definition, header: str, body: str, buttons: str) -> dict[str, str]:
    """The values of a template by place, from the three texts of the settings.

    The number of values must be the template's; a button's that may stay empty may also be left
    out together with all others of its kind.

    Raises:
        FillError: there are too many or too few; its place is `header`, `body` or `button`.
    """
    wanted = variables(definition)
    values: dict[str, str] = {}
    for part, text in (("header", header), ("body", body), ("button", buttons)):
        values |= _assign_part(part, [v for v in wanted if v.place.split(".")[0] == part], text)
    others = [v for v in wanted if v.place.split(".")[0] in ("card", "offer") and v.required]
    if others:
        raise FillError(
            "", _("This template has cards or an offer; it cannot be filled in by itself.")
        )
    return values


def body_values(definition: Definition, text: str) -> dict[str, str]:
    """The values of a template's text by place, from one line with commas.

    Raises:
        FillError: there are too many or too few; its place is `body`.
    """
    return _assign_part("body", _of_body(definition), text)


def spread(definition: Definition, typed: Mapping[str, str]) -> dict[str, str] | None:
    """Values that were all typed into the first field, with commas, each in its own place; None
    where that is not what was typed.

    Args:
        typed: by place, without empty ones.
    """
    wanted = [variable.place for variable in _of_body(definition)]
    filled = [place for place in wanted if place in typed]
    if len(wanted) < 2 or filled != wanted[:1]:
        return None
    try:
        return body_values(definition, typed[wanted[0]])
    except FillError:
        return None


def _of_body(definition: Definition) -> list[Variable]:
    return [v for v in variables(definition) if v.place.split(".")[0] == "body"]


def _assign_part(part: str, wanted: list[Variable], text: str) -> dict[str, str]:
    given = split(text)
    required = [variable for variable in wanted if variable.required]
    if len(given) == len(required):
        wanted = required
    if len(given) != len(wanted):
        raise FillError(
            part,
            _("Number of values: {given}; the template takes {wanted}."),
            wanted=str(len(required)),
            given=str(len(given)),
        )
    return {variable.place: value for variable, value in zip(wanted, given, strict=True)}
