"""A template and its values become what is sent.

Meta, WhatsApp Business Platform, "Send message templates": component types are in lower case when
sending, buttons are counted from 0 over all of them, and one without a value takes no component.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from vchat_tui.models import TemplateUse
from vchat_tui.settings import _
from vchat_tui.templates import keyed, preview
from vchat_tui.templates.shape import (
    MEDIA_KINDS,
    Button,
    Definition,
    Shape,
    Wording,
    read,
    unsupported,
)
from vchat_tui.templates.values import (
    FillError,
    checked,
    media_object,
    moment,
    sections,
    text_parameter,
)
from vchat_tui.templates.variables import variables

MAX_BODY, MAX_HEADER, MAX_CARD_BODY = 1024, 60, 160

Component = dict[str, Any]


class Filled(msgspec.Struct, frozen=True):
    """A template ready to send, and the text that the customer will read."""

    use: TemplateUse
    text: str


def fill(definition: Definition, values: Mapping[str, str]) -> Filled:
    """Fills in a template.

    Args:
        values: by place (see `variables`), merge fields filled in already.

    Raises:
        FillError: a value is missing, wrong, too many, or the text gets too long.
    """
    problem = unsupported(definition)
    if problem:
        raise FillError("", problem)
    shape = read(definition)
    wanted = {variable.place: variable for variable in variables(definition)}
    for place in values:
        if place not in wanted:
            raise FillError(
                place,
                _("is no value of this template; it takes: {places}"),
                places=", ".join(wanted) or "-",
            )
    given: dict[str, str] = {}
    for place, variable in wanted.items():
        value = checked(variable, values.get(place, ""))
        if value is not None:
            given[place] = value
    seen = preview.preview(shape, given)
    _check_lengths(shape, seen)
    return Filled(_use(definition, shape, given), preview.text_of(seen))


def _use(definition: Definition, shape: Shape, given: Mapping[str, str]) -> TemplateUse:
    use = TemplateUse(name=definition.name, language=definition.language)
    if shape.keyed is None:
        return replace(use, components=tuple(_components(shape, given)))
    return replace(use, provider_id=definition.provider_id, variables=keyed.by_name(given))


def _check_lengths(shape: Shape, seen: preview.Preview) -> None:
    _check_length("header", shape.header, seen.header, MAX_HEADER)
    _check_length("body", shape.body, seen.body, MAX_BODY)
    for number, (card, drawn) in enumerate(zip(shape.cards, seen.cards, strict=True)):
        _check_length(f"card.{number}.body", card.body, drawn.body, MAX_CARD_BODY)


def _check_length(place: str, wording: Wording, text: str, limit: int) -> None:
    if wording.names and len(text) > limit:
        raise FillError(
            f"{place}.{wording.names[-1]}",
            _("makes the text {length} characters long; at most {limit} are allowed"),
            length=str(len(text)),
            limit=str(limit),
        )


def _components(shape: Shape, given: Mapping[str, str]) -> list[Component]:
    components = _part(shape, given, "")
    if shape.expires:
        offer = {"expiration_time_ms": moment(given["offer"])}
        parameter = {"type": "limited_time_offer", "limited_time_offer": offer}
        components.append({"type": "limited_time_offer", "parameters": [parameter]})
    if shape.cards:
        cards = [
            {"card_index": number, "components": _part(card, given, f"card.{number}.")}
            for number, card in enumerate(shape.cards)
        ]
        components.append({"type": "carousel", "cards": cards})
    return components


def _part(shape: Shape, given: Mapping[str, str], prefix: str) -> list[Component]:
    header = _header(shape, given, prefix + "header")
    if shape.one_time_code:
        code = {"type": "text", "text": given[prefix + "body.1"]}
        body = [code]
        buttons = [_button_component("url", 0, code)] if shape.buttons else []
    else:
        body = _texts(shape.body, given, prefix + "body.")
        buttons = [
            _button_component(button.kind, number, parameter)
            for number, button in enumerate(shape.buttons)
            if (parameter := _button(button, given.get(f"{prefix}button.{number}")))
        ]
    parts: list[Component] = [
        {"type": kind, "parameters": parameters}
        for kind, parameters in (("header", header), ("body", body))
        if parameters
    ]
    return parts + buttons


def _header(shape: Shape, given: Mapping[str, str], place: str) -> list[Component]:
    kind = shape.header_kind
    if kind in MEDIA_KINDS:
        file = media_object(given[place])
        if kind != "document":
            file.pop("filename", None)
        return [{"type": kind, kind: file}]
    if kind == "location":
        keys = ("latitude", "longitude")
        spot: dict[str, Any] = {key: float(given[f"{place}.{key}"]) for key in keys}
        spot |= {key: given[f"{place}.{key}"] for key in ("name", "address")}
        return [{"type": "location", "location": spot}]
    if kind == "product":
        product = {
            "catalog_id": given[f"{place}.catalog"],
            "product_retailer_id": given[f"{place}.product"],
        }
        return [{"type": "product", "product": product}]
    return _texts(shape.header, given, place + ".")


def _texts(wording: Wording, given: Mapping[str, str], places: str) -> list[Component]:
    parameters = []
    for name in wording.names:
        parameter = text_parameter(given[places + name])
        if not name.isdecimal():
            parameter["parameter_name"] = name
        parameters.append(parameter)
    return parameters


def _button_component(sub_type: str, number: int, parameter: Component) -> Component:
    return {
        "type": "button",
        "sub_type": sub_type,
        "index": str(number),
        "parameters": [parameter],
    }


def _button(button: Button, value: str | None) -> Component | None:
    """The parameter of a button; None where it takes none."""
    if button.kind == "flow":
        return {"type": "action", "action": {"flow_token": value or "unused"}}
    if value is None:
        return None
    if button.kind == "quick_reply":
        return {"type": "payload", "payload": value}
    if button.kind == "copy_code":
        return {"type": "coupon_code", "coupon_code": value}
    if button.kind == "catalog":
        return {"type": "action", "action": {"thumbnail_product_retailer_id": value}}
    if button.kind == "mpm":
        groups = sections(value, button.text)
        first = groups[0]["product_items"][0]["product_retailer_id"]
        action = {"thumbnail_product_retailer_id": first, "sections": groups}
        return {"type": "action", "action": action}
    return {"type": "text", "text": value}
