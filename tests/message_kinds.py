"""A message of every kind that WhatsApp takes (provider contracts, section 1.2), as content."""

from __future__ import annotations

from typing import Any

from vchat_tui.models import Content, Media, Reaction, TemplateUse

WAMID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI="


def interactive(kind: str, action: dict[str, Any], **more: Any) -> Content:
    """An interactive message with a body."""
    parts = {"type": kind, "body": {"text": "Please choose"}, "action": action, **more}
    given = {key: value for key, value in parts.items() if value is not None}
    return Content(type="interactive", interactive=given)


def row(number: int) -> dict[str, Any]:
    return {"id": f"row-{number}", "title": f"Row {number}", "description": "More of it"}


def button(number: int) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": f"b{number}", "title": f"Button {number}"}}


def media(**names: Any) -> tuple[Media, ...]:
    return (Media(**(names or {"id": "1037543291543636"})),)


CARD = {
    "name": {"formatted_name": "Ann Smith", "first_name": "Ann"},
    "phones": [{"phone": "+16505551234", "type": "CELL", "wa_id": "16505551234"}],
    "emails": [{"email": "ann@example.com", "type": "WORK"}],
    "addresses": [{"street": "1 Main St", "city": "Springfield", "country_code": "US"}],
    "org": {"company": "Example", "title": "Baker"},
    "urls": [{"url": "https://example.com", "type": "WORK"}],
    "birthday": "1990-12-31",
}

TEMPLATE = TemplateUse(
    name="pedido_en_camino",
    language="es_MX",
    components=(
        {"type": "header", "parameters": [{"type": "image", "image": {"id": "1234"}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Lucía"},
                                        {"type": "text", "text": "48213"}]},
        {"type": "button", "sub_type": "url", "index": "0",
         "parameters": [{"type": "text", "text": "48213"}]},
    ),
)  # fmt: skip

# Values of every kind, for a template that the simulator does not have.
RICH_TEMPLATE = TemplateUse(
    name="everything_2",
    language="en_US",
    components=(
        {"type": "header", "parameters": [{"type": "location", "location": {
            "latitude": 19.4, "longitude": -99.1, "name": "Home", "address": "1 Main St"}}]},
        {"type": "body", "parameters": [
            {"type": "text", "text": "Ann", "parameter_name": "name"},
            {"type": "currency", "parameter_name": "price", "currency": {
                "fallback_value": "12.50 EUR", "code": "EUR", "amount_1000": 12500}},
            {"type": "date_time", "parameter_name": "day",
             "date_time": {"fallback_value": "24 December"}}]},
        {"type": "button", "sub_type": "quick_reply", "index": 0,
         "parameters": [{"type": "payload", "payload": "YES-42"}]},
        {"type": "button", "sub_type": "copy_code", "index": "1",
         "parameters": [{"type": "coupon_code", "coupon_code": "SPRING20"}]},
        {"type": "button", "sub_type": "flow", "index": "2",
         "parameters": [{"type": "action", "action": {"flow_token": "unused"}}]},
        {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer",
         "limited_time_offer": {"expiration_time_ms": 1790000000000}}]},
        {"type": "carousel", "cards": [
            {"card_index": 0, "components": [
                {"type": "header", "parameters": [
                    {"type": "video", "video": {"link": "https://example.com/a.mp4"}}]},
                {"type": "body", "parameters": [{"type": "text", "text": "First"}]}]},
            {"card_index": 1, "components": [
                {"type": "header", "parameters": [
                    {"type": "document", "document": {"id": "77", "filename": "menu.pdf"}}]}]},
        ]},
    ),
)  # fmt: skip

KINDS: dict[str, Content] = {
    "text": Content(type="text", text="Hola, ¿qué tal? https://example.com"),
    "image": Content(type="image", media=media(mime_type="image/png", id="1"), text="A cake"),
    "image by link": Content(type="image", media=media(url="https://example.com/a.png")),
    "video": Content(type="video", media=media(mime_type="video/mp4", id="2"), text="Baking"),
    "audio": Content(type="audio", media=media(mime_type="audio/mpeg", id="3")),
    "voice": Content(
        type="audio", media=media(mime_type="audio/ogg; codecs=opus", id="4", voice=True)
    ),
    "document": Content(
        type="document", media=media(filename="menu.pdf", id="5", size=2_000_000), text="Our menu"
    ),
    "sticker": Content(type="sticker", media=media(mime_type="image/webp", id="6", size=90_000)),
    "location": Content(
        type="location",
        location={"latitude": 0, "longitude": "-99.13", "name": "Here", "address": "1 Main St"},
    ),
    "contacts": Content(type="contacts", contacts=(CARD, {"name": CARD["name"]})),
    "reaction": Content(type="reaction", reaction=Reaction(message_id=WAMID, emoji="👍🏽")),
    "reaction taken away": Content(
        type="reaction", reaction=Reaction(message_id=WAMID, removed=True)
    ),
    "button": interactive(
        "button",
        {"buttons": [button(1), button(2), button(3)]},
        header={"type": "image", "image": {"id": "7"}},
        footer={"text": "Café Aurora"},
    ),
    "list": interactive(
        "list",
        {
            "button": "Choose",
            "sections": [
                {"title": "Cakes", "rows": [row(1), row(2)]},
                {"title": "Bread", "rows": [{"id": "row-3", "title": "Row 3"}]},
            ],
        },
        header={"type": "text", "text": "Today"},
    ),
    "cta_url": interactive(
        "cta_url",
        {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://example.com"}},
        header={
            "type": "document",
            "document": {"link": "https://example.com/m.pdf", "filename": "m"},
        },
    ),
    "product": interactive(
        "product", {"catalog_id": "194836987003835", "product_retailer_id": "SKU-1"}, body=None
    ),
    "product_list": interactive(
        "product_list",
        {
            "catalog_id": "194836987003835",
            "sections": [{"title": "Cakes", "product_items": [{"product_retailer_id": "SKU-1"}]}],
        },
        header={"type": "text", "text": "Our cakes"},
    ),
    "catalog_message": interactive(
        "catalog_message",
        {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "SKU-1"}},
    ),
    "location_request_message": interactive("location_request_message", {"name": "send_location"}),
    "flow": interactive(
        "flow",
        {
            "name": "flow",
            "parameters": {
                "flow_message_version": "3",
                "flow_id": "123456",
                "flow_cta": "Book a table",
                "flow_token": "t-1",
                "flow_action": "navigate",
                "flow_action_payload": {"screen": "FIRST", "data": {"day": "today"}},
            },
        },
    ),
    "carousel": interactive("carousel", {"cards": [{"card_index": 0}, {"card_index": 1}]}),
    "address_message": interactive(
        "address_message", {"name": "address_message", "parameters": {"country": "IN"}}
    ),
    "call_permission_request": interactive(
        "call_permission_request", {"name": "call_permission_request"}
    ),
    "voice_call": interactive(
        "voice_call", {"name": "voice_call", "parameters": {"display_text": "Call us"}}
    ),
    "request_contact_info": interactive("request_contact_info", {"name": "request_contact_info"}),
    "order_details": interactive(
        "order_details", {"name": "review_and_pay", "parameters": {"reference_id": "1"}}
    ),
    "order_status": interactive(
        "order_status", {"name": "review_order", "parameters": {"reference_id": "1"}}
    ),
    "template": Content(type="template", template=TEMPLATE, text="Lucía, tu pedido va en camino."),
}
"""By the name that the contracts give it."""
