"""Reading a request's fields as Meta does: each refusal names the field and the limit."""

from __future__ import annotations

from typing import Any

from vchat_tui.simulator.errors import GraphError


def obj(holder: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """A required object.

    Raises:
        GraphError: 131008 where it is missing, 131009 where it is something else.
    """
    value = _present(holder, key, where)
    if not isinstance(value, dict):
        raise GraphError(131009, f"{where}{key} must be an object")
    return value


def items(
    holder: dict[str, Any], key: str, where: str, *, least: int = 1, most: int
) -> list[dict[str, Any]]:
    """A required list of objects with `least` to `most` entries."""
    value = _present(holder, key, where)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise GraphError(131009, f"{where}{key} must be a list of objects")
    if not least <= len(value) <= most:
        raise GraphError(131009, f"{where}{key} must have {least} to {most} entries")
    return value


def text(
    holder: dict[str, Any], key: str, where: str, *, most: int, required: bool = True
) -> str | None:
    """A text of 1 to `most` characters; None where it is absent and may be.

    Raises:
        GraphError: 131008 missing or empty, 131009 not text, 100 too long.
    """
    if not required and holder.get(key) is None:
        return None
    value = _present(holder, key, where)
    if not isinstance(value, str):
        raise GraphError(131009, f"{where}{key} must be a string")
    if not value.strip():
        raise GraphError(131008, f"{where}{key} must not be empty")
    if len(value) > most:
        raise GraphError(100, f"Param {where}{key} must be at most {most} characters long.")
    return value


def one_of(holder: dict[str, Any], key: str, where: str, allowed: tuple[str, ...]) -> str:
    """A required word out of a list."""
    value = _present(holder, key, where)
    if value not in allowed:
        raise GraphError(131009, f"{where}{key} must be one of {', '.join(allowed)}")
    return str(value)


def only(holder: dict[str, Any], where: str, allowed: frozenset[str]) -> None:
    """Refuse keys that Meta does not know."""
    for key in holder:
        if key not in allowed:
            raise GraphError(100, f'Unexpected key "{key}" on param "{where.rstrip(".")}".')


def distinct(values: list[Any], what: str) -> None:
    """Refuse doubles."""
    if len(set(map(str, values))) != len(values):
        raise GraphError(131009, f"{what} must be unique")


def _present(holder: dict[str, Any], key: str, where: str) -> Any:
    value = holder.get(key)
    if value is None:
        raise GraphError(131008, f"The parameter {where}{key} is required.")
    return value
