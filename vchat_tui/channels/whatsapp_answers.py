"""What Meta's answers mean, from Meta itself or passed on by 360dialog.

Facts from Meta's pages "Error codes" and "Send messages" of the WhatsApp Business Platform, and
from 360dialog's "API errors": what 360dialog refuses itself has a form of its own.
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
from vchat_tui.channels.whatsapp_inbound import is_provider_id
from vchat_tui.models import MessageError
from vchat_tui.text import clean

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer

# What Meta says of a template that it took, and the error that explains it.
_NOTES = {"held_for_quality_assessment": errors.HELD_BY_PROVIDER, "paused": "132015"}

_log = logging.getLogger(__name__)


def read_send(answer: Answer, attempt: int, channel: str) -> Outcome:
    """What became of a message.

    Args:
        answer: to POST /{phone-number-id}/messages.
        attempt: how many tries there were, this one included.
        channel: whose table of errors applies.
    """
    if 200 <= answer.status < 300 and (accepted := _accepted(read_payload(answer))) is not None:
        return accepted
    return read_refusal(answer, attempt, channel)


def read_refusal(answer: Answer, attempt: int, channel: str) -> Rejected | Unclear:
    """Why it was not done; `Unclear` where it may have been done all the same."""
    payload = read_payload(answer)
    error = payload.get("error")
    if isinstance(error, dict) and text_at(error, "code") is not None:
        return _rejected(error, answer, attempt, channel)
    return without_code(answer, attempt, _words_of_360dialog(payload, answer.status))


def read_error(answer: Answer) -> MessageError:
    """Why it was not done, for what is asked once and not tried again by itself."""
    payload = read_payload(answer)
    error = payload.get("error")
    if isinstance(error, dict):
        return _message_error(error, answer.status)
    return _words_of_360dialog(payload, answer.status) or status_error(answer.status)


def _words_of_360dialog(payload: dict[str, Any], status: int) -> MessageError | None:
    """A refusal that never reached Meta: `{"meta": {"http_code", "developer_message"}}`, or a
    sentence as `error`. Its code is the HTTP status, which decides what it means."""
    meta = object_at(payload, "meta")
    said = text_at(meta, "developer_message") or text_at(payload, "error")
    code = text_at(meta, "http_code")
    if said is None and code is None:
        return None
    return MessageError(
        code=(code or f"{errors.HTTP}{status}")[:40], title=said and said[:LONGEST_WORDS]
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


def _rejected(error: dict[str, Any], answer: Answer, attempt: int, channel: str) -> Rejected:
    """Meta said no, with a code. The code decides, not the HTTP status."""
    what = _message_error(error, answer.status)
    rule = errors.rule(channel, what.code)
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
