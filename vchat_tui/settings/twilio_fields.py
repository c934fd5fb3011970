"""The settings of inboxes at Twilio."""

from __future__ import annotations

import re

from vchat_tui.settings.field import Field, _
from vchat_tui.settings.inbox_fields import DEFAULT_OUTBOUND, INBOX_FIELDS

_TWILIO_ACCOUNT = Field(
    key="account_sid",
    label=_("Account SID"),
    help=_("Twilio Console › Account Info; begins with AC"),
    kind="pattern",
    pattern=r"AC[0-9a-fA-F]{32}",
    example="AC0123456789abcdef0123456789abcdef",
    required=True,
)
_TWILIO_TOKEN = Field(
    key="auth_token",
    label=_("Auth token"),
    help=_("Twilio Console › Account Info; proves that webhooks come from Twilio, too"),
    kind="secret",
    required=True,
)
_TWILIO_API = (
    Field(
        key="messaging_service_sid",
        label=_("Messaging service SID"),
        help=_("Optional: a service that chooses among several numbers; begins with MG"),
        kind="pattern",
        pattern=r"MG[0-9a-fA-F]{32}",
        example="MG0123456789abcdef0123456789abcdef",
    ),
    Field(
        key="api_key_sid",
        label=_("API key SID"),
        help=_("Optional: sends with an API key in place of the auth token; begins with SK"),
        kind="pattern",
        pattern=r"SK[0-9a-fA-F]{32}",
        example="SK0123456789abcdef0123456789abcdef",
    ),
    Field(
        key="api_key_secret",
        label=_("API key secret"),
        help=_("The secret of that key"),
        kind="secret",
    ),
    Field(
        key="status_callbacks",
        label=_("Status callbacks"),
        help=_("Twilio tells what became of each message; needs the public URL"),
        kind="bool",
        default=True,
    ),
    Field(
        key="api_base_url",
        label=_("API base URL"),
        help=_("Change it only for tests or a proxy"),
        kind="url",
        default="https://api.twilio.com",
    ),
)

# An alphanumeric sender id (Twilio: up to 11 characters, one of them a letter).
_SENDER_NAME = r"(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}"


def takes_answers(sender: str, service: str | None) -> bool:
    """Whether customers can write back: to a number, not to a name.

    Args:
        sender: a number or a sender name; may be empty.
        service: the messaging service, which chooses a number of its own; None or empty: none.
    """
    return bool(service) or re.fullmatch(_SENDER_NAME, sender) is None


SMS_TWILIO_FIELDS: tuple[Field, ...] = (
    _TWILIO_ACCOUNT,
    _TWILIO_TOKEN,
    Field(
        key="sender",
        label=_("Sender number"),
        help=_("A Twilio number with + and country code, or a sender name of up to 11 letters"),
        kind="pattern",
        pattern=rf"\+[1-9][0-9]{{6,14}}|[0-9]{{3,8}}|{_SENDER_NAME}",
        example="+15005550006",
        required=True,
    ),
    *_TWILIO_API,
    *INBOX_FIELDS,
    DEFAULT_OUTBOUND,
    Field(
        key="sends_per_second",
        label=_("Messages per second"),
        help=_("1 for a long number, 3 for a toll-free one, 100 for a short code"),
        kind="number",
        default=1,
        minimum=0.1,
        maximum=1000,
    ),
)

WHATSAPP_TWILIO_FIELDS: tuple[Field, ...] = (
    _TWILIO_ACCOUNT,
    _TWILIO_TOKEN,
    Field(
        key="sender",
        label=_("WhatsApp sender"),
        help=_("whatsapp: and the number with + and country code; the sandbox is"
               " whatsapp:+14155238886"),
        kind="pattern",
        pattern=r"whatsapp:\+[1-9][0-9]{6,14}",
        example="whatsapp:+14155238886",
        required=True,
    ),
    *_TWILIO_API,
    *INBOX_FIELDS,
    DEFAULT_OUTBOUND,
    Field(
        key="sends_per_second",
        label=_("Messages per second"),
        help=_("80 for most senders, 10 for a new one; the sandbox sends one in three seconds"),
        kind="number",
        default=80,
        minimum=0.1,
        maximum=1000,
    ),
)  # fmt: skip
