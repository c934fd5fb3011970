"""The fields of POST …/Messages.json, kind by kind.

Facts from Twilio's "Message resource" and "Send messages with WhatsApp". Names are exact: Twilio
passes over one that it does not know, so that a file would be lost without an error.
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Outgoing, Rejected
from vchat_tui.channels.payload import plain
from vchat_tui.channels.plain_text import as_text
from vchat_tui.channels.twilio_inbound import CALLBACK_KEY, MAX_MEDIA
from vchat_tui.channels.whatsapp_inbound import is_business_scoped
from vchat_tui.models import Content, MessageError

PREFIX = "whatsapp:"

Fields = list[tuple[str, str]]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends: a number (or a name), or a messaging service that chooses one."""

    address: str | None = None  # +1555…, a sender name, whatsapp:+1555…
    service: str | None = None
    callback_url: str | None = None  # where statuses go; our data is added to it

    @property
    def whatsapp(self) -> bool:
        """Whether it is a sender of WhatsApp."""
        return (self.address or "").startswith(PREFIX)


def build_fields(message: Outgoing, sender: Sender) -> Fields | Rejected:
    """The fields of a message, or why there can be none."""
    to = _recipient(message, whatsapp=sender.whatsapp)
    if to is None:
        return Rejected(
            error=MessageError(code=errors.BAD_ADDRESS), error_class=ErrorClass.RECIPIENT
        )
    fields = [("To", to)]
    if sender.service:
        fields.append(("MessagingServiceSid", sender.service))
    if sender.address and not sender.service:
        fields.append(("From", sender.address))
    if sender.callback_url:
        data = urlencode({CALLBACK_KEY: message.callback_data})
        fields.append(("StatusCallback", f"{sender.callback_url}?{data}"))
    return fields + _content(message.content, whatsapp=sender.whatsapp)


def _recipient(message: Outgoing, *, whatsapp: bool) -> str | None:
    digits = (message.address or "").removeprefix("+")
    if digits.isascii() and digits.isdigit():
        return f"{PREFIX if whatsapp else ''}+{digits}"
    person = message.business_scoped_id
    if whatsapp and person is not None and is_business_scoped(person):
        return f"{PREFIX}{person}"
    return None


def _content(content: Content, *, whatsapp: bool) -> Fields:
    if content.template is not None:
        [values] = content.template.components
        variables = msgspec.json.encode(values["variables"]).decode()
        return [("ContentSid", values["sid"]), ("ContentVariables", variables)]
    text = str(plain(as_text(content)))
    fields = [("Body", text)] if text else []
    if whatsapp and content.location is not None:
        return [*fields, ("PersistentAction", _geo(content))]
    urls = [media.url for media in content.media[: 1 if whatsapp else MAX_MEDIA] if media.url]
    return fields + [("MediaUrl", url) for url in urls]


def _geo(content: Content) -> str:
    place = content.location or {}
    label = str(place.get("name") or place.get("address") or "")
    where = f"geo:{place.get('latitude')},{place.get('longitude')}"
    return f"{where}|{label}" if label else where
