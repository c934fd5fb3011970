"""What can be read in an answer of any provider: its JSON, or nothing but its HTTP status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Rejected, Unclear
from vchat_tui.channels.payload import Unreadable, decode
from vchat_tui.channels.waiting import wait_for
from vchat_tui.i18n import _
from vchat_tui.models import MessageError

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer

LONGEST_WORDS = 1000
"""Characters of a provider's sentence that are kept."""


def read_payload(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; an empty one where there is none."""
    try:
        payload = decode(answer.body)
    except Unreadable:
        return {}
    return payload if isinstance(payload, dict) else {}


def status_error(status: int) -> MessageError:
    """An HTTP status as an error, where the provider gave no code."""
    return MessageError(code=f"{errors.HTTP}{status}", title=f"HTTP {status}")


# What an HTTP status means that comes without one of the provider's codes: from a proxy, a gateway, or
# the provider's outermost servers. All of these say that the request was not carried out (RFC 9110):
#   408  it did not arrive whole; gateways that lost patience with the server behind say 504
#   425  429  it was refused for now
#   401  403  404  and redirects: wrong token, wrong address or something between us and them;
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


def without_code(
    answer: Answer, attempt: int, error: MessageError | None = None
) -> Rejected | Unclear:
    """What an answer without a code that we know means; `Unclear` where it may have been done all the same.

    Args:
        attempt: how many tries there were, this one included.
        error: what the provider said all the same, in a code that we do not know.
    """
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
        error=error or status_error(status),
        error_class=error_class,
        retry_after=wait_for(retry, attempt, answer.retry_after),
        pauses_inbox=pauses,
    )
