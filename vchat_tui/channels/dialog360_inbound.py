"""Webhooks of 360dialog: Meta's own, passed on.

Facts from 360dialog's "Receiving messages". Numbers that once were on the retired on-premise API get
what stands inside an envelope without the envelope, which names no number: the address to which it
came has to say whose it is.
"""

from __future__ import annotations

from typing import Any

from vchat_tui.channels.facts import Fact, Parsed
from vchat_tui.channels.meta import read_parts, unsupported
from vchat_tui.channels.payload import object_at, text_at
from vchat_tui.channels.whatsapp_inbound import Naming, read_account
from vchat_tui.phones import digits

CHANNEL = "whatsapp_360dialog"
_WITHOUT_ENVELOPE = ("messages", "statuses", "errors")


def parse(body: bytes) -> Parsed:
    """What a webhook body says. Never raises; see `meta.parse`."""
    return read_parts(body, _read)


def _read(payload: dict[str, Any], facts: list[Fact], problems: list[str]) -> None:
    if "entry" not in payload and any(key in payload for key in _WITHOUT_ENVELOPE):
        payload = {"entry": [{"changes": [{"field": "messages", "value": payload}]}]}
    elif payload.get("object") != "whatsapp_business_account":
        problems.append(unsupported(payload))
        return
    read_account(payload, facts, problems, _NAMING)


def _number(entry: dict[str, Any], value: dict[str, Any]) -> str:
    """Our phone number with `+`, which is what people know at 360dialog; else whatever id there
    is, or nothing."""
    metadata = object_at(value, "metadata")
    number = digits(text_at(metadata, "display_phone_number") or "")
    if number is not None:
        return f"+{number}"
    return text_at(metadata, "phone_number_id") or text_at(entry, "id") or ""


_NAMING = Naming(CHANNEL, _number)
