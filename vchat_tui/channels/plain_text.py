"""What a channel says that knows only text: places, contact cards, questions with numbered choices."""

from __future__ import annotations

from typing import Any

from vchat_tui.channels.base import Capabilities, Problem
from vchat_tui.models import Content
from vchat_tui.settings import _
from vchat_tui.text import clean


def as_text(content: Content) -> str:
    """What a content says, as lines of plain text; empty where it says nothing."""
    if content.location is not None:
        return _place(content.location)
    if content.contacts:
        return "\n".join(_card(card) for card in content.contacts)
    return content.text or ""


def check_text(content: Content, capabilities: Capabilities) -> Problem | None:
    """Why a content cannot go as text: of another kind, empty, or too long; None where it can."""
    kind = content.interactive.get("type") if content.interactive else None
    known = content.type != "interactive" or kind in capabilities.interactive_as_text
    if content.type not in capabilities.kinds or not known:
        return Problem(field="type", message=_("This kind of message cannot be sent here."))
    text = as_text(content)
    if not text.strip():
        return Problem(field="text", message=_("The message is empty."))
    if len(text) > capabilities.max_text:
        return Problem(
            field="text",
            message=_("The message has {length} characters; at most {limit} are allowed here."),
            values={"length": str(len(text)), "limit": str(capabilities.max_text)},
        )
    return None


def _place(location: dict[str, Any]) -> str:
    where = f"https://maps.google.com/?q={location.get('latitude')},{location.get('longitude')}"
    named = [_text(location, "name"), _text(location, "address")]
    return "\n".join([*(line for line in named if line), where])


def _card(card: dict[str, Any]) -> str:
    numbers = [_text(phone, "phone") for phone in _objects(card, "phones")]
    return ", ".join(
        part for part in (_text(_object(card, "name"), "formatted_name"), *numbers) if part
    )


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _objects(parent: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = parent.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(parent: dict[str, Any], key: str) -> str:
    value = parent.get(key)
    return clean(value) if isinstance(value, str) else ""
