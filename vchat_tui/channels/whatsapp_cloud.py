"""Sending through the WhatsApp Cloud API of Meta.

Facts from Meta's pages "Send messages", "Error codes" and "Business-scoped user ids" of the
WhatsApp Business Platform. The API knows no idempotency key: a request whose answer is lost may
have been carried out. `biz_opaque_callback_data` comes back in every status and settles it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.base import (
    Accepted,
    Capabilities,
    CheckResult,
    ErrorClass,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    Unclear,
)
from vchat_tui.channels.payload import Unreadable, decode, object_at, plain, text_at
from vchat_tui.channels.whatsapp_inbound import CHANNEL, is_business_scoped, is_provider_id
from vchat_tui.channels.whatsapp_limits import MAX_TEXT, check_content
from vchat_tui.i18n import _
from vchat_tui.models import MessageError
from vchat_tui.settings import Secret, SettingError
from vchat_tui.text import clean

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer

__all__ = ["CAPABILITIES", "check_content", "open_channel"]

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    quotes=True,
    window_hours=24,
    sends_per_second=80,
    # One message in six seconds to one person; a burst of 45 is borrowed and paid back.
    per_person_interval=6,
    per_person_burst=45,
)

_LINK = re.compile(r"https?://\S", re.IGNORECASE)
_CHECK_FIELDS = ("display_phone_number", "verified_name", "quality_rating", "status", "throughput")
_LONGEST_WORDS = 1000  # characters of a provider's sentence that are kept

_log = logging.getLogger(__name__)


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> WhatsAppCloud:
    """The line of one phone number. See `WhatsAppCloud`."""
    return WhatsAppCloud(settings, secrets)


class WhatsAppCloud:
    """One phone number's line to Meta.

    Args:
        settings: `phone_number_id`, and `api_base_url`, `api_version`, `sends_per_second` where
            they differ from the usual.
        secrets: `access_token`.

    Raises:
        SettingError: one is missing, or cannot go into a URL or a header.
    """

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> None:
        # Loaded here, because whoever only asks for CAPABILITIES needs no httpx.
        from vchat_tui.channels.http import Line

        number = str(settings.get("phone_number_id") or "")
        version = str(settings.get("api_version") or "v25.0")
        base_url = str(settings.get("api_base_url") or "https://graph.facebook.com")
        token = secrets["access_token"].reveal() if "access_token" in secrets else ""
        _require("phone_number_id", number, r"[0-9]{1,32}")
        _require("api_version", version, r"v[0-9]{1,3}\.[0-9]")
        _require("api_base_url", base_url, r"https?://[^\s?#@]+")
        _require("access_token", token, r"[!-~]+")
        self.capabilities = msgspec.structs.replace(
            CAPABILITIES,
            sends_per_second=settings.get("sends_per_second") or CAPABILITIES.sends_per_second,
        )
        self._path = f"/{version}/{number}"
        self._line = Line(base_url.rstrip("/"), token)

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """Send once. Never raises for what the network or the provider does.

        Args:
            message: what to send.
            attempt: how many tries there were, this one included; waits grow with it.
        """
        body = build_body(message)
        if body is None:
            return Rejected(
                error=MessageError(code=errors.BAD_ADDRESS), error_class=ErrorClass.RECIPIENT
            )
        answer = await self._line.request(
            "POST", f"{self._path}/messages", msgspec.json.encode(body)
        )
        if isinstance(answer, (NotSent, Unclear)):
            return answer
        return _read_answer(answer, attempt)

    async def check(self) -> CheckResult:
        """Ask Meta about the number: proves address, token and permission without sending."""
        answer = await self._line.request("GET", f"{self._path}?fields={','.join(_CHECK_FIELDS)}")
        if isinstance(answer, (NotSent, Unclear)):
            return CheckResult(error=MessageError(code="no_answer", details=answer.reason))
        payload = _payload(answer)
        error = payload.get("error")
        if isinstance(error, dict):
            return CheckResult(error=_message_error(error, answer.status))
        facts = _check_facts(payload)
        if answer.status == 200 and facts:
            return CheckResult(facts=facts)
        return CheckResult(error=_status_error(answer.status))

    async def aclose(self) -> None:
        """Close connections."""
        await self._line.aclose()


def _require(key: str, value: str, pattern: str) -> None:
    if not re.fullmatch(pattern, value):
        raise SettingError(key, _("is missing or cannot be used"))


def build_body(message: Outgoing) -> dict[str, Any] | None:
    """The body of POST /{phone-number-id}/messages; None where there is no usable address.

    A phone number goes in `to`, always with `+`: without it Meta may put the business's own
    country code in front. A business-scoped id goes in `recipient`: in `to` Meta accepts it and
    never delivers.
    """
    address = _address(message)
    if address is None:
        return None
    text = message.content.text or ""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **address,
        "type": "text",
        "text": {"body": plain(text), "preview_url": _LINK.search(text) is not None},
        "biz_opaque_callback_data": message.callback_data,
    }
    if message.content.reply_to is not None:
        body["context"] = {"message_id": message.content.reply_to}
    return body


def _address(message: Outgoing) -> dict[str, str] | None:
    """The phone number where we have it, else the business-scoped id."""
    digits = (message.address or "").removeprefix("+")
    if digits.isascii() and digits.isdigit():
        return {"to": f"+{digits}"}
    # Some webhooks carry the business-scoped id in the place of the number.
    for identifier in (message.business_scoped_id, message.address):
        if identifier is not None and is_business_scoped(identifier):
            return {"recipient": identifier}
    return None


def _payload(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; an empty one where there is none."""
    try:
        payload = decode(answer.body)
    except Unreadable:
        return {}
    return payload if isinstance(payload, dict) else {}


