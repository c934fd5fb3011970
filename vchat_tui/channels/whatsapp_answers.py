"""What Meta's answers mean.

Facts from Meta's pages "Error codes" and "Send messages" of the WhatsApp Business Platform.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from vchat_tui.channels import errors
from vchat_tui.channels.base import Accepted, ErrorClass, Outcome, Rejected, Unclear
from vchat_tui.channels.http_statuses import (
    LONGEST_WORDS,
    read_payload,
    status_error,
    without_code,
)
from vchat_tui.channels.payload import object_at, text_at
from vchat_tui.channels.waiting import wait_for
from vchat_tui.channels.whatsapp_inbound import CHANNEL, is_provider_id
from vchat_tui.models import MessageError
from vchat_tui.text import clean

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer

# What Meta says of a template that it took, and the error that explains it.
_NOTES = {"held_for_quality_assessment": errors.HELD_BY_PROVIDER, "paused": "132015"}

_log = logging.getLogger(__name__)


def read_send(answer: Answer, attempt: int) -> Outcome:
    """What became of a message.

    Args:
        answer: to POST /{phone-number-id}/messages.
        attempt: how many tries there were, this one included.
    """
    if 200 <= answer.status < 300 and (accepted := _accepted(read_payload(answer))) is not None:
        return accepted
    return read_refusal(answer, attempt)


def read_refusal(answer: Answer, attempt: int) -> Rejected | Unclear:
    """Why Meta did not do it; `Unclear` where it may have done it all the same."""
    error = read_payload(answer).get("error")
    if isinstance(error, dict) and text_at(error, "code") is not None:
        return _rejected(error, answer, attempt)
    return without_code(answer, attempt)


def read_error(answer: Answer) -> MessageError:
    """Why Meta did not do it, for what is asked once and not tried again by itself."""
    error = read_payload(answer).get("error")
    return (
        _message_error(error, answer.status)
        if isinstance(error, dict)
        else status_error(answer.status)
    )


def _accepted(payload: dict[str, Any]) -> Accepted | None:
    message = _first(payload, "messages")
    if not is_provider_id(message.get("id")):
        return None
    contact = _first(payload, "contacts")
    note = _NOTES.get(text_at(message, "message_status") or "")
    return Accepted(
        provider_id=message["id"],
        address=text_at(contact, "wa_id"),
        business_scoped_id=text_at(contact, "user_id"),
        note=MessageError(code=note) if note else None,
    )


def _first(payload: dict[str, Any], key: str) -> dict[str, Any]:
    elements = payload.get(key)
    if isinstance(elements, list) and elements and isinstance(elements[0], dict):
        return elements[0]
    return {}


def _rejected(error: dict[str, Any], answer: Answer, attempt: int) -> Rejected:
    """Meta said no, with a code. The code decides, not the HTTP status."""
    what = _message_error(error, answer.status)
    rule = errors.rule(CHANNEL, what.code)
    error_class = rule.error_class if rule else ErrorClass.OTHER
    retry = rule.retry if rule else errors.Retry.NEVER
    if rule is None and (answer.status >= 500 or error.get("is_transient") is True):
        error_class, retry = ErrorClass.TRANSIENT, errors.Retry.BACKOFF
    elif rule is None and answer.status == 429:
        error_class, retry = ErrorClass.RATE, errors.Retry.BACKOFF
    trace = clean((text_at(error, "fbtrace_id") or "-")[:100], one_line=True)
    _log.info("Meta refused a request: code %s, trace %s", clean(what.code), trace)
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
        title=title and title[:LONGEST_WORDS],
        details=details and details[:LONGEST_WORDS],
    )
