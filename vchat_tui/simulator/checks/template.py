"""Template messages: the template must exist, be approved, and get exactly its values.

Rules: Meta, WhatsApp Cloud API, "Templates" and "Error codes" (132xxx).
"""

from __future__ import annotations

import re
from typing import Any

from vchat_tui.simulator.checks.fields import distinct, items, obj, text
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.templates import component, find, variables

_NOT_SENDABLE = {"PAUSED": 132015, "DISABLED": 132016}
_UNTIDY = re.compile(r"[\n\r\t]| {5,}")
_BODY_LIMIT = 1024


def check_template(content: dict[str, Any]) -> None:
    """Check a template message against the business's templates.

    Raises:
        GraphError: 131008, 131009 or a 132xxx code.
    """
    name = text(content, "name", "template.", most=512) or ""
    code = text(obj(content, "language", "template."), "code", "template.language.", most=20) or ""
    template = find(name, code)
    if template is None or template["status"] not in ("APPROVED", *_NOT_SENDABLE):
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    if template["status"] != "APPROVED":
        raise GraphError(_NOT_SENDABLE[template["status"]])
    given = content.get("components") or []
    if not isinstance(given, list) or not all(isinstance(part, dict) for part in given):
        raise GraphError(131009, "template.components must be a list of objects")
    _header(template, _parameters(given, "header"))
    _body(template, _parameters(given, "body"))
    _buttons(template, [part for part in given if part.get("type") == "button"])


def is_authentication(content: dict[str, Any]) -> bool:
    """Whether a checked template message carries a one-time code."""
    template = find(content["name"], content["language"]["code"])
    return template is not None and template["category"] == "AUTHENTICATION"


def _parameters(given: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in given:
        if part.get("type") not in ("header", "body", "button", "limited_time_offer", "carousel"):
            raise GraphError(131009, "template.components.type is not one that exists")
        if part.get("type") == kind and part.get("parameters"):
            found += items(part, "parameters", f"template.components.{kind}.", most=100)
    return found


def _header(template: dict[str, Any], parameters: list[dict[str, Any]]) -> None:
    header = component(template, "HEADER")
    form = header["format"] if header else "NONE"
    if form == "TEXT" and header:
        _texts("header", parameters, variables(header["text"]))
    elif form == "NONE":
        _texts("header", parameters, 0)
    elif len(parameters) != 1 or parameters[0].get("type") != form.lower():
        raise GraphError(132012, f"header: Format mismatch, expected {form}")


def _body(template: dict[str, Any], parameters: list[dict[str, Any]]) -> None:
    body = component(template, "BODY")
    wording = body["text"] if body else ""
    values = _texts("body", parameters, variables(wording))
    if len(wording) + sum(map(len, values)) > _BODY_LIMIT:
        raise GraphError(132005, "Translated text too long")


def _texts(where: str, parameters: list[dict[str, Any]], expected: int) -> list[str]:
    if len(parameters) != expected:
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({expected})",
        )
    values = []
    for parameter in parameters:
        if parameter.get("type") != "text" or not isinstance(parameter.get("text"), str):
            raise GraphError(132012, f"{where}: Format mismatch, expected TEXT")
        value = parameter["text"]
        if not value.strip():
            raise GraphError(131008, f"{where}: parameter text must not be empty")
        if _UNTIDY.search(value):
            raise GraphError(
                132018, "Param text cannot have new-line/tab characters or more than 4 spaces"
            )
        values.append(value)
    return values


def _buttons(template: dict[str, Any], given: list[dict[str, Any]]) -> None:
    part = component(template, "BUTTONS")
    buttons = part["buttons"] if part else []
    distinct([button.get("index") for button in given], "template.components.index")
    filled = set()
    for button in given:
        index = str(button.get("index"))
        if not re.fullmatch("[0-9]", index) or int(index) >= len(buttons):
            raise GraphError(132000, f"button: the template has no button {index}")
        meant = buttons[int(index)]["type"].lower()
        if button.get("sub_type") != meant:
            raise GraphError(132012, f"button {index}: expected sub_type {meant}")
        filled.add(int(index))
    for place, button in enumerate(buttons):
        if button["type"] == "URL" and variables(button["url"]) and place not in filled:
            raise GraphError(132000, f"button {place}: its URL needs a parameter")