def _read_answer(answer: Answer, attempt: int) -> Outcome:
    payload = _payload(answer)
    if 200 <= answer.status < 300 and (accepted := _accepted(payload)) is not None:
        return accepted
    error = payload.get("error")
    if isinstance(error, dict) and text_at(error, "code") is not None:
        return _rejected(error, answer, attempt)
    return _without_code(answer, attempt)


def _accepted(payload: dict[str, Any]) -> Accepted | None:
    message = _first(payload, "messages")
    if not is_provider_id(message.get("id")):
        return None
    contact = _first(payload, "contacts")
    return Accepted(
        provider_id=message["id"],
        address=text_at(contact, "wa_id"),
        business_scoped_id=text_at(contact, "user_id"),
    )


def _first(payload: dict[str, Any], key: str) -> dict[str, Any]:
    elements = payload.get(key)
    if isinstance(elements, list) and elements and isinstance(elements[0], dict):
        return elements[0]
    return {}


def _rejected(error: dict[str, Any], answer: Answer, attempt: int) -> Rejected:
    """Meta said no, with a code. The code decides, not the HTTP status."""
    from vchat_tui.channels.http import wait_for

    what = _message_error(error, answer.status)
    rule = errors.rule(CHANNEL, what.code)
    error_class = rule.error_class if rule else ErrorClass.OTHER
    retry = rule.retry if rule else errors.Retry.NEVER
    if rule is None and (answer.status >= 500 or error.get("is_transient") is True):
        error_class, retry = ErrorClass.TRANSIENT, errors.Retry.BACKOFF
    elif rule is None and answer.status == 429:
        error_class, retry = ErrorClass.RATE, errors.Retry.BACKOFF
    trace = clean((text_at(error, "fbtrace_id") or "-")[:100], one_line=True)
    _log.info("Meta refused a message: code %s, trace %s", clean(what.code), trace)
    return Rejected(
        error=what,
        error_class=error_class,
        retry_after=wait_for(retry, attempt, answer.retry_after),
        pauses_inbox=rule.pauses if rule else False,
    )


def _message_error(error: dict[str, Any], status: int) -> MessageError:
    """Meta's error object of an answer. `error_data` is an object or, rarely, a text."""
    details = (
        text_at(object_at(error, "error_data"), "details")
        or text_at(error, "error_data")
        or text_at(error, "error_user_msg")
    )
    title = text_at(error, "error_user_title") or text_at(error, "message")
    return MessageError(
        code=(text_at(error, "code") or f"{errors.HTTP}{status}")[:40],
        title=title and title[:_LONGEST_WORDS],
        details=details and details[:_LONGEST_WORDS],
    )


def _status_error(status: int) -> MessageError:
    return MessageError(code=f"{errors.HTTP}{status}", title=f"HTTP {status}")


# What an HTTP status means that comes without one of Meta's codes: from a proxy, a gateway, or
# Meta's outermost servers. All of these say that the request was not carried out (RFC 9110):
#   408  it did not arrive whole; gateways that lost patience with the server behind say 504
#   425  429  it was refused for now
#   401  403  404  and redirects: wrong token, wrong address or something between us and Meta;
#        the next message would meet the same, so the inbox waits for an admin
#   409 and all other 4xx: refused. There is no idempotency key, so 409 cannot mean "have it"
# A 5xx can come after the message went out (502 and 504: the gateway knows the request left), and
# a 2xx without an id may have been accepted: nobody knows.
_PLAIN_STATUSES: dict[int, tuple[ErrorClass, errors.Retry, bool]] = {
    401: (ErrorClass.AUTH, errors.Retry.NEVER, True),
    403: (ErrorClass.PERMISSION, errors.Retry.NEVER, True),
    404: (ErrorClass.CONFIG, errors.Retry.NEVER, True),
    408: (ErrorClass.TRANSIENT, errors.Retry.BACKOFF, False),
    425: (ErrorClass.TRANSIENT, errors.Retry.BACKOFF, False),
    429: (ErrorClass.RATE, errors.Retry.BACKOFF, False),
}


def _without_code(answer: Answer, attempt: int) -> Outcome:
    from vchat_tui.channels.http import wait_for

    status = answer.status
    if not 300 <= status < 500:
        return Unclear(
            reason=_("the provider answered HTTP {status} without saying more").format(
                status=status
            )
        )
    error_class, retry, pauses = (
        (ErrorClass.CONFIG, errors.Retry.NEVER, True)
        if status < 400
        else _PLAIN_STATUSES.get(status, (ErrorClass.REQUEST, errors.Retry.NEVER, False))
    )
    return Rejected(
        error=_status_error(status),
        error_class=error_class,
        retry_after=wait_for(retry, attempt, answer.retry_after),
        pauses_inbox=pauses,
    )


def _check_facts(payload: dict[str, Any]) -> dict[str, str]:
    """What Meta says of the number; `throughput` is an object with a `level`."""
    facts = {}
    for key in _CHECK_FIELDS:
        value = text_at(payload, key) or text_at(object_at(payload, key), "level")
        if value is not None:
            facts[key] = value[:_LONGEST_WORDS]
    return facts
