"""What a template needs to be filled in: one `Variable` per value, each with a place.

Places: `header` (a file), `header.1`, `header.latitude`, `body.1`, `body.name`, `button.0` (counted
over all buttons, from 0, as Meta does), `offer`, and `card.0.` before those of a card.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from vchat_tui.i18n import _ as translated
from vchat_tui.settings import _
from vchat_tui.templates.shape import (
    KEYED_PLACE,
    MEDIA_KINDS,
    Button,
    Definition,
    Keyed,
    Shape,
    read,
)


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a template takes.

    `kind`: text, code, image, video, document, link, location, url_suffix, copy_code, payload,
    flow_token, product, products, expiry. `label` is a message id with a `{name}` place for `name`.
    """

    place: str
    kind: str
    label: str
    name: str = ""
    example: str = ""
    required: bool = True
    limit: int = 1024  # characters


_FILES = {
    "image": _("Header: the image"),
    "video": _("Header: the video"),
    "document": _("Header: the document"),
}
_LOCATION = {
    "latitude": _("Header: latitude"),
    "longitude": _("Header: longitude"),
    "name": _("Header: name of the place"),
    "address": _("Header: address of the place"),
}

# Meta's button type: kind of value, label, whether it is required, most characters.
_BUTTONS = {
    "quick_reply": ("payload", _("Button “{name}”: what it sends back to us"), False, 256),
    "copy_code": ("copy_code", _("Button “{name}”: the code to copy"), True, 20),
    "url": ("url_suffix", _("Button “{name}”: the end of its address"), True, 2000),
    "flow": ("flow_token", _("Button “{name}”: token of the form"), False, 200),
    "catalog": ("product", _("Button “{name}”: product in the picture"), False, 100),
    "mpm": ("products", _("Button “{name}”: its products"), True, 1024),
}


# Of values that are sent by name: label and most characters.
_KEYED = {
    "text": (_("Text: {name}"), 1024),
    "code": (_("The code"), 15),
    "link": (_("Link to the file: {name}"), 2000),
    "url_suffix": (_("Part of an address: {name}"), 2000),
}


def variables(definition: Definition) -> tuple[Variable, ...]:
    """The values that a template takes, in the order of a form."""
    return tuple(_of_shape(read(definition)))


def _of_shape(shape: Shape) -> Iterator[Variable]:
    if shape.keyed is not None:
        yield from map(_of_keyed, shape.keyed)
        return
    yield from _of_part(shape, "")
    for number, card in enumerate(shape.cards):
        yield from _of_part(card, f"card.{number}.")


def _of_keyed(given: Keyed) -> Variable:
    """Every one is required: Twilio fills a missing one in with the example, and sends that to the
    customer ("Using variables with Content API")."""
    label, limit = _KEYED.get(given.kind, _KEYED["text"])
    return Variable(
        place=KEYED_PLACE + given.name,
        kind=given.kind,
        label=label,
        name=given.name,
        example=given.example,
        limit=limit,
    )


def label_of(variable: Variable) -> str:
    """What a form calls a variable, in the reader's language."""
    label = translated(variable.label).format(name=variable.name)
    if variable.place.startswith("card."):
        number = int(variable.place.split(".")[1]) + 1
        return translated(_("Card {number} · {label}")).format(number=number, label=label)
    return label


def _of_part(shape: Shape, prefix: str) -> Iterator[Variable]:
    yield from _of_header(shape, prefix)
    if shape.one_time_code:
        yield Variable(place=prefix + "body.1", kind="code", label=_("The code"), limit=15)
    else:
        for name in shape.body.names:
            yield Variable(
                place=f"{prefix}body.{name}",
                kind="text",
                label=_("Text: {name}"),
                name=name,
                example=shape.body.examples.get(name, ""),
            )
        for number, button in enumerate(shape.buttons):
            yield from _of_button(button, f"{prefix}button.{number}")
    if shape.expires:
        yield Variable(place=prefix + "offer", kind="expiry", label=_("The offer ends on"))


def _of_header(shape: Shape, prefix: str) -> Iterator[Variable]:
    if shape.header_kind in MEDIA_KINDS:
        label = _FILES[shape.header_kind]
        yield Variable(place=prefix + "header", kind=shape.header_kind, label=label)
    elif shape.header_kind == "location":
        for key, label in _LOCATION.items():
            yield Variable(place=f"{prefix}header.{key}", kind="location", label=label)
    elif shape.header_kind == "product":
        yield Variable(place=prefix + "header.catalog", kind="product", label=_("Header: catalog"))
        yield Variable(place=prefix + "header.product", kind="product", label=_("Header: product"))
    for name in shape.header.names:
        yield Variable(
            place=f"{prefix}header.{name}",
            kind="text",
            label=_("Header: {name}"),
            name=name,
            example=shape.header.examples.get(name, ""),
            limit=60,
        )


def _of_button(button: Button, place: str) -> Iterator[Variable]:
    if button.kind not in _BUTTONS or (button.kind == "url" and not button.url.names):
        return
    kind, label, required, limit = _BUTTONS[button.kind]
    yield Variable(
        place=place, kind=kind, label=label, name=button.text, required=required, limit=limit
    )
