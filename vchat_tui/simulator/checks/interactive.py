"""Interactive messages: reply buttons, lists, link buttons, products, forms, carousels.

Limits: Meta, WhatsApp Cloud API, "Interactive messages".
"""

from __future__ import annotations

from typing import Any

from vchat_tui.simulator.checks.fields import distinct, items, obj, one_of, text
from vchat_tui.simulator.checks.media import check_media
from vchat_tui.simulator.errors import GraphError

# Kinds whose parameters are not looked at, and the name that their action must have.
_BY_NAME = {
    "address_message": "address_message",
    "call_permission_request": "call_permission_request",
    "order_details": "review_and_pay",
    "order_status": "review_order",
    "request_contact_info": "request_contact_info",
    "voice_call": "voice_call",
}
_BODY_MAY_MISS = ("product", "call_permission_request", "request_contact_info")
_WITHOUT_HEADER = ("product", "location_request_message")
_TEXT_HEADER_ONLY = ("list", "product_list")
_PRODUCTS_IN_TOTAL = 30
_ROWS_IN_TOTAL = 10


def check_interactive(content: dict[str, Any]) -> None:
    """Check an interactive message.

    Raises:
        GraphError: 100, 131008 or 131009.
    """
    kind = one_of(content, "type", "interactive.", (*_ACTIONS, *_BY_NAME))
    if kind not in _BODY_MAY_MISS or content.get("body") is not None:
        body = obj(content, "body", "interactive.")
        text(body, "text", "interactive.body.", most=4096 if kind == "list" else 1024)
    if content.get("footer") is not None:
        if kind == "location_request_message":
            raise GraphError(131009, f"interactive.footer is not allowed for {kind}")
        text(obj(content, "footer", "interactive."), "text", "interactive.footer.", most=60)
    _header(content, kind)
    action = obj(content, "action", "interactive.")
    if kind in _BY_NAME:
        one_of(action, "name", "interactive.action.", (_BY_NAME[kind],))
    else:
        _ACTIONS[kind](action)


def _header(content: dict[str, Any], kind: str) -> None:
    if content.get("header") is None:
        if kind == "product_list":
            raise GraphError(131008, "The parameter interactive.header is required.")
        return
    if kind in _WITHOUT_HEADER:
        raise GraphError(131009, f"interactive.header is not allowed for {kind}")
    header = obj(content, "header", "interactive.")
    media = () if kind in _TEXT_HEADER_ONLY else ("image", "video", "document")
    form = one_of(header, "type", "interactive.header.", ("text", *media))
    if form == "text":
        text(header, "text", "interactive.header.", most=60)
    else:
        check_media(obj(header, form, "interactive.header."), form, "interactive.header.")


def _buttons(action: dict[str, Any]) -> None:
    where = "interactive.action.buttons."
    replies = []
    for button in items(action, "buttons", "interactive.action.", most=3):
        one_of(button, "type", where, ("reply",))
        reply = obj(button, "reply", where)
        text(reply, "id", where + "reply.", most=256)
        text(reply, "title", where + "reply.", most=20)
        replies.append(reply)
    distinct([reply["id"] for reply in replies], where + "reply.id")
    distinct([reply["title"] for reply in replies], where + "reply.title")


def _list(action: dict[str, Any]) -> None:
    where = "interactive.action.sections."
    text(action, "button", "interactive.action.", most=20)
    sections = items(action, "sections", "interactive.action.", most=10)
    rows = []
    for section in sections:
        text(section, "title", where, most=24, required=len(sections) > 1)
        rows += items(section, "rows", where, most=_ROWS_IN_TOTAL)
    if len(rows) > _ROWS_IN_TOTAL:
        raise GraphError(131009, f"{where}rows: at most {_ROWS_IN_TOTAL} over all sections")
    for row in rows:
        text(row, "id", where + "rows.", most=200)
        text(row, "title", where + "rows.", most=24)
        text(row, "description", where + "rows.", most=72, required=False)
    distinct([row["id"] for row in rows], where + "rows.id")


def _link_button(action: dict[str, Any]) -> None:
    one_of(action, "name", "interactive.action.", ("cta_url",))
    parameters = obj(action, "parameters", "interactive.action.")
    text(parameters, "display_text", "interactive.action.parameters.", most=20)
    url = text(parameters, "url", "interactive.action.parameters.", most=2000) or ""
    if not url.startswith(("https://", "http://")):
        raise GraphError(131009, "interactive.action.parameters.url is not a valid URL")


def _product(action: dict[str, Any]) -> None:
    text(action, "catalog_id", "interactive.action.", most=64)
    text(action, "product_retailer_id", "interactive.action.", most=100)


def _products(action: dict[str, Any]) -> None:
    where = "interactive.action.sections."
    text(action, "catalog_id", "interactive.action.", most=64)
    sections = items(action, "sections", "interactive.action.", most=10)
    products = []
    for section in sections:
        text(section, "title", where, most=24)
        products += items(section, "product_items", where, most=_PRODUCTS_IN_TOTAL)
    if len(products) > _PRODUCTS_IN_TOTAL:
        raise GraphError(131009, f"{where}product_items: at most {_PRODUCTS_IN_TOTAL} in total")
    for product in products:
        text(product, "product_retailer_id", where + "product_items.", most=100)


def _catalog(action: dict[str, Any]) -> None:
    one_of(action, "name", "interactive.action.", ("catalog_message",))


def _location_request(action: dict[str, Any]) -> None:
    one_of(action, "name", "interactive.action.", ("send_location",))


def _flow(action: dict[str, Any]) -> None:
    where = "interactive.action.parameters."
    one_of(action, "name", "interactive.action.", ("flow",))
    parameters = obj(action, "parameters", "interactive.action.")
    one_of(parameters, "flow_message_version", where, ("3",))
    if (parameters.get("flow_id") is None) == (parameters.get("flow_name") is None):
        raise GraphError(131009, f"{where}flow_id or {where}flow_name is required, and not both")
    text(parameters, "flow_cta", where, most=30)


def _carousel(action: dict[str, Any]) -> None:
    items(action, "cards", "interactive.action.", least=2, most=10)


_ACTIONS = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link_button,
    "product": _product,
    "product_list": _products,
    "catalog_message": _catalog,
    "location_request_message": _location_request,
    "flow": _flow,
    "carousel": _carousel,
}
