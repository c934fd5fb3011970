"""The body of POST /{phone-number-id}/messages, kind by kind.

Facts from Meta's page "Messages" of the WhatsApp Business Platform and its pages for each kind.
What is not allowed in a message is told by `whatsapp_limits`, before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Outgoing, Rejected
from vchat_tui.channels.payload import plain
from vchat_tui.channels.whatsapp_inbound import is_business_scoped
from vchat_tui.models import Content, Media, MessageError

_LINK = re.compile(r"https?://\S", re.IGNORECASE)


def build_body(message: Outgoing) -> dict[str, Any] | Rejected:
    """The JSON of a message, or why there can be none.

    A phone number goes in `to`, always with `+`: without it Meta may put the business's own
    country code in front. A business-scoped id goes in `recipient`: in `to` Meta accepts it and
    never delivers.
    """
    content = message.content
    address = _address(message)
    if address is None:
        return Rejected(
            error=MessageError(code=errors.BAD_ADDRESS), error_class=ErrorClass.RECIPIENT
        )
    if content.media and _file(content.media[0]) is None:
        return Rejected(error=MessageError(code=errors.NO_FILE), error_class=ErrorClass.MEDIA)
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **address,
        "type": content.type,
        content.type: plain(BUILDERS[content.type](content)),
        "biz_opaque_callback_data": message.callback_data,
    }
    if content.reply_to is not None and content.type != "reaction":
        body["context"] = {"message_id": content.reply_to}
    return body


def read_receipt(provider_id: str, typing: bool) -> dict[str, Any]:
    """The JSON that marks a customer's message, and all before it, as read.

    Typing shows up to 25 seconds or until the next message; Meta has no "typing" without "read".
    """
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": provider_id,
    }
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return body


def _address(message: Outgoing) -> dict[str, str] | None:
    """The phone number where we have it, else the business-scoped id."""
    digits = (message.address or "").removeprefix("+")
    if digits.isascii() and digits.isdigit():
        return {"to": f"+{digits}"}
    # Some webhooks carry the business-scoped id in the place of the number.
    for identifier in (message.business_scoped_id, message.address):
        if identifier is not None and is_business_scoped(identifier):
            return {"recipient": identifier}
    return None


def _text(content: Content) -> Any:
    text = content.text or ""
    return {"body": text, "preview_url": _LINK.search(text) is not None}


def _file(media: Media) -> Any:
    """By the provider's id, else by its public link. One of our own files has no link, whatever
    address a customer's webhook once gave for it."""
    if media.id is not None:
        return {"id": media.id}
    return {"link": media.url} if media.url is not None and media.sha256 is None else None


def _given(value: Any) -> Any:
    """Without parts that are null: Meta takes those for wrong ones."""
    if isinstance(value, dict):
        return {key: _given(item) for key, item in value.items() if item is not None}
    return [_given(item) for item in value] if isinstance(value, (list, tuple)) else value


def _picture(content: Content) -> Any:
    """An image or a video."""
    caption = {"caption": content.text} if content.text else {}
    return _file(content.media[0]) | caption


def _audio(content: Content) -> Any:
    voice = {"voice": True} if content.media[0].voice else {}
    return _file(content.media[0]) | voice


def _document(content: Content) -> Any:
    """Its name decides the icon that the customer sees."""
    name = content.media[0].filename
    return _picture(content) | ({"filename": name} if name else {})


def _sticker(content: Content) -> Any:
    return _file(content.media[0])


def _location(content: Content) -> Any:
    place = content.location or {}
    spot: dict[str, Any] = {key: float(place[key]) for key in ("latitude", "longitude")}
    return spot | {key: place[key] for key in ("name", "address") if place.get(key)}


def _contacts(content: Content) -> Any:
    return _given(content.contacts)


def _reaction(content: Content) -> Any:
    """No emoji takes the reaction away."""
    assert content.reaction is not None
    emoji = "" if content.reaction.removed else content.reaction.emoji or ""
    return {"message_id": content.reaction.message_id, "emoji": emoji}


def _interactive(content: Content) -> Any:
    return _given(content.interactive)


def _template(content: Content) -> Any:
    use = content.template
    assert use is not None
    body: dict[str, Any] = {"name": use.name, "language": {"code": use.language}}
    return {**body, "components": _given(use.components)} if use.components else body


BUILDERS: dict[str, Callable[[Content], Any]] = {
    "text": _text,
    "image": _picture,
    "video": _picture,
    "audio": _audio,
    "document": _document,
    "sticker": _sticker,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
}
"""Every kind that can be sent."""
