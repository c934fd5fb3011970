"""What a customer can send, as the part of a webhook that Meta puts under `messages`."""

from __future__ import annotations

from typing import Any

import msgspec

from vchat_tui.simulator import samples
from vchat_tui.simulator.account import CATALOG_ID


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a customer sends: its type, and the object under that type.

    `extra`: further keys of the message, for kinds that have no object of their own. `file`: what
    can be fetched; it gets its id when it is sent.
    """

    type: str
    content: Any = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    file: bytes | None = None

    def keys(self) -> dict[str, Any]:
        """The keys that it adds to a message."""
        content = {} if self.content is None else {self.type: self.content}
        return {"type": self.type, **content, **self.extra}


def text(body: str) -> Said:
    """Plain words."""
    return Said(type="text", content={"body": body})


def image(name: str, caption: str | None = None) -> Said:
    """A picture. `name` tells one from another: its colours come from it."""
    return file("image", samples.picture(name), "image/png", caption=caption)


def voice(name: str) -> Said:
    """A voice note; it lasts as many seconds as its name has letters."""
    return file("audio", samples.voice(len(name)), "audio/ogg; codecs=opus", voice=True)


def sticker() -> Said:
    """A sticker."""
    return file("sticker", samples.sticker(), "image/webp", animated=False)


def document(filename: str, caption: str | None = None) -> Said:
    """A PDF."""
    return file(
        "document",
        samples.pdf(filename),
        "application/pdf",
        caption=caption,
        filename=filename,
    )


def file(kind: str, data: bytes, mime_type: str, **keys: Any) -> Said:
    """Any file, with what Meta would say of it, true or not.

    Args:
        kind: image, video, audio, document or sticker.
        keys: caption, filename, voice, animated.
    """
    said = {"mime_type": mime_type, **keys}
    content = {key: value for key, value in said.items() if value is not None}
    return Said(type=kind, content=content, file=data)


def location(latitude: float, longitude: float, name: str, address: str) -> Said:
    """A place, in degrees."""
    place = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
    return Said(type="location", content=place)


def contact_card(name: str, phone: str) -> Said:
    """Somebody's card."""
    first = name.split(maxsplit=1)[0]
    card = {
        "name": {"formatted_name": name, "first_name": first},
        "phones": [{"phone": phone, "wa_id": phone.lstrip("+"), "type": "CELL"}],
    }
    return Said(type="contacts", content=[card])


def order(*products: tuple[str, int, float], note: str) -> Said:
    """An order from the catalogue: product id, quantity, price in dollars."""
    lines = [
        {"product_retailer_id": p, "quantity": q, "item_price": price, "currency": "USD"}
        for p, q, price in products
    ]
    return Said(
        type="order", content={"catalog_id": CATALOG_ID, "text": note, "product_items": lines}
    )


def reaction(message_id: str, emoji: str) -> Said:
    """An emoji on a message; "" takes it away (Meta then leaves `emoji` out)."""
    content = {"message_id": message_id}
    if emoji:
        content["emoji"] = emoji
    return Said(type="reaction", content=content)


def revoke(message_id: str) -> Said:
    """A message of theirs that they delete."""
    return Said(type="revoke", content={"original_message_id": message_id})


def reply_button(button_id: str, title: str) -> Said:
    """A tap on a reply button of an interactive message."""
    reply = {"id": button_id, "title": title}
    return Said(type="interactive", content={"type": "button_reply", "button_reply": reply})


def list_row(row_id: str, title: str) -> Said:
    """A choice from a list."""
    reply = {"id": row_id, "title": title}
    return Said(type="interactive", content={"type": "list_reply", "list_reply": reply})


def template_button(label: str, payload: str) -> Said:
    """A tap on a quick reply of a template."""
    return Said(type="button", content={"payload": payload, "text": label})


def poll() -> Said:
    """A poll: one of the kinds that Meta does not pass on."""
    error = {
        "code": 131051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."},
    }
    return Said(type="unsupported", content={"type": "poll"}, extra={"errors": [error]})
