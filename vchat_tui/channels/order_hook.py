"""Giving an order to the shop's own system: what is posted, how it is signed, how it can end.

Signed as the Standard Webhooks specification says (standardwebhooks.com: `webhook-id`,
`webhook-timestamp`, `webhook-signature`), and over the body alone in `X-Vchat-Signature`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Protocol

import msgspec

from vchat_tui.settings import Secret

PRIVATE_ADDRESS = "private_address"
INSECURE = "insecure"
REDIRECT = "redirect"
STATUS = "status"
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"

_SECRET_PREFIX = "whsec_"  # noqa: S105 - a mark of secrets, not one


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """Where an inbox's orders go. `private`: the shop may be in a private network."""

    url: str
    secret: Secret
    private: bool = False


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The shop has it (2xx)."""

    status: int
    body: bytes


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The shop does not have it, or nobody knows: it is posted again under the same id."""

    error: str  # one of the words above
    detail: str = ""
    status: int | None = None
    body: bytes = b""
    retry_after: float | None = None  # seconds, where the shop asks for them


class Poster(Protocol):
    """What posts; `order_http.OrderHooks` is the one there is."""

    async def post(
        self, hook: Hook, delivery_id: str, timestamp: int, body: bytes
    ) -> Taken | Refused:
        """One try. Never raises for what the network or the shop does.

        Args:
            delivery_id: the same in every try.
            timestamp: seconds since 1970, now.
            body: JSON.
        """
        ...


def sign(secret: Secret, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove that a body comes from here.

    Args:
        timestamp: seconds since 1970, now.
    """
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    standard = hmac.new(_standard_key(secret), signed, hashlib.sha256).digest()
    plain = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(standard).decode(),
        "X-Vchat-Signature": "sha256=" + plain,
    }


def _standard_key(secret: Secret) -> bytes:
    """The key as the libraries of Standard Webhooks read a secret: base64, else as it is."""
    text = secret.reveal().removeprefix(_SECRET_PREFIX)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()
