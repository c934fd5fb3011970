"""360dialog's proof: it signs nothing, so the address holds a secret, and a header repeats it.

Facts from 360dialog's "Webhook configuration": a number's webhook has an address and headers of our
choice. The header says more than the address only where an address was seen that should not have
been: once 360dialog has confirmed that it sends the header, a request without it is refused. Until
then (an address that a person entered in 360dialog's Hub) the address alone has to do.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from vchat_tui.listener.gate import WebhookSecret

PREFIX = "/webhooks/360dialog/"


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


WRONG_ADDRESS = _("The secret in the address of a 360dialog webhook is no inbox's")
WRONG_HEADER = _("A 360dialog webhook came without the right Authorization header")
REASONS = (WRONG_ADDRESS, WRONG_HEADER)
"""Why a request was refused, as message ids."""


def named_inbox(
    secrets: Sequence[WebhookSecret], given: str, authorization: Sequence[bytes]
) -> int | str:
    """The inbox whose secret stands in an address, or why the request is refused (one of `REASONS`).

    Every secret is tried, also after one fits, so that the time tells nothing.

    Args:
        secrets: of every inbox.
        given: what follows PREFIX in the address, decoded.
        authorization: the values of all Authorization headers; more than one is refused.
    """
    found = [
        known
        for known in secrets
        if hmac.compare_digest(known.secret, given.encode("utf-8", "replace"))
    ]
    if not found:
        return WRONG_ADDRESS
    inbox_id = found[0].inbox_id
    fits = [
        hmac.compare_digest(b"Bearer " + known.secret, value)
        for known in secrets
        if known.inbox_id == inbox_id
        for value in authorization
    ]
    if len(authorization) > 1 or (authorization and not any(fits)):
        return WRONG_HEADER
    return WRONG_HEADER if found[0].strict and not authorization else inbox_id
