"""The body of POST /{phone-number-id}/messages, checked kind by kind.

Limits: Meta, WhatsApp Cloud API, "Messages" (text, media, location, contacts, reaction).
Interactive messages and templates have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from vchat_tui.simulator.checks.fields import items, obj, one_of, only, text
from vchat_tui.simulator.checks.interactive import check_interactive
from vchat_tui.simulator.checks.media import check_media
from vchat_tui.simulator.checks.template import check_template
from vchat_tui.simulator.customers import is_user_id
from vchat_tui.simulator.errors import GraphError

KINDS = (
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction",
    "interactive", "template",
)  # fmt: skip
_COMMON = frozenset(
    ("messaging_product", "recipient_type", "to", "recipient", "type", "context",
     "biz_opaque_callback_data", "recipient_identity_key_hash")
)  # fmt: skip


_CARD = frozenset(("name", "phones", "emails", "addresses", "org", "urls", "birthday"))


def check_message(body: dict[str, Any]) -> str:
    """Check a message and tell its kind.

    Raises:
        GraphError: 100, 131008, 131009, 131051 or one of the 132xxx codes.
    """
    _product(body)
    kind = body.get("type", "text")
    if kind not in KINDS:
        raise GraphError(131051, f"Message type {kind!r} is not supported")
    only(body, "message", _COMMON | {kind})
    _recipient(body)
    context = body.get("context")
    if context is not None:
        if kind == "reaction":
            raise GraphError(131009, "context is not allowed for reaction messages")
        text(obj(body, "context"), "message_id", "context.", most=512)
    text(body, "biz_opaque_callback_data", "", most=512, required=False)
    if kind == "contacts":
        _contacts(body)
    else:
        _CHECKS[kind](obj(body, kind))
    return str(kind)


def check_read_receipt(body: dict[str, Any]) -> str:
    """Check a read receipt, with or without a typing sign, and give the id it is about.

    Raises:
        GraphError: 100, 131008 or 131009.
    """
    _product(body)
    only(
        body,
        "message",
        frozenset(("messaging_product", "status", "message_id", "typing_indicator")),
    )
    one_of(body, "status", "", ("read",))
    if body.get("typing_indicator") is not None:
        one_of(obj(body, "typing_indicator"), "type", "typing_indicator.", ("text",))
    message_id = text(body, "message_id", "", most=512)
    if message_id is None or not message_id.startswith("wamid."):
        raise GraphError(131009, "message_id is not a valid WhatsApp message id")
    return message_id


def _product(body: dict[str, Any]) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'.")


def _recipient(body: dict[str, Any]) -> None:
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise GraphError(131009, "recipient_type must be individual or group")
    if body.get("to") is not None:
        to = text(body, "to", "", most=160) or ""
        if not is_user_id(to) and not re.fullmatch(r"\+?[0-9][0-9 ()-]{4,25}", to):
            raise GraphError(131009, "to is not a valid WhatsApp phone number")
    elif body.get("recipient") is not None:
        user_id = text(body, "recipient", "", most=160) or ""
        if not is_user_id(user_id):
            raise GraphError(131009, "recipient is not a valid business-scoped user id")
    else:
        raise GraphError(100, "The parameter to is required.")


def _text(content: dict[str, Any]) -> None:
    only(content, "text.", frozenset(("body", "preview_url")))
    text(content, "body", "text.", most=4096)
    if not isinstance(content.get("preview_url", False), bool):
        raise GraphError(131009, "text.preview_url must be true or false")


def _location(content: dict[str, Any]) -> None:
    only(content, "location.", frozenset(("latitude", "longitude", "name", "address")))
    for key, most in (("latitude", 90.0), ("longitude", 180.0)):
        value = content.get(key)
        if value is None:
            raise GraphError(131008, f"The parameter location.{key} is required.")
        try:
            degrees = float(value)
        except (TypeError, ValueError, OverflowError):
            raise GraphError(131009, f"location.{key} must be a number") from None
        if not -most <= degrees <= most:
            raise GraphError(131009, f"location.{key} must be between -{most:g} and {most:g}")


def _contacts(body: dict[str, Any]) -> None:
    for card in items(body, "contacts", "", most=257):
        only(card, "contacts.", _CARD)
        name = obj(card, "name", "contacts.")
        text(name, "formatted_name", "contacts.name.", most=1024)
        parts = ("first_name", "last_name", "middle_name", "prefix", "suffix")
        if not any(name.get(part) for part in parts):
            raise GraphError(131008, f"contacts.name needs one of {', '.join(parts)}")
        birthday = text(card, "birthday", "contacts.", most=10, required=False)
        if birthday is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", birthday):
            raise GraphError(131009, "contacts.birthday must be YYYY-MM-DD")


def _reaction(content: dict[str, Any]) -> None:
    only(content, "reaction.", frozenset(("message_id", "emoji")))
    text(content, "message_id", "reaction.", most=512)
    if not isinstance(content.get("emoji"), str):
        raise GraphError(131008, "The parameter reaction.emoji is required; empty removes it.")


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "text": _text,
    "location": _location,
    "reaction": _reaction,
    "interactive": check_interactive,
    "template": check_template,
    **{
        kind: partial(check_media, kind=kind)
        for kind in ("image", "video", "audio", "document", "sticker")
    },
}
