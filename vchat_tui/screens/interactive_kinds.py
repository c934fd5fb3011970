"""The kinds of WhatsApp's interactive messages that have a form: what each asks, as one table.

Facts from Meta's page "Interactive messages" of the WhatsApp Business Platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from vchat_tui import interactive
from vchat_tui.settings import Field, _


@dataclass(frozen=True)
class Kind:
    """A kind of interactive message.

    Attributes:
        label, help: message ids, for the menu.
        fields: what is asked.
        build: makes Meta's object of it.
        rows: which row shows a problem, by the beginning of its path inside the object.
    """

    label: str
    help: str
    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, str]], dict[str, Any]]
    rows: tuple[tuple[str, str], ...]

    def row_of(self, path: str) -> str | None:
        """The row for a problem at a path, such as `interactive.action.buttons.0.reply.title`."""
        inside = path.removeprefix("interactive.")
        for beginning, key in (*self.rows, *_FRAME):
            if not beginning or inside == beginning or inside.startswith(beginning + "."):
                return key
        return None


_FRAME = (("header", "header"), ("body", "body"), ("footer", "footer"))

_HEADER = Field(key="header", label=_("Header"), help=_("Up to 60 characters, in bold"))
_BODY = Field(
    key="body", label=_("Text"), help=_("What the customer reads"), kind="lines",
    required=True,
)  # fmt: skip
_FOOTER = Field(key="footer", label=_("Footer"), help=_("Up to 60 characters, in grey"))
_CATALOG = Field(
    key="catalog_id", label=_("Catalogue ID"), required=True,
    help=_("Meta › Commerce Manager › Catalogue › Settings"),
)  # fmt: skip
_PRODUCT_HELP = _("The product's content ID in the catalogue, as the shop calls it")


def _optional(field: Field) -> Field:
    return msgspec.structs.replace(field, required=False)


def _buttons() -> tuple[Field, ...]:
    labels = (_("Button 1"), _("Button 2"), _("Button 3"))
    return tuple(
        Field(
            key=f"button_{number}", label=label, help=_("Up to 20 characters"),
            required=number == 1,
        )
        for number, label in enumerate(labels, start=1)
    )  # fmt: skip


KINDS: dict[str, Kind] = {
    "button": Kind(
        _("Reply buttons"), _("A question with up to three answers to tap"),
        (_BODY, *_buttons(), _HEADER, _FOOTER), interactive.reply_buttons,
        (("action.buttons.1", "button_2"), ("action.buttons.2", "button_3"),
         ("action", "button_1")),
    ),
    "list": Kind(
        _("List"), _("Up to ten choices behind one button"),
        (_BODY,
         Field(key="button", label=_("Button"), required=True,
               help=_("Opens the list; up to 20 characters")),
         Field(key="rows", label=_("Choices"), kind="lines", required=True,
               help=_("One a line: “Title | description”. A line with # names a section")),
         _HEADER, _FOOTER),
        interactive.choice_list,
        (("action.button", "button"), ("action", "rows")),
    ),
    "cta_url": Kind(
        _("Link button"), _("A button that opens a web page"),
        (_BODY,
         Field(key="display_text", label=_("Button"), help=_("Up to 20 characters"),
               required=True),
         Field(key="url", label=_("Address"), help=_("For example https://example.com"),
               required=True),
         _HEADER, _FOOTER),
        interactive.link_button,
        (("action.parameters.url", "url"), ("action", "display_text")),
    ),
    "product": Kind(
        _("One product"), _("A product of the catalogue, to look at and order"),
        (_CATALOG,
         Field(key="product_id", label=_("Product ID"), help=_PRODUCT_HELP, required=True),
         _optional(_BODY), _FOOTER),
        interactive.single_product,
        (("action.catalog_id", "catalog_id"), ("action", "product_id")),
    ),
    "product_list": Kind(
        _("Several products"), _("Up to 30 products in sections"),
        (msgspec.structs.replace(_HEADER, required=True), _BODY, _CATALOG,
         Field(key="products", label=_("Product IDs"), kind="lines", required=True,
               help=_("One a line. A line with # names a section")),
         _FOOTER),
        interactive.product_list,
        (("action.catalog_id", "catalog_id"), ("action", "products")),
    ),
    "catalog_message": Kind(
        _("Catalogue"), _("The way to the whole catalogue"),
        (_BODY,
         Field(key="product_id", label=_("Product to show"), help=_PRODUCT_HELP), _FOOTER),
        interactive.catalogue, (("action", "product_id"),),
    ),
    "location_request": Kind(
        _("Ask for the location"), _("The customer sends where they are with one tap"),
        (_BODY,), interactive.location_request, (("action", "body"),),
    ),
    "flow": Kind(
        _("Form of Meta (flow)"), _("A form that was made in the WhatsApp Manager"),
        (_BODY,
         Field(key="flow", label=_("Flow"), help=_("Its ID, or its name"),
               required=True),
         Field(key="flow_cta", label=_("Button"), help=_("Up to 20 characters"),
               required=True),
         Field(key="flow_token", label=_("Token"),
               help=_("Comes back with the answers; may stay empty")),
         Field(key="screen", label=_("First screen"),
               help=_("Its name in the flow; may stay empty")),
         Field(key="data", label=_("Data of the screen"), kind="lines",
               help=_("A JSON object; may stay empty")),
         _HEADER, _FOOTER),
        interactive.flow,
        (("action.parameters.flow_cta", "flow_cta"),
         ("action.parameters.flow_token", "flow_token"),
         ("action.parameters.flow_action_payload", "screen"), ("action", "flow")),
    ),
    "json": Kind(
        _("Other interactive message (JSON)"),
        _("Carousel, address, contact, order to pay: Meta's object as it is"),
        (Field(key="json", label=_("The “interactive” object"), kind="lines", required=True,
               help=_("Meta › Cloud API › Interactive messages has an example of each")),),
        interactive.any_kind, (("", "json"),),
    ),
}  # fmt: skip
