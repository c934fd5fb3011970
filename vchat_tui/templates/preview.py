"""How a template looks to the customer, with the values that there are so far."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from vchat_tui.templates import keyed
from vchat_tui.templates.shape import VARIABLE, Button, Shape, Wording
from vchat_tui.templates.values import shown


class PreviewButton(msgspec.Struct, frozen=True):
    """A button: `kind` as Meta names it in lower case; `detail` is an address, number or code."""

    kind: str
    text: str
    detail: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A template, or a card of one, as it will look. A variable without a value stays `{{1}}`."""

    header_kind: str = ""  # empty, text, image, video, document, location, product
    header: str = ""
    body: str = ""
    footer: str = ""
    offer: str = ""
    buttons: tuple[PreviewButton, ...] = ()
    cards: tuple[Preview, ...] = ()


def preview(shape: Shape, values: Mapping[str, str]) -> Preview:
    """What the customer will see.

    Args:
        values: by place; those that are missing or wrong do no harm.
    """
    if shape.keyed is not None:
        shape, values = keyed.filled_in(shape, values), {}
    return _part(shape, values, "")


def _part(shape: Shape, values: Mapping[str, str], prefix: str) -> Preview:
    return Preview(
        header_kind=shape.header_kind,
        header=_header(shape, values, prefix),
        body=_worded(shape.body, values, prefix + "body."),
        footer=shape.footer,
        offer=" ".join(filter(None, (shape.offer, values.get(prefix + "offer")))),
        buttons=tuple(
            _button(button, values, f"{prefix}button.{number}", one_time=shape.one_time_code)
            for number, button in enumerate(shape.buttons)
        ),
        cards=tuple(
            _part(card, values, f"card.{number}.") for number, card in enumerate(shape.cards)
        ),
    )


def text_of(part: Preview) -> str:
    """The whole message as plain text: what is kept, searched and shown in the conversation."""
    blocks = [part.header, part.offer, part.body, part.footer]
    blocks.append("\n".join(map(_button_line, part.buttons)))
    for number, card in enumerate(part.cards, 1):
        blocks.append(f"{number}/{len(part.cards)}\n{text_of(card)}")
    return "\n\n".join(filter(None, blocks))


def _button_line(button: PreviewButton) -> str:
    return f"[{button.text}] {button.detail}".rstrip()


def _header(shape: Shape, values: Mapping[str, str], prefix: str) -> str:
    if shape.header_kind == "location":
        words = (values.get(f"{prefix}header.{key}") for key in ("name", "address"))
        return ", ".join(filter(None, words))
    return _worded(shape.header, values, prefix + "header.")


def _worded(wording: Wording, values: Mapping[str, str], places: str) -> str:
    return VARIABLE.sub(
        lambda found: shown(values.get(places + found[1]) or found[0]), wording.text
    )


def _button(
    button: Button, values: Mapping[str, str], place: str, *, one_time: bool
) -> PreviewButton:
    value = values.get(place, "")
    if one_time:
        detail = ""  # the address only copies the code
    elif button.kind == "url":
        detail = VARIABLE.sub(lambda found: value or found[0], button.url.text)
    elif button.kind == "copy_code":
        detail = value
    else:
        detail = button.phone
    return PreviewButton(button.kind, button.text, detail)
