"""What the set-up check finds, and how facts become findings: the parts that its steps share."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from vchat_tui.channels import errors
from vchat_tui.channels.account import TokenState
from vchat_tui.desk.calls import InboxInspection
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import AccountCheck, MessageError, SecretState

SOON = timedelta(days=7)
"""A token that ends within this time is worth a word."""


class Mark(StrEnum):
    """How a step stands."""

    DONE = "done"
    OPEN = "open"  # the person's turn
    WAIT = "wait"  # something before it is missing
    WARN = "warn"
    FAIL = "fail"
    INFO = "info"


class Finding(NamedTuple):
    """What was seen of a step; `advice` is empty where nothing is to be done."""

    mark: Mark
    what: str
    advice: str = ""


def waits_for_token(seen: InboxInspection) -> Finding | None:
    """What the provider says can be judged only with a token that opens something."""
    report = seen.report
    if report is None:
        return Finding(Mark.WAIT, _("waits for the token"))
    good = report.token.state in (TokenState.VALID, TokenState.UNKNOWN)
    nobody = report.number.error is not None and report.number.error.code == errors.NO_ANSWER
    return None if good and not nobody else Finding(Mark.WAIT, _("waits for a token that works"))


def refused(what: str, error: MessageError, channel: str) -> Finding:
    """The provider's refusal, in our words where we have some."""
    said = error.details or error.title
    if error.code == errors.NO_ANSWER:
        return Finding(
            Mark.FAIL,
            f"{what}: {said}" if said else what,
            _("Check the network, and the API base URL in the settings of this number."),
        )
    advice = errors.advice(channel, error)
    return Finding(Mark.FAIL, f"{what} ({error.code})", advice)


def own_webhook(seen: InboxInspection) -> Finding:
    """Where a provider sends an inbox's webhooks, for channels whose inboxes have an address of
    their own."""
    subscription = seen.report.subscription if seen.report else None
    if not seen.public_url:
        return Finding(
            Mark.OPEN,
            _("no public URL yet"),
            _("Enter it in the server settings; the provider then hears of it by itself."),
        )
    if subscription is None:
        return Finding(Mark.WAIT, _("waits for a key that works"))
    if subscription.error is not None:
        error = subscription.error
        advice = errors.advice(seen.health.inbox.channel, error)
        return Finding(
            Mark.FAIL, _("the webhook cannot be read ({code})").format(code=error.code), advice
        )
    if subscription.override_url:
        return Finding(
            Mark.FAIL,
            _("messages of this number go to another address: {url}").format(
                url=subscription.override_url
            ),
            _("Register the webhook again from here, unless another program needs them."),
        )
    if not subscription.subscribed:
        return Finding(
            Mark.FAIL,
            _("the provider does not know where to send messages"),
            _("Register the webhook from here."),
        )
    if subscription.proven is False:
        return Finding(
            Mark.WARN,
            _("the webhook is registered without its Authorization header"),
            _("Register it again from here: the header proves that requests are the provider's."),
        )
    return Finding(Mark.DONE, _("messages of this number come here"))


def is_set(secret: SecretState | None) -> bool:
    """Whether a secret has been stored."""
    return secret is not None and secret.set


def not_before(moment: datetime | None, secret: SecretState | None) -> datetime | None:
    """The moment, where it came after the secret was last changed."""
    changed = secret.changed_at if secret else None
    if moment is None or (changed is not None and moment < changed):
        return None
    return moment


def span(left: timedelta) -> str:
    """A time that is left, in its two largest units: `5 days`, `3 h 20 min`."""
    minutes = max(int(left.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes % 60)
    return _("{minutes} min").format(minutes=minutes)


def token_trouble(check: AccountCheck, now: datetime) -> str:
    """What is wrong with a token, as the provider last said, or soon will be; empty: nothing."""
    ends = check.token_expires_at
    if check.token_state == TokenState.WRONG:
        return _("the provider does not accept the token; enter a new one")
    if check.token_state == TokenState.EXPIRED or (ends is not None and ends <= now):
        return _("the token has expired; enter a new one")
    if ends is not None and ends - now <= SOON:
        return _("the token ends in {time}; enter a permanent one").format(time=span(ends - now))
    return ""
