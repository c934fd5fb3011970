"""Twilio's proof: the signature of each request over the address that Twilio called.

Facts from Twilio's "Webhooks security" page. The address is the one that was configured at Twilio,
so it is built from our public URL, never from the request's Host header: behind a proxy that would
be another one, and anybody can write it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from vchat_tui.listener.gate import TwilioToken

_STANDARD_PORTS = {"https": 443, "http": 80}
MAX_FIELDS = 512


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


NO_TOKEN = _("No auth token is set for this Twilio account, so nothing can prove that it is Twilio")
NO_ADDRESS = _("The public URL is not set, and Twilio signs the address that it calls")
NOT_SIGNED = _("The request was not signed by Twilio")
NOT_TWILIO = _("The signature fits no auth token of this Twilio account")
BODY_CHANGED = _("The body is not the one that Twilio signed")
REASONS = (NO_TOKEN, NO_ADDRESS, NOT_SIGNED, NOT_TWILIO, BODY_CHANGED)
"""Why a request was refused, as message ids."""


def signature(auth_token: bytes, url: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """X-Twilio-Signature: HMAC-SHA1 over the address and every field, sorted by name.

    Args:
        auth_token: the account's primary token, also where an API key is used for sending.
        url: as Twilio called it, query included.
        fields: name and value as decoded, not trimmed; a value that comes twice counts once.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(auth_token, signed.encode(), hashlib.sha1))


def signing_inbox(
    tokens: Sequence[TwilioToken],
    url: str | None,
    body: bytes,
    content_type: str,
    signatures: Sequence[bytes],
) -> int | str:
    """The inbox whose auth token signed a request, or why it is refused (a message id).

    Every token of the account is tried, also after one fits, so that the time tells nothing.

    Args:
        tokens: every auth token that we have.
        url: our public URL with path and the raw query; None where no public URL is set.
        body: the raw bytes.
        content_type: of the request.
        signatures: the values of all X-Twilio-Signature headers; more than one is refused.
    """
    if url is None:
        return NO_ADDRESS
    if len(signatures) != 1:
        return NOT_SIGNED
    query = dict(form_fields(urlsplit(url).query.encode()))
    if "bodySHA256" in query:
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest(), query["bodySHA256"].lower()):
            return BODY_CHANGED
        fields: list[tuple[str, str]] = []
        account = query.get("AccountSid")
    else:
        fields = form_fields(body) if _is_form(content_type) else []
        if body and not fields:  # the signature would vouch for the address alone
            return BODY_CHANGED
        account = dict(fields).get("AccountSid") or query.get("AccountSid")
    of_account = [token for token in tokens if account in (None, token.account_sid)]
    if not of_account:
        return NO_TOKEN
    fitting = [
        token.inbox_id
        for token in of_account
        for address in _addresses(url)
        if hmac.compare_digest(signature(token.auth_token, address, fields), signatures[0])
    ]
    return fitting[0] if fitting else NOT_TWILIO


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form or a query, blank ones too; none where it is no form."""
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return []


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def _addresses(url: str) -> tuple[str, ...]:
    """The address with and without its port: Twilio signs either, as its own libraries know."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or _STANDARD_PORTS.get(parts.scheme)
    with_port = urlunsplit(parts._replace(netloc=f"{host}:{port}"))
    without = urlunsplit(parts._replace(netloc=host))
    return tuple(dict.fromkeys((url, with_port, without)))
