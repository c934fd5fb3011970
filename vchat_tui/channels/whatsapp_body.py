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
    if content.media and (content.media[0].id or content.media[0].url) is None:
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


def _file(media: Media) -> dict[str, Any]:
    return {"id": media.id} if media.id is not None else {"link": media.url}


def _picture(content: Content) -> Any:
    """An image or a video."""
    caption = {"caption": content.text} if content.text else {}
    return {**_file(content.media[0]), **caption}


def _audio(content: Content) -> Any:
    media = content.media[0]
    return {**_file(media), "voice": True} if media.voice else _file(media)


def _document(content: Content) -> Any:
    """Its name decides the icon that the customer sees."""
    name = content.media[0].filename
    return {**_picture(content), "filename": name} if name else _picture(content)


def _sticker(content: Content) -> Any:
    return _file(content.media[0])


def _location(content: Content) -> Any:
    place = content.location or {}
    wanted = ("latitude", "longitude", "name", "address")
    return {key: place[key] for key in wanted if place.get(key) not in (None, "")}


def _contacts(content: Content) -> Any:
    return list(content.contacts)


def _reaction(content: Content) -> Any:
    """No emoji takes the reaction away."""
    assert content.reaction is not None
    emoji = "" if content.reaction.removed else content.reaction.emoji or ""
    return {"message_id": content.reaction.message_id, "emoji": emoji}


def _interactive(content: Content) -> Any:
    return content.interactive


def _template(content: Content) -> Any:
    use = content.template
    assert use is not None
    body: dict[str, Any] = {"name": use.name, "language": {"code": use.language}}
    return {**body, "components": list(use.components)} if use.components else body


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
