"""What a WhatsApp message says: one reader per kind of message.

Facts from Meta's webhook reference, "messages" (developers.facebook.com, WhatsApp Business
Platform, Webhooks). A reader answers the fields of `models.Content`, or None where the message is
not what its type promises; then the provider's own object is kept in `raw` and shown as such.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vchat_tui.channels.payload import (
    Unreadable,
    decode,
    flag_at,
    number_at,
    object_at,
    plain,
    text_at,
)
from vchat_tui.models import Media, MessageError, Reaction, Reply

Fields = dict[str, Any]
Reader = Callable[[dict[str, Any]], Fields | None]

# Changes of the customer's own data that come as a `system` message.
MOVES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
_KNOWN_SYSTEM = MOVES | {"customer_identity_changed", "user_identity_changed"}


def read_content(message: dict[str, Any]) -> Fields:
    """The fields of `models.Content` for a message of any kind.

    Args:
        message: an element of `messages` or `message_echoes`.
    """
    kind = text_at(message, "type") or "unknown"
    reader = READERS.get(kind)
    fields = reader(message) if reader else None
    if fields is None:
        fields = {"raw": plain(message)}
    fields.setdefault("type", kind)
    if "context" in message:
        _add_context(fields, object_at(message, "context"))
    if "referral" in message:
        fields["referral"] = {**plain(object_at(message, "referral")), **fields.get("referral", {})}
    if "errors" in message:
        fields["error"] = first_error(message["errors"])
    return fields


def first_error(errors: Any) -> MessageError | None:
    """The first of Meta's `errors`, from a webhook; None where there is none."""
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return None
    return read_error(errors[0])


def read_error(error: dict[str, Any]) -> MessageError:
    """One of Meta's error objects from a webhook. `title` and `message` mostly say the same."""
    return MessageError(
        code=text_at(error, "code") or "unknown",
        title=text_at(error, "title") or text_at(error, "message"),
        details=text_at(object_at(error, "error_data"), "details"),
    )


def _add_context(fields: Fields, context: dict[str, Any]) -> None:
    """What the message refers to: a message of the thread, or a product of the catalogue.

    A forwarded message has a context without an id.
    """
    if "reply_to" not in fields:
        fields["reply_to"] = text_at(context, "id")
    product = context.get("referred_product")
    if isinstance(product, dict):
        fields["referral"] = {"referred_product": plain(product)}


def _text(message: dict[str, Any]) -> Fields | None:
    body = object_at(message, "text").get("body")
    return {"text": body} if isinstance(body, str) else None


def _media(kind: str) -> Reader:
    """A reader of the file in `message[kind]`."""

    def read(message: dict[str, Any]) -> Fields | None:
        file = object_at(message, kind)
        media = Media(
            id=text_at(file, "id"),
            mime_type=text_at(file, "mime_type"),
            filename=text_at(file, "filename"),
            size=_size(file),
            sha256=text_at(file, "sha256"),
            url=text_at(file, "url"),
            voice=flag_at(file, "voice"),
            animated=flag_at(file, "animated"),
        )
        if media.id is None and media.url is None:
            return None
        return {"text": text_at(file, "caption"), "media": (media,)}

    return read


def _size(file: dict[str, Any]) -> int | None:
    size = number_at(file, "file_size")
    return int(size) if size is not None and size >= 0 else None


def _voice(message: dict[str, Any]) -> Fields | None:
    """The old name for a recorded voice note; today it is `audio` with `voice` true."""
    file = {**object_at(message, "voice"), "voice": True}
    fields = _media("voice")({"voice": file})
    return fields and {**fields, "type": "audio"}


def _location(message: dict[str, Any]) -> Fields | None:
    place = object_at(message, "location")
    latitude, longitude = number_at(place, "latitude"), number_at(place, "longitude")
    if latitude is None or longitude is None:
        return None
    location: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    for key in ("name", "address", "url"):
        if (value := text_at(place, key)) is not None:
            location[key] = value
    return {"location": location}


def _contacts(message: dict[str, Any]) -> Fields | None:
    cards = message.get("contacts")
    if not isinstance(cards, list) or not cards:
        return None
    if not all(isinstance(card, dict) for card in cards):
        return None
    return {"contacts": tuple(plain(card) for card in cards)}


def _button(message: dict[str, Any]) -> Fields | None:
    """A quick reply of a template; old API versions send no payload."""
    button = object_at(message, "button")
    title, payload = text_at(button, "text"), text_at(button, "payload")
    if title is None and payload is None:
        return None
    return {"text": title, "reply": Reply(title=title, payload=payload)}


def _interactive(message: dict[str, Any]) -> Fields | None:
    interactive = object_at(message, "interactive")
    kind = text_at(interactive, "type")
    if kind in ("button_reply", "list_reply"):
        chosen = object_at(interactive, kind)
        reply = Reply(id=text_at(chosen, "id"), title=text_at(chosen, "title"))
        return {"text": reply.title, "reply": reply} if chosen else None
    if kind == "nfm_reply":
        return _form(message, object_at(interactive, "nfm_reply"))
    return None


def _form(message: dict[str, Any], answer: dict[str, Any]) -> Fields | None:
    """The answers of a flow: JSON inside a text, which is not always an object."""
    text = text_at(answer, "body")
    response = answer.get("response_json")
    if isinstance(response, str):
        try:
            response = decode(response.encode())
        except Unreadable:
            response = None
    if isinstance(response, dict):
        return {"text": text, "form": plain(response)}
    return {"text": text, "raw": plain(message)}


def _order(message: dict[str, Any]) -> Fields | None:
    order = object_at(message, "order")
    return {"text": text_at(order, "text"), "order": plain(order)} if order else None


def _reaction(message: dict[str, Any]) -> Fields | None:
    """An emoji on a message; no emoji means that it was taken away."""
    reaction = object_at(message, "reaction")
    target, emoji = text_at(reaction, "message_id"), text_at(reaction, "emoji")
    if target is None:
        return None
    if emoji is None:
        return {"reaction": Reaction(message_id=target, removed=True)}
    return {"reaction": Reaction(message_id=target, emoji=emoji)}


def _system(message: dict[str, Any]) -> Fields | None:
    system = object_at(message, "system")
    text = text_at(system, "body")
    if system.get("type") in _KNOWN_SYSTEM:
        return {"text": text}
    return {"text": text, "raw": plain(message)} if system else None


def _edit(message: dict[str, Any]) -> Fields | None:
    """The customer changed a text or caption; the new message is inside, whole."""
    edit = object_at(message, "edit")
    original, new = text_at(edit, "original_message_id"), object_at(edit, "message")
    if original is None or not new or text_at(new, "type") in ("edit", "revoke"):
        return None
    inner = read_content(new)
    fields: Fields = {"reply_to": original, "text": inner.get("text")}
    if "media" in inner:
        fields["media"] = inner["media"]
    if "raw" in inner:
        fields["raw"] = plain(message)
    return fields


def _revoke(message: dict[str, Any]) -> Fields | None:
    original = text_at(object_at(message, "revoke"), "original_message_id")
    return {"reply_to": original} if original else None


def _nothing(message: dict[str, Any]) -> Fields | None:
    """The customer opened the chat for the first time; there is nothing to read."""
    return {}


READERS: dict[str, Reader] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "audio": _media("audio"),
    "voice": _voice,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "reaction": _reaction,
    "system": _system,
    "edit": _edit,
    "revoke": _revoke,
    "request_welcome": _nothing,
}
"""Kinds that we understand. All others, `unsupported` among them, are kept raw."""
