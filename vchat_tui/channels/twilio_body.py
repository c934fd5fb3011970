"""The fields of POST …/Messages.json.

Facts from Twilio's "Message resource". Names are exact: Twilio passes over one that it does not know,
without an error.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec

from vchat_tui import file_links
from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Outgoing, Rejected
from vchat_tui.channels.mms import carries_files, with_links
from vchat_tui.channels.payload import plain
from vchat_tui.channels.plain_text import as_text
from vchat_tui.channels.twilio_inbound import CALLBACK_KEY
from vchat_tui.channels.whatsapp_inbound import is_business_scoped
from vchat_tui.models import Content, MessageError, TemplateUse

Fields = list[tuple[str, str]]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends: a number (or a name), or a messaging service that chooses one."""

    address: str | None = None
    service: str | None = None
    prefix: str = ""  # of every recipient: `whatsapp:`
    callback_url: str | None = None  # where statuses go; our data is added to it
    public_url: str | None = None  # where Twilio fetches files


def build_fields(message: Outgoing, sender: Sender) -> Fields | Rejected:
    """The fields of a message, or why there can be none."""
    to = _recipient(message, sender.prefix)
    if to is None:
        return Rejected(
            error=MessageError(code=errors.BAD_ADDRESS), error_class=ErrorClass.RECIPIENT
        )
    said = _content(message.content, sender, to)
    if isinstance(said, Rejected):
        return said
    fields = [("To", to), *said]
    if sender.service:
        fields.append(("MessagingServiceSid", sender.service))
    elif sender.address:
        fields.append(("From", sender.address))
    if sender.callback_url:
        data = urlencode({CALLBACK_KEY: message.callback_data})
        fields.append(("StatusCallback", f"{sender.callback_url}?{data}"))
    return fields


def _content(content: Content, sender: Sender, to: str) -> Fields | Rejected:
    """What a message says: text and files, or a template by its id, which takes neither."""
    if content.template is not None:
        return _template(content.template)
    addresses = file_addresses(content, sender)
    if isinstance(addresses, Rejected):
        return addresses
    text = as_text(content)
    if not sender.prefix and not carries_files(sender.address, to):
        text, addresses = with_links(text, addresses), []
    fields = [("Body", str(plain(text)))] if text or not addresses else []
    fields += [("MediaUrl", address) for address in addresses]
    if sender.prefix and content.location is not None:
        fields.append(("PersistentAction", _place(content.location)))
    return fields


def _template(use: TemplateUse) -> Fields:
    """Twilio, "Send templates created with the Content API"."""
    fields = [("ContentSid", use.provider_id or "")]
    if use.variables:
        values = msgspec.json.encode(plain(use.variables)).decode()
        fields.append(("ContentVariables", values))
    return fields


def file_addresses(content: Content, sender: Sender) -> list[str] | Rejected:
    """Where Twilio fetches the files of a message; without a public URL it can fetch none."""
    if content.media and not sender.public_url:
        error = MessageError(code=errors.NO_PUBLIC_URL)
        return Rejected(error=error, error_class=ErrorClass.CONFIG)
    return [file_links.address(sender.public_url or "", file) for file in content.media]


def _recipient(message: Outgoing, prefix: str) -> str | None:
    """`+1…`, `whatsapp:+1…`, or `whatsapp:US.…` where WhatsApp hides the number."""
    digits = (message.address or "").removeprefix("+")
    if digits.isascii() and digits.isdigit():
        return f"{prefix}+{digits}"
    person = message.business_scoped_id
    return f"{prefix}{person}" if prefix and person and is_business_scoped(person) else None


def _place(location: dict[str, Any]) -> str:
    """`geo:latitude,longitude|name`, as Twilio's "Location messages with WhatsApp" has it."""
    spot = f"geo:{location.get('latitude')},{location.get('longitude')}"
    name = location.get("name")
    return f"{spot}|{plain(name)}" if isinstance(name, str) and name else spot
