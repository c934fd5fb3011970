"""Rich messages for channels that know only text: what a phone shows as buttons becomes lines.

The customer answers with a number or the words; both are read as an ordinary message.
"""

from __future__ import annotations

from typing import Any

from vchat_tui.models import Content
from vchat_tui.text import clean


def as_text(content: Content) -> str:
    """What a content says, as lines of plain text; empty where it says nothing."""
    if content.interactive is not None:
        return _interactive(content.interactive)
    if content.location is not None:
        return _place(content.location)
    if content.contacts:
        return "\n".join(_card(card) for card in content.contacts)
    return content.text or ""


def _interactive(interactive: dict[str, Any]) -> str:
    action = _object(interactive, "action")
    header = _text(_object(interactive, "header"), "text")
    body = _text(_object(interactive, "body"), "text")
    footer = _text(_object(interactive, "footer"), "text")
    lines = [header, body, *_choices(action), _link(action), footer]
    return "\n".join(line for line in lines if line)


def _choices(action: dict[str, Any]) -> list[str]:
    """Buttons or the rows of a list, numbered through."""
    labels = [_text(_object(button, "reply"), "title") for button in _objects(action, "buttons")]
    labels += [
        " – ".join(part for part in (_text(row, "title"), _text(row, "description")) if part)
        for section in _objects(action, "sections")
        for row in _objects(section, "rows")
    ]
    return [f"{number}) {label}" for number, label in enumerate(labels, start=1) if label]


def _link(action: dict[str, Any]) -> str:
    parameters = _object(action, "parameters")
    label, url = _text(parameters, "display_text"), _text(parameters, "url")
    return f"{label}: {url}" if label and url else url


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
