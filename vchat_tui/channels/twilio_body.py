"""The fields of POST …/Messages.json.

Facts from Twilio's "Message resource". Names are exact: Twilio passes over one that it does not know,
without an error.
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Outgoing, Rejected
from vchat_tui.channels.payload import plain
from vchat_tui.channels.plain_text import as_text
from vchat_tui.channels.twilio_inbound import CALLBACK_KEY
from vchat_tui.models import MessageError

Fields = list[tuple[str, str]]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends: a number (or a name), or a messaging service that chooses one."""

    address: str | None = None
    service: str | None = None
    callback_url: str | None = None  # where statuses go; our data is added to it


def build_fields(message: Outgoing, sender: Sender) -> Fields | Rejected:
    """The fields of a message, or why there can be none."""
    digits = (message.address or "").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return Rejected(
            error=MessageError(code=errors.BAD_ADDRESS), error_class=ErrorClass.RECIPIENT
        )
    fields = [("To", f"+{digits}"), ("Body", str(plain(as_text(message.content))))]
    if sender.service:
        fields.append(("MessagingServiceSid", sender.service))
    elif sender.address:
        fields.append(("From", sender.address))
    if sender.callback_url:
        data = urlencode({CALLBACK_KEY: message.callback_data})
        fields.append(("StatusCallback", f"{sender.callback_url}?{data}"))
    return fields
