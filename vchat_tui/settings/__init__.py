"""The settings, as one table: it drives the screens, the TOML file, the command line and the docs.

A setting's label and help are message ids of the catalogues (marked with `_`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from vchat_tui import merge_fields
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.settings.dialog360_fields import DIALOG360_FIELDS
from vchat_tui.settings.fallback_fields import FALLBACK_TEMPLATE_FIELDS
from vchat_tui.settings.field import Field as Field
from vchat_tui.settings.field import SettingError as SettingError
from vchat_tui.settings.field import _ as _
from vchat_tui.settings.general_fields import SERVER_FIELDS as SERVER_FIELDS
from vchat_tui.settings.inbox_fields import DEFAULT_OUTBOUND, INBOX_FIELDS
from vchat_tui.settings.secret import Secret as Secret
from vchat_tui.settings.twilio_fields import SMS_TWILIO_FIELDS, WHATSAPP_TWILIO_FIELDS
from vchat_tui.settings.window_fields import WINDOW_FIELDS

WHATSAPP_NUMBER_FIELDS: tuple[Field, ...] = (
    *INBOX_FIELDS,
    Field(
        key="read_receipts",
        label=_("Send read receipts"),
        help=_("Customers see blue ticks when an agent has read"),
        kind="bool",
        default=False,
    ),
    Field(
        key="typing_indicator",
        label=_("Show that an agent writes"),
        help=_("Customers see “typing…”; WhatsApp then also shows that their message was read"),
        kind="bool",
        default=False,
    ),
    DEFAULT_OUTBOUND,
    Field(
        key="sends_per_second",
        label=_("Messages per second"),
        help=_("80 for a normal number, 20 for one that is also used in the phone app"),
        kind="number",
        default=80,
        minimum=1,
        maximum=1000,
    ),
    Field(
        key="order_webhook_url",
        label=_("Order webhook"),
        help=_("Your shop's address that hears of every order; empty: none"),
        kind="hook",
    ),
    Field(
        key="order_webhook_secret",
        label=_("Order webhook secret"),
        help=_("Signs every order; your shop checks it with the same secret"),
        kind="secret",
        generate=True,
    ),
    Field(
        key="order_webhook_private",
        label=_("Shop in a private network"),
        help=_("Allow an order webhook on this machine or in its own network"),
        kind="bool",
        default=False,
    ),
)
"""Of every number whose provider speaks Meta's Cloud API."""

WHATSAPP_CLOUD_FIELDS: tuple[Field, ...] = (
    Field(
        key="verify_token",
        label=_("Secret key"),
        help=_("A random text that you invent; type it again at Meta as “Verify token”"),
        kind="secret",
        required=True,
        generate=True,
    ),
    Field(
        key="phone_number_id",
        label=_("Phone number ID"),
        help=_("Meta › your app › WhatsApp › API Setup › Phone number ID"),
        kind="digits",
        required=True,
    ),
    Field(
        key="access_token",
        label=_("Token"),
        help=_("First the temporary token of API Setup; then a permanent one of a system user"),
        kind="secret",
        required=True,
    ),
    Field(
        key="business_account_id",
        label=_("Business account ID"),
        help=_("Meta › your app › WhatsApp › API Setup; needed for templates"),
        kind="digits",
    ),
    Field(
        key="app_secret",
        label=_("App secret"),
        help=_("Meta › your app › App settings › Basic; proves that webhooks come from Meta"),
        kind="secret",
        required=True,
    ),
    Field(
        key="api_version",
        label=_("Graph API version"),
        help=_("For example v25.0"),
        kind="version",
        default="v25.0",
    ),
    Field(
        key="api_base_url",
        label=_("API base URL"),
        help=_("Change it only for tests or a proxy"),
        kind="url",
        default="https://graph.facebook.com",
    ),
)

_CLOUD_API_FIELDS = WHATSAPP_NUMBER_FIELDS + FALLBACK_TEMPLATE_FIELDS + WINDOW_FIELDS

CHANNEL_FIELDS: dict[str, tuple[Field, ...]] = {
    "whatsapp_cloud": WHATSAPP_CLOUD_FIELDS + _CLOUD_API_FIELDS,
    "whatsapp_360dialog": DIALOG360_FIELDS + _CLOUD_API_FIELDS,
    "whatsapp_twilio": WHATSAPP_TWILIO_FIELDS + FALLBACK_TEMPLATE_FIELDS + WINDOW_FIELDS,
    "sms_twilio": SMS_TWILIO_FIELDS,
}

# Which setting holds the id by which webhooks name the inbox.
ACCOUNT_FIELD: dict[str, str] = {
    "whatsapp_cloud": "phone_number_id",
    "whatsapp_360dialog": "number",
    "whatsapp_twilio": "sender",
    "sms_twilio": "sender",
}

# Which setting names the account whose templates an inbox sends, where it is another one.
TEMPLATE_ACCOUNT: dict[str, str] = {
    "whatsapp_cloud": "business_account_id",
    "whatsapp_twilio": "account_sid",
}

SEVERAL_LINES = frozenset({"lines", "letter"})
"""Kinds of settings whose value may have more than one line."""

MAX_VALUE = 4096
MAX_LINES = 20_000  # characters in a value of several lines


def fields_of(channel: str) -> tuple[Field, ...]:
    """The settings of a channel's inboxes.

    Raises:
        SettingError: there is no such channel.
    """
    try:
        return CHANNEL_FIELDS[channel]
    except KeyError:
        known = ", ".join(CHANNEL_FIELDS)
        raise SettingError(
            "channel",
            _("“{given}” is not a channel; known are: {known}"),
            given=channel,
            known=known,
        ) from None


