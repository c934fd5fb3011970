"""How an inbox stands whose channel has no guided set-up: the same findings for screen and `doctor`.

Nothing here asks anybody, and nothing asks which provider it is: it judges the facts of an
`InboxInspection`. A fact that a provider does not tell makes no finding.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from vchat_tui.address_check import address
from vchat_tui.channels.account import TokenState
from vchat_tui.channels_shown import CHANNELS
from vchat_tui.desk.calls import InboxInspection
from vchat_tui.findings import Finding, Mark, own_webhook, refused
from vchat_tui.i18n import _
from vchat_tui.settings import _ as marked
from vchat_tui.settings import fields_of


class Checked(NamedTuple):
    """A finding. `check`: its name for scripts; `title` is in the reader's language."""

    check: str
    title: str
    finding: Finding


def check(seen: InboxInspection, now: datetime) -> list[Checked]:
    """What is found, in the order in which one works through it.

    Args:
        seen: the facts.
        now: UTC.
    """
    judged = [(name, title, judge(seen, now)) for name, title, judge in _CHECKS]
    return [Checked(name, _(title), found) for name, title, found in judged if found is not None]


def _address(seen: InboxInspection, now: datetime) -> Finding:
    return address(seen.public_url, seen.listening, seen.listener_error)


def _settings(seen: InboxInspection, now: datetime) -> Finding | None:
    if not seen.missing:
        return None
    labels = {field.key: _(field.label) for field in fields_of(seen.health.inbox.channel)}
    return Finding(
        Mark.OPEN,
        _("still missing: {fields}").format(fields=", ".join(labels[key] for key in seen.missing)),
        _("Enter them in the settings of this number."),
    )


def _account(seen: InboxInspection, now: datetime) -> Finding:
    report = seen.report
    if report is None:
        return Finding(Mark.WAIT, _("waits for the settings"))
    if report.token.error is not None:
        return refused(
            _("the account cannot be read"), report.token.error, seen.health.inbox.channel
        )
    if report.token.state is not TokenState.VALID:
        return Finding(Mark.WARN, _("the provider does not say whether the credentials are right"))
    if report.number.trial:
        return Finding(
            Mark.WARN,
            _("the account works; it is a trial: it may write to verified numbers only"),
            _("Verify each of them at the provider, or upgrade the account."),
        )
    return Finding(Mark.DONE, _("the provider accepts the credentials"))


def _sender(seen: InboxInspection, now: datetime) -> Finding | None:
    number = seen.report.number if seen.report else None
    if number is None or number.answers is None:
        return None
    if not number.answers:
        return Finding(
            Mark.WARN,
            _("{sender} is a name: customers cannot answer it").format(sender=number.number),
            _("Use a number, or a messaging service that has one, where you want answers."),
        )
    if number.sandbox:
        return Finding(
            Mark.WARN,
            _("{sender} is the provider's sandbox: only phones that joined it hear from us").format(
                sender=number.number
            ),
            _("Good for a first test. Customers need a sender of your own."),
        )
    return Finding(Mark.DONE, _("customers can answer {sender}").format(sender=number.number))


def _service(seen: InboxInspection, now: datetime) -> Finding | None:
    service = seen.health.inbox.settings.get("messaging_service_sid")
    if not service:
        return None
    return Finding(
        Mark.INFO,
        _("the messaging service {service} chooses the number").format(service=service),
        _("Its Integration must be “Send a webhook” with the Configuration URL, or defer to the "
          "number's own webhook."),
    )  # fmt: skip


def _registered(seen: InboxInspection, now: datetime) -> Finding | None:
    known = seen.report is not None and seen.report.subscription is not None
    return own_webhook(seen) if known else None


def _received(seen: InboxInspection, now: datetime) -> Finding:
    good, bad = seen.health.last_good_at, seen.last_bad_at
    if bad is not None and (good is None or bad > good):
        return Finding(
            Mark.WARN if good else Mark.FAIL,
            _("a webhook was refused: {reason}").format(
                reason=_(seen.last_bad_reason) if seen.last_bad_reason else "?"
            ),
            _("Compare the secrets of this number and the public URL with what the provider has."),
        )
    if good is not None:
        return Finding(Mark.DONE, _("a webhook with a good signature came"))
    number = seen.report.number if seen.report else None
    if number is not None and number.answers is False:
        return Finding(Mark.INFO, _("none is expected but those of statuses"))
    paste = CHANNELS[seen.health.inbox.channel].paste
    return Finding(Mark.OPEN, _("none has come yet"), f"{_(paste)}." if paste else "")


def _message(seen: InboxInspection, now: datetime) -> Finding | None:
    if seen.received_at is not None:
        return Finding(Mark.DONE, _("a customer's message has arrived"))
    number = seen.report.number if seen.report else None
    if number is not None and number.answers is False:
        return None
    return Finding(
        Mark.OPEN, _("no message has arrived yet"), _("Write to the number from your own phone.")
    )


def _reply(seen: InboxInspection, now: datetime) -> Finding:
    inbox = seen.health.inbox
    if inbox.paused is not None:
        return refused(_("sending is paused"), inbox.paused, inbox.channel)
    if seen.delivered_at is not None:
        return Finding(Mark.DONE, _("a message of ours has reached a customer's phone"))
    return Finding(
        Mark.OPEN,
        _("no message of ours has been delivered yet"),
        _("Write to your own phone in the console."),
    )


_CHECKS: tuple[tuple[str, str, Callable[[InboxInspection, datetime], Finding | None]], ...] = (
    ("settings", marked("Settings"), _settings),
    ("public_url", marked("Public URL"), _address),
    ("account", marked("Account"), _account),
    ("sender", marked("Sender"), _sender),
    ("service", marked("Messaging service"), _service),
    ("webhook", marked("Registered address"), _registered),
    ("received", marked("Webhooks"), _received),
    ("message", marked("Messages in"), _message),
    ("reply", marked("Messages out"), _reply),
)
