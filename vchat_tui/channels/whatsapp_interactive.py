"""What WhatsApp takes in interactive messages: buttons, lists, products and their kin.

Facts from Meta's pages "Interactive messages", one for each kind. What Meta added lately is passed
on with little looking: those kinds change faster than we do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vchat_tui.channels.checking import (
    check_file,
    distinct,
    link_of,
    list_of,
    object_of,
    one_of,
    only,
    optional_text,
    refuse,
    text_of,
)
from vchat_tui.settings import _

MAX_BODY = 1024
MAX_LIST_BODY = 4096
MAX_HEADER = 60
MAX_FOOTER = 60
MAX_BUTTONS = 3
MAX_BUTTON_ID = 256
MAX_BUTTON_TITLE = 20
MAX_SECTIONS = 10
MAX_SECTION_TITLE = 24
MAX_ROWS = 10  # over all sections
MAX_ROW_ID = 200
MAX_ROW_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MAX_PRODUCTS = 30  # over all sections
MAX_RETAILER_ID = 100
MAX_FLOW_BUTTON = 30
MAX_CARDS = 10

_WHERE = "interactive"
_ACTION = "interactive.action"
_WITHOUT_HEADER = ("product", "location_request_message")
_TEXT_HEADER = ("list", "product_list")
_BODY_MAY_MISS = ("product", "call_permission_request", "request_contact_info")
# The kinds that are passed on, and the name that their action must have.
_PASSED_ON = {
    "address_message": "address_message",
    "call_permission_request": "call_permission_request",
    "order_details": "review_and_pay",
    "order_status": "review_order",
    "request_contact_info": "request_contact_info",
    "voice_call": "voice_call",
}


def check_interactive(content: dict[str, Any]) -> None:
    """Looks through Meta's `interactive` object.

    Raises:
        Wrong: something in it would be refused.
    """
    kind = one_of(content, "type", _WHERE, (*_ACTIONS, *_PASSED_ON))
    only(content, _WHERE, ("type", "header", "body", "footer", "action"))
    _check_header(content, kind)
    if content.get("body") is not None or kind not in _BODY_MAY_MISS:
        body = object_of(content, "body", _WHERE)
        only(body, "interactive.body", ("text",))
        text_of(body, "text", "interactive.body", MAX_LIST_BODY if kind == "list" else MAX_BODY)
    if content.get("footer") is not None:
        if kind == "location_request_message":
            refuse("interactive.footer", _("This kind of message takes no footer."))
        footer = object_of(content, "footer", _WHERE)
        only(footer, "interactive.footer", ("text",))
        text_of(footer, "text", "interactive.footer", MAX_FOOTER)
    action = object_of(content, "action", _WHERE)
    if kind in _PASSED_ON:
        only(action, _ACTION, ("name", "parameters"))
        one_of(action, "name", _ACTION, (_PASSED_ON[kind],))
    else:
        _ACTIONS[kind](action)


def _check_header(content: dict[str, Any], kind: str) -> None:
    if content.get("header") is None:
        if kind == "product_list":
            refuse("interactive.header", _("A list of products needs a header."))
        return
    where = "interactive.header"
    if kind in _WITHOUT_HEADER:
        refuse(where, _("This kind of message takes no header."))
    header = object_of(content, "header", _WHERE)
    forms = ("text",) if kind in _TEXT_HEADER else ("text", "image", "video", "document")
    form = one_of(header, "type", where, forms)
    only(header, where, ("type", form))
    if form == "text":
        text_of(header, "text", where, MAX_HEADER)
        return
    file, place = object_of(header, form, where), f"{where}.{form}"
    name = ("filename",) if form == "document" else ()
    only(file, place, ("id", "link", "sha256", *name))
    check_file(file, place)
    optional_text(file, "filename", place, 240)


def _check_buttons(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("buttons",))
    replies = []
    for where, button in list_of(action, "buttons", _ACTION, 1, MAX_BUTTONS):
        only(button, where, ("type", "reply"))
        one_of(button, "type", where, ("reply",))
        reply = object_of(button, "reply", where)
        only(reply, f"{where}.reply", ("id", "title"))
        text_of(reply, "id", f"{where}.reply", MAX_BUTTON_ID)
        text_of(reply, "title", f"{where}.reply", MAX_BUTTON_TITLE)
        replies.append((f"{where}.reply", reply))
    distinct((f"{where}.title", reply["title"]) for where, reply in replies)
    distinct((f"{where}.id", reply["id"]) for where, reply in replies)


def _check_list(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("button", "sections"))
    text_of(action, "button", _ACTION, MAX_BUTTON_TITLE)
    sections = list_of(action, "sections", _ACTION, 1, MAX_SECTIONS)
    rows = []
    for where, section in sections:
        only(section, where, ("title", "rows"))
        _check_title(section, where, required=len(sections) > 1)
        rows += list_of(section, "rows", where, 1, MAX_ROWS)
    for where, row in rows:
        only(row, where, ("id", "title", "description"))
        text_of(row, "title", where, MAX_ROW_TITLE)
        optional_text(row, "description", where, MAX_ROW_DESCRIPTION)
        text_of(row, "id", where, MAX_ROW_ID)
    if len(rows) > MAX_ROWS:
        refuse(
            f"{_ACTION}.sections",
            _("The list has {number} rows over all its sections; at most {limit} are allowed."),
            number=len(rows),
            limit=MAX_ROWS,
        )
    distinct((f"{where}.id", row["id"]) for where, row in rows)


def _check_title(section: dict[str, Any], where: str, *, required: bool) -> None:
    """A section needs a title where there are several."""
    if required:
        text_of(section, "title", where, MAX_SECTION_TITLE)
    else:
        optional_text(section, "title", where, MAX_SECTION_TITLE)


def _check_link_button(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("name", "parameters"))
    one_of(action, "name", _ACTION, ("cta_url",))
    parameters, where = object_of(action, "parameters", _ACTION), f"{_ACTION}.parameters"
    only(parameters, where, ("display_text", "url"))
    text_of(parameters, "display_text", where, MAX_BUTTON_TITLE)
    link_of(parameters, "url", where, ("https", "http"))


def _check_product(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("catalog_id", "product_retailer_id"))
    text_of(action, "catalog_id", _ACTION, MAX_RETAILER_ID)
    text_of(action, "product_retailer_id", _ACTION, MAX_RETAILER_ID)


def _check_products(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("catalog_id", "sections"))
    text_of(action, "catalog_id", _ACTION, MAX_RETAILER_ID)
    products = []
    for where, section in list_of(action, "sections", _ACTION, 1, MAX_SECTIONS):
        only(section, where, ("title", "product_items"))
        _check_title(section, where, required=True)
        products += list_of(section, "product_items", where, 1, MAX_PRODUCTS)
    for where, product in products:
        only(product, where, ("product_retailer_id",))
        text_of(product, "product_retailer_id", where, MAX_RETAILER_ID)
    if len(products) > MAX_PRODUCTS:
        refuse(
            f"{_ACTION}.sections",
            _("There are {number} products over all sections; at most {limit} are allowed."),
            number=len(products),
            limit=MAX_PRODUCTS,
        )


def _check_catalog(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("name", "parameters"))
    one_of(action, "name", _ACTION, ("catalog_message",))
    if action.get("parameters") is not None:
        parameters, where = object_of(action, "parameters", _ACTION), f"{_ACTION}.parameters"
        only(parameters, where, ("thumbnail_product_retailer_id",))
        text_of(parameters, "thumbnail_product_retailer_id", where, MAX_RETAILER_ID)


def _check_location_request(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("name",))
    one_of(action, "name", _ACTION, ("send_location",))


def _check_flow(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("name", "parameters"))
    one_of(action, "name", _ACTION, ("flow",))
    parameters, where = object_of(action, "parameters", _ACTION), f"{_ACTION}.parameters"
    one_of(parameters, "flow_message_version", where, ("3",))
    names = [key for key in ("flow_id", "flow_name") if parameters.get(key) is not None]
    if len(names) != 1:
        refuse(f"{where}.flow_id", _("A form needs its id or its name, not both."))
    text_of(parameters, names[0], where, 200)
    text_of(parameters, "flow_cta", where, MAX_FLOW_BUTTON)
    optional_text(parameters, "flow_token", where, 1000)
    for key, allowed in (
        ("mode", ("draft", "published")),
        ("flow_action", ("navigate", "data_exchange")),
    ):
        if parameters.get(key) is not None:
            one_of(parameters, key, where, allowed)
    if parameters.get("flow_action_payload") is not None:
        payload = object_of(parameters, "flow_action_payload", where)
        place = f"{where}.flow_action_payload"
        optional_text(payload, "screen", place, 200)
        if payload.get("data") is not None:
            object_of(payload, "data", place)


def _check_carousel(action: dict[str, Any]) -> None:
    only(action, _ACTION, ("cards",))
    list_of(action, "cards", _ACTION, 2, MAX_CARDS)


_ACTIONS: dict[str, Callable[[dict[str, Any]], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link_button,
    "product": _check_product,
    "product_list": _check_products,
    "catalog_message": _check_catalog,
    "location_request_message": _check_location_request,
    "flow": _check_flow,
    "carousel": _check_carousel,
}