def missing(channel: str, given: Collection[str]) -> tuple[str, ...]:
    """The settings without which an inbox cannot send, in the order of the table.

    Args:
        channel: its name.
        given: keys of the settings and secrets that have a value.
    """
    return tuple(
        field.key for field in fields_of(channel) if field.required and field.key not in given
    )


def clean_value(field: Field, value: Any) -> Any:
    """A value as it is stored, or None where it is empty.

    Raises:
        SettingError: it is not what the setting takes.
    """
    if isinstance(value, str):
        value = value.strip().strip("\ufeff")
        if value == "":
            return None
        limit = MAX_LINES if field.kind in SEVERAL_LINES else MAX_VALUE
        if len(value) > limit:
            raise SettingError(field.key, _("is longer than {limit} characters"), limit=str(limit))
        shown = value.replace("\n", "") if field.kind in SEVERAL_LINES else value
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in shown):
            raise SettingError(field.key, _("contains control characters; paste it again"))
    if value is None:
        return None
    return _CLEANERS[field.kind](field, value)


def _clean_text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingError(field.key, _("must be text"))
    return value


def _clean_merge(field: Field, value: Any) -> str:
    text = merge_fields.canonical(_clean_text(field, value))
    try:
        merge_fields.used(text)
    except merge_fields.MergeError as error:
        raise SettingError(field.key, error.message, name=error.field) from None
    return text


def _clean_secret(field: Field, value: Any) -> str:
    text = _clean_text(field, value)
    if not text.isascii() or " " in text:
        raise SettingError(field.key, _("contains spaces or unusual characters; paste it again"))
    if len(text) < field.minimum:
        raise SettingError(
            field.key, _("needs at least {limit} characters"), limit=f"{field.minimum:g}"
        )
    return text


def _clean_digits(field: Field, value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{5,32}", text):
        raise SettingError(field.key, _("must be a number of 5 to 32 digits, as Meta shows it"))
    return text


def _clean_version(field: Field, value: Any) -> str:
    text = _clean_text(field, value)
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", text):
        raise SettingError(field.key, _("must look like v25.0"))
    return text


def _clean_pattern(field: Field, value: Any) -> str:
    text = _clean_text(field, value)
    if not re.fullmatch(field.pattern, text):
        raise SettingError(field.key, _("must look like {example}"), example=field.example)
    return text


def _clean_phone(field: Field, value: Any) -> str:
    try:
        return to_e164(_clean_text(field, value))
    except PhoneError as error:
        raise SettingError(field.key, error.message, **error.values) from None


def _clean_url(field: Field, value: Any) -> str:
    text = _clean_text(field, value).rstrip("/")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if (
        not host
        or parts.scheme not in ("http", "https")
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise SettingError(field.key, _("must be a full address such as https://chat.example.com"))
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        raise SettingError(field.key, _("must begin with https:// (http:// only for this machine)"))
    return text


def _clean_hook(field: Field, value: Any) -> str:
    """An address that is used exactly as it was given: a query or a last slash may matter."""
    text = _clean_text(field, value)
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and parts.port != 0
        good = good and parts.scheme in ("http", "https") and parts.username is None
    except ValueError:
        good = False
    if not good or not text.isascii() or " " in text or "#" in text:
        raise SettingError(field.key, _("must be a full address such as https://shop.example/hook"))
    return text


def _clean_bool(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "sí": True, "si": True, "1": True, "on": True,
             "false": False, "no": False, "0": False, "off": False}  # fmt: skip
    known = words.get(str(value).lower())
    if known is None:
        raise SettingError(field.key, _("must be true or false"))
    return known


def _clean_number(field: Field, value: Any) -> int | float:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
    except (TypeError, ValueError):
        raise SettingError(field.key, _("must be a number")) from None
    if not field.minimum <= number <= field.maximum:
        raise SettingError(
            field.key,
            _("must be between {low} and {high}"),
            low=f"{field.minimum:g}",
            high=f"{field.maximum:g}",
        )
    return int(number) if number == int(number) else number


def _clean_choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        raise SettingError(
            field.key, _("must be one of: {choices}"), choices=", ".join(field.choices)
        )
    return str(value)


_CLEANERS = {
    "text": _clean_text,
    "lines": _clean_text,
    "merge": _clean_merge,
    "letter": _clean_merge,
    "secret": _clean_secret,
    "digits": _clean_digits,
    "version": _clean_version,
    "pattern": _clean_pattern,
    "phone": _clean_phone,
    "url": _clean_url,
    "hook": _clean_hook,
    "bool": _clean_bool,
    "number": _clean_number,
    "choice": _clean_choice,
}


def clean_values(
    fields: tuple[Field, ...],
    values: Mapping[str, Any],
    *,
    already_set: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The values that were given, cleaned. Secrets stay plain here; the desk encrypts them.

    Args:
        fields: the table that applies.
        values: what an admin typed or a file holds.
        already_set: keys that have a value already, so that they may be absent now.

    Raises:
        SettingError: a key is unknown, a value is wrong, or a required one is missing.
    """
    known = {field.key for field in fields}
    for key in values:
        if key not in known:
            raise SettingError(
                key, _("is not a setting; known are: {known}"), known=", ".join(sorted(known))
            )
    cleaned: dict[str, Any] = {}
    for field in fields:
        if field.key in values:
            value = clean_value(field, values[field.key])
            if value is None and field.kind == "secret" and field.key in already_set:
                continue  # a secret left empty stays what it was
            if value is None and field.required:
                raise SettingError(field.key, _("is required"))
            cleaned[field.key] = value if value is not None else field.default
        elif field.required and field.key not in already_set:
            raise SettingError(field.key, _("is required"))
    return cleaned


def generate_secret_key() -> str:
    """A fresh verify token, easy to paste: 32 letters and digits."""
    return secrets.token_hex(16)
