"""Template messages: the template must exist, and get exactly its values.

Whether it may be sent now is asked elsewhere (`template_states`).

Rules: Meta, WhatsApp Cloud API, "Templates" and "Error codes" (132xxx).
"""

from __future__ import annotations

import re
from typing import Any

from vchat_tui.simulator.checks.fields import distinct, items, obj, text
from vchat_tui.simulator.checks.media import check_media
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.templates import component, find, variables

_UNTIDY = re.compile(r"[\n\r\t]| {5,}")
_BODY_LIMIT = 1024
_CARD_BODY_LIMIT = 160
_COUPON_LIMIT = 20
_PARTS = ("header", "body", "button", "limited_time_offer", "carousel")
_MEDIA = ("image", "video", "document")

# Meta's type of a button: what sends it, and whether it must get a value.
_BUTTONS = {
    "quick_reply": ("quick_reply", False),
    "url": ("url", True),
    "otp": ("url", True),
    "copy_code": ("copy_code", True),
    "flow": ("flow", False),
    "catalog": ("catalog", False),
    "mpm": ("mpm", True),
}

Part = dict[str, Any]


def check_template(content: Part) -> None:
    """Check a template message against the business's templates.

    Raises:
        GraphError: 131008, 131009 or a 132xxx code.
    """
    name = text(content, "name", "template.", most=512) or ""
    code = text(obj(content, "language", "template."), "code", "template.language.", most=20) or ""
    template = find(name, code)
    if template is None:
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    _check_parts(template, content.get("components") or [], _BODY_LIMIT)


def is_authentication(content: Part) -> bool:
    """Whether a checked template message carries a one-time code."""
    template = find(content["name"], content["language"]["code"])
    return template is not None and template["category"] == "AUTHENTICATION"


def _check_parts(template: Part, given: Any, body_limit: int) -> None:
    """The values of a template, or of a card of one."""
    if not isinstance(given, list) or not all(isinstance(part, dict) for part in given):
        raise GraphError(131009, "template.components must be a list of objects")
    if any(part.get("type") not in _PARTS for part in given):
        raise GraphError(131009, "template.components.type is not one that exists")
    _header(template, _parameters(given, "header"))
    _body(template, _parameters(given, "body"), body_limit)
    _buttons(template, [part for part in given if part.get("type") == "button"])
    _offer(template, _parameters(given, "limited_time_offer"))
    _cards(template, [part for part in given if part.get("type") == "carousel"])


def _parameters(given: list[Part], kind: str) -> list[Part]:
    found: list[Part] = []
    for part in given:
        if part.get("type") == kind and part.get("parameters"):
            found += items(part, "parameters", f"template.components.{kind}.", most=100)
    return found


def _header(template: Part, parameters: list[Part]) -> None:
    header = component(template, "HEADER")
    form = header["format"] if header else "NONE"
    if form in ("TEXT", "NONE"):
        _texts("header", parameters, header["text"] if header and form == "TEXT" else "")
        return
    if len(parameters) != 1 or parameters[0].get("type") != form.lower():
        raise GraphError(132012, f"header: Format mismatch, expected {form}")
    if form.lower() in _MEDIA:
        check_media(obj(parameters[0], form.lower(), "header."), form.lower(), "header.")
    elif form == "LOCATION":
        place = obj(parameters[0], "location", "header.")
        for key in ("latitude", "longitude", "name", "address"):
            if place.get(key) in (None, ""):
                raise GraphError(131008, f"header.location.{key} is required")


def _body(template: Part, parameters: list[Part], limit: int) -> None:
    body = component(template, "BODY")
    wording = body["text"] if body else ""
    values = _texts("body", parameters, wording)
    if len(wording) + sum(map(len, values)) > limit:
        raise GraphError(132005, "Translated text too long")


