"""A template's definition, read once: the provider's JSON becomes parts with their variables.

Meta, WhatsApp Business Platform, "Message templates": component and button types are in upper case
in a definition. Nothing in it is trusted to have the right type.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

import msgspec

from vchat_tui.channels.payload import flag_at, object_at, text_at
from vchat_tui.settings import _

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")

KEYED_PLACE = "body."
"""Begins the place of every value that is sent by its name, whatever it fills in."""

MEDIA_KINDS = frozenset({"image", "video", "document"})
_HEADERS = MEDIA_KINDS | {"text", "location", "product"}
_COMPONENTS = {"HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"}
_COMPONENTS |= {"CALL_PERMISSION_REQUEST"}  # nothing to fill in
_BUTTONS = {
    "quick_reply", "url", "phone_number", "copy_code", "otp", "catalog", "mpm", "spm", "flow",
    "voice_call", "request_contact_info",
}  # fmt: skip


class Definition(Protocol):
    """What is read of a template: the provider's `channels.base.TemplateDefinition` has it, and so
    has the stored `models.Template`."""

    @property
    def provider_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def components(self) -> tuple[dict[str, Any], ...]: ...


class Wording(msgspec.Struct, frozen=True):
    """A text with variables, and what Meta was given as examples of their values, by name."""

    text: str = ""
    examples: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Its variables in the order in which their values are sent: numbers by size, names as
        they come."""
        found = list(dict.fromkeys(VARIABLE.findall(self.text)))
        if all(name.isdecimal() for name in found):
            found.sort(key=int)
        return tuple(found)


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """A button; `kind` is Meta's type in lower case."""

    kind: str
    text: str = ""
    url: Wording = Wording()
    phone: str = ""


class Keyed(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is sent by its name. See `templates.keyed`."""

    name: str
    kind: str = "text"
    example: str = ""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A template, or a card of a carousel. `header_kind` is empty where there is no header."""

    header_kind: str = ""
    header: Wording = Wording()
    body: Wording = Wording()
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    cards: tuple[Shape, ...] = ()
    offer: str | None = None  # the words of a limited-time offer
    expires: bool = False  # ... which shows until when it holds
    one_time_code: bool = False  # the same code goes into the body and the button
    unknown: tuple[str, ...] = ()  # parts that nothing here can fill in
    keyed: tuple[Keyed, ...] | None = None  # its values, where these are sent by name


def read(definition: Definition) -> Shape:
    """The parts of a definition."""
    shape = _read_components(definition.components)
    one_time_code = shape.keyed is None and definition.category.upper() == "AUTHENTICATION"
    return msgspec.structs.replace(shape, one_time_code=one_time_code)


def unsupported(definition: Definition) -> str | None:
    """Why a template cannot be sent from here, as a message id; None where it can."""
    shape = read(definition)
    if any(part.unknown for part in (shape, *shape.cards)):
        return _(
            "It has parts that this version cannot fill in; send it from the provider's own tools."
        )
    return None


def _read_components(components: Any) -> Shape:
    fields: dict[str, Any] = {}
    unknown: list[str] = []
    for component in _objects(components):
        kind = (text_at(component, "type") or "?").upper()
        if kind == "HEADER":
            form = (text_at(component, "format") or "TEXT").lower()
            fields |= {"header_kind": form, "header": _wording(component, "header_text")}
            if form not in _HEADERS:
                unknown.append(form)
        elif kind == "BODY":
            fields["body"] = _wording(component, "body_text")
        elif kind == "FOOTER":
            fields["footer"] = text_at(component, "text") or ""
        elif kind == "BUTTONS":
            fields["buttons"] = tuple(map(_read_button, _objects(component.get("buttons"))))
        elif kind == "CAROUSEL":
            fields["cards"] = tuple(
                _read_components(card.get("components"))
                for card in _objects(component.get("cards"))
            )
        elif kind == "LIMITED_TIME_OFFER":
            offer = object_at(component, "limited_time_offer")
            fields |= {
                "offer": text_at(offer, "text") or "",
                "expires": bool(flag_at(offer, "has_expiration")),
            }
        elif kind == "VARIABLES":
            fields["keyed"] = tuple(map(_read_keyed, _objects(component.get("variables"))))
        elif kind not in _COMPONENTS:
            unknown.append(kind)
    unknown += [b.kind for b in fields.get("buttons", ()) if b.kind not in _BUTTONS]
    return Shape(**fields, unknown=tuple(unknown))


def _wording(component: dict[str, Any], kind: str) -> Wording:
    """A text; examples stand in `body_text` (a list in a list) or `body_text_named_params`."""
    text = text_at(component, "text") or ""
    given = object_at(component, "example")
    examples = {
        text_at(pair, "param_name") or "": text_at(pair, "example") or ""
        for pair in _objects(given.get(f"{kind}_named_params"))
    }
    listed = given.get(kind)
    while isinstance(listed, list) and listed and isinstance(listed[0], list):
        listed = listed[0]
    if isinstance(listed, list):
        examples |= {str(n): value for n, value in enumerate(listed, 1) if isinstance(value, str)}
    return Wording(text, examples)


def _read_button(button: dict[str, Any]) -> Button:
    return Button(
        kind=(text_at(button, "type") or "?").lower(),
        text=text_at(button, "text") or "",
        url=Wording(text_at(button, "url") or ""),
        phone=text_at(button, "phone_number") or "",
    )


def _read_keyed(variable: dict[str, Any]) -> Keyed:
    return Keyed(
        name=text_at(variable, "name") or "",
        kind=text_at(variable, "kind") or "text",
        example=text_at(variable, "example") or "",
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list | tuple) else []
    return [item for item in items if isinstance(item, dict)]