def _texts(where: str, parameters: list[Part], wording: str) -> list[str]:
    names = variables(wording)
    if len(parameters) != len(names):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(names)})",
        )
    named = [name for name in names if not name.isdecimal()]
    if sorted(filter(None, (p.get("parameter_name") for p in parameters))) != sorted(named):
        raise GraphError(132012, f"{where}: parameter_name must be each of: {', '.join(named)}")
    return [_value(where, parameter) for parameter in parameters]


def _value(where: str, parameter: Part) -> str:
    kind = parameter.get("type")
    if kind in ("currency", "date_time"):
        holder, key = obj(parameter, str(kind), f"{where}."), "fallback_value"
        if kind == "currency" and not isinstance(holder.get("amount_1000"), int):
            raise GraphError(132012, f"{where}: amount_1000 must be a whole number")
    else:
        holder, key = parameter, "text"
    value = holder.get(key)
    if kind not in ("text", "currency", "date_time") or not isinstance(value, str):
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT")
    if not value.strip():
        raise GraphError(131008, f"{where}: parameter text must not be empty")
    if _UNTIDY.search(value):
        raise GraphError(
            132018, "Param text cannot have new-line/tab characters or more than 4 spaces"
        )
    return value


def _buttons(template: Part, given: list[Part]) -> None:
    part = component(template, "BUTTONS")
    buttons = part["buttons"] if part else []
    distinct([button.get("index") for button in given], "template.components.index")
    filled = set()
    for button in given:
        index = str(button.get("index"))
        if not re.fullmatch("[0-9]", index) or int(index) >= len(buttons):
            raise GraphError(132000, f"button: the template has no button {index}")
        kind = buttons[int(index)]["type"].lower()
        meant, _needed = _BUTTONS.get(kind, (kind, False))
        if button.get("sub_type") != meant:
            raise GraphError(132012, f"button {index}: expected sub_type {meant}")
        _button(meant, items(button, "parameters", f"button {index}.", most=1)[0])
        filled.add(int(index))
    for place, button in enumerate(buttons):
        kind = button["type"].lower()
        needs = _BUTTONS.get(kind, (kind, False))[1]
        if kind == "url" and not variables(button["url"]):
            needs = False
        if needs and place not in filled:
            raise GraphError(132000, f"button {place}: it needs a parameter")


def _button(kind: str, parameter: Part) -> None:
    if kind == "quick_reply":
        text(parameter, "payload", "button.", most=256)
    elif kind == "url":
        _value("button", parameter)
    elif kind == "copy_code":
        text(parameter, "coupon_code", "button.", most=_COUPON_LIMIT)
    elif kind == "mpm":
        action = obj(parameter, "action", "button.")
        for section in items(action, "sections", "button.action.", most=10):
            text(section, "title", "button.action.sections.", most=24)
            items(section, "product_items", "button.action.sections.", most=30)
    else:
        obj(parameter, "action", "button.")


def _offer(template: Part, parameters: list[Part]) -> None:
    offer = component(template, "LIMITED_TIME_OFFER")
    expected = int(bool(offer and offer["limited_time_offer"].get("has_expiration")))
    if len(parameters) != expected:
        raise GraphError(132000, f"limited_time_offer: expected {expected} parameters")
    for parameter in parameters:
        given = obj(parameter, "limited_time_offer", "limited_time_offer.")
        if not isinstance(given.get("expiration_time_ms"), int):
            raise GraphError(132012, "limited_time_offer: expiration_time_ms must be a number")


def _cards(template: Part, given: list[Part]) -> None:
    carousel = component(template, "CAROUSEL")
    expected = carousel["cards"] if carousel else []
    cards = [card for part in given for card in items(part, "cards", "carousel.", most=10)]
    if [card.get("card_index") for card in cards] != list(range(len(expected))):
        raise GraphError(132000, f"carousel: expected {len(expected)} cards in their order")
    for definition, card in zip(expected, cards, strict=True):
        _check_parts(definition, card.get("components") or [], _CARD_BODY_LIMIT)
