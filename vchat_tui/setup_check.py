"""How far the set-up of a WhatsApp number is: the same findings for the guided set-up and `doctor`.

Nothing here asks anybody: it judges the facts of an `InboxInspection`. Each finding says what was
seen and, where something is wrong, what to do, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from vchat_tui.address_check import address
from vchat_tui.channels import errors
from vchat_tui.channels.account import AccountReport, TokenFacts, TokenState
from vchat_tui.desk.calls import InboxInspection
from vchat_tui.findings import (
    SOON,
    Finding,
    Mark,
    is_set,
    not_before,
    refused,
    span,
    waits_for_token,
)
from vchat_tui.i18n import _
from vchat_tui.models import MessageError

WEBHOOK_PATHS = {
    "whatsapp_360dialog": "/webhooks/360dialog/…",  # behind it, a secret that is shown nowhere
    "whatsapp_cloud": "/webhooks/meta",
    "whatsapp_twilio": "/webhooks/twilio",
    "sms_twilio": "/webhooks/twilio",
}
"""Where a channel's webhooks come in, below the public URL."""

GUIDED = frozenset({"whatsapp_cloud"})
"""The channels whose set-up has steps; the others have their form, and the check of the account."""

VERY_SOON = timedelta(hours=2)
COEXISTENCE_SPEED = 20  # messages a second (Meta, "Onboarding WhatsApp Business app users")
_PAYMENT = "141006"  # Meta, "Messaging health status": the payment method has an error


def examine(seen: InboxInspection, now: datetime) -> dict[str, Finding]:
    """The findings by step, in the order in which one works through them.

    Args:
        seen: the facts.
        now: UTC.
    """
    return {step: judge(seen, now) for step, judge in _STEPS.items()}


def configuration_url(public_url: str | None, channel: str = "whatsapp_cloud") -> str:
    """What is pasted at Meta as Callback URL; empty while there is no public URL."""
    return f"{public_url}{WEBHOOK_PATHS[channel]}" if public_url else ""


def _address(seen: InboxInspection, now: datetime) -> Finding:
    return address(seen.public_url, seen.listening, seen.listener_error)


def _number(seen: InboxInspection, now: datetime) -> Finding:
    waiting = waits_for_token(seen)
    if waiting is not None:
        return waiting
    assert seen.report is not None
    number = seen.report.number
    if number.error is not None:
        if number.error.code == "33":
            return Finding(
                Mark.FAIL,
                _("Meta knows no number with this ID, or the token may not see it"),
                _(
                    "Copy the Phone number ID of API Setup again: it is not the phone number itself."
                ),
            )
        return refused(
            _("Meta tells nothing of this number"), number.error, seen.health.inbox.channel
        )
    name = f"{number.number or '?'} · {number.name or '?'}"
    if number.status not in (None, "CONNECTED"):
        return Finding(
            Mark.WARN,
            _("{name}: its state is {status}").format(name=name, status=number.status),
            _("Look at the number in WhatsApp Manager; it may have to be verified or registered."),
        )
    return Finding(Mark.DONE, name)


def _handshake(seen: InboxInspection, now: datetime) -> Finding:
    key = seen.health.inbox.secrets.get("verify_token")
    if not is_set(key):
        return Finding(Mark.OPEN, _("no secret key yet"), _("Generate one and paste it at Meta."))
    verified = not_before(seen.health.handshake_at, key)
    if verified is not None or not_before(seen.health.last_good_at, key):
        return Finding(Mark.DONE, _("Meta has verified this address with the secret key"))
    if seen.health.handshake_at is not None:
        return Finding(
            Mark.WARN,
            _("the secret key is newer than Meta's last verification"),
            _("Paste the new key at Meta › WhatsApp › Configuration and verify again."),
        )
    return Finding(
        Mark.OPEN,
        _("Meta has not verified this address yet"),
        _("Paste both at Meta and press “Verify and save”. Refused there? Then the key differs, or "
          "the public URL does not lead here: your proxy must forward /webhooks/ to this server."),
    )  # fmt: skip


def _token(seen: InboxInspection, now: datetime) -> Finding:
    if not is_set(seen.health.inbox.secrets.get("access_token")):
        return Finding(Mark.OPEN, _("no token yet"), _("Paste it: without it nothing can be sent."))
    if seen.report is None:
        return Finding(Mark.WAIT, _("Meta is being asked …"))
    token = seen.report.token
    if token.state is TokenState.WRONG:
        return Finding(
            Mark.FAIL,
            _("Meta does not accept this token"),
            _("Copy it again, whole: it begins with EAA. After a new password or a removed app "
              "every token must be made anew."),
        )  # fmt: skip
    if token.state is TokenState.EXPIRED:
        return Finding(Mark.FAIL, _("the token has expired"), _permanent())
    if token.state is TokenState.UNKNOWN:
        return _unknown_token(seen.report, seen.health.inbox.channel)
    if token.missing_scopes:
        return Finding(
            Mark.FAIL,
            _("the token lacks a permission: {scopes}").format(
                scopes=", ".join(token.missing_scopes)
            ),
            _("Generate a new token and tick these permissions."),
        )
    return _lifetime(token, now)


def _unknown_token(report: AccountReport, channel: str) -> Finding:
    error = report.token.error or MessageError(code=errors.NO_ANSWER)
    if report.number.error is None:
        return Finding(
            Mark.WARN,
            _("the token works, but Meta does not tell its kind and end"),
            _("A temporary token ends after a day; make sure that it is one of a system user."),
        )
    return refused(_("Meta was not reached"), error, channel)


def _lifetime(token: TokenFacts, now: datetime) -> Finding:
    if token.expires_at is None:
        return Finding(Mark.DONE, _("permanent token, with all permissions"))
    left = token.expires_at - now
    if left <= timedelta(0):
        return Finding(Mark.FAIL, _("the token has expired"), _permanent())
    what = _("temporary token: it ends in {time}").format(time=span(left))
    if left > SOON:
        return Finding(Mark.DONE, what)
    return Finding(Mark.FAIL if left <= VERY_SOON else Mark.WARN, what, _permanent())


def _permanent() -> str:
    return _("Good for a first test. For good: a token of a system user, with the expiry “Never”.")


def _business(seen: InboxInspection, now: datetime) -> Finding:
    if not seen.health.inbox.settings.get("business_account_id"):
        return Finding(
            Mark.OPEN,
            _("no business account ID yet"),
            _("Enter it: without it there are no templates and no check of the subscription."),
        )
    waiting = waits_for_token(seen)
    if waiting is not None:
        return waiting
    assert seen.report is not None
    business = seen.report.business
    if business is None:
        return Finding(Mark.WAIT, _("Meta is being asked …"))
    if business.error is not None:
        if business.error.code in ("33", "100"):
            return Finding(
                Mark.FAIL,
                _("this is not the ID of a business account that the token may see"),
                _("Copy the WhatsApp Business Account ID of API Setup, not the portfolio's."),
            )
        return refused(
            _("the business account cannot be read"), business.error, seen.health.inbox.channel
        )
    if business.has_number is False:
        return Finding(
            Mark.FAIL,
            _("our number does not belong to this account; it has: {numbers}").format(
                numbers=", ".join(business.numbers) or "–"
            ),
            _("Copy both IDs from the same page of API Setup."),
        )
    templates = seen.report.templates
    if templates is not None and templates.error is not None:
        return refused(
            _("its templates cannot be read"), templates.error, seen.health.inbox.channel
        )
    return Finding(Mark.DONE, _("the account and its templates can be read; the number is its own"))


def _subscribed(seen: InboxInspection, now: datetime) -> Finding:
    report = seen.report
    subscription = report.subscription if report else None
    if subscription is None or (report and report.business and report.business.error):
        return Finding(Mark.WAIT, _("waits for the token and the business account"))
    if subscription.error is not None:
        return refused(
            _("the subscription cannot be read"), subscription.error, seen.health.inbox.channel
        )
    if not subscription.subscribed:
        return Finding(
            Mark.FAIL,
            _("the app is not subscribed to the account: no message can arrive"),
            _("Subscribe it from here; no page of Meta has a button for it."),
        )
    ours = configuration_url(seen.public_url, seen.health.inbox.channel)
    if subscription.override_url not in (None, ours):
        return Finding(
            Mark.WARN,
            _("Meta sends this account's messages to another address: {url}").format(
                url=subscription.override_url
            ),
            _("Whoever set it must remove it: it goes before the app's own Callback URL."),
        )
    return Finding(Mark.DONE, _("the app is subscribed to the account"))


def _signature(seen: InboxInspection, now: datetime) -> Finding:
    secret = seen.health.inbox.secrets.get("app_secret")
    if not is_set(secret):
        return Finding(
            Mark.OPEN, _("no app secret yet"), _("Enter it: without it every message is refused.")
        )
    good = not_before(seen.health.last_good_at, secret)
    bad = not_before(seen.last_bad_at, secret)
    if bad is not None and (good is None or bad > good):
        reason = _(seen.last_bad_reason) if seen.last_bad_reason else "?"
        return Finding(
            Mark.WARN if good else Mark.FAIL,
            _("a webhook was refused: {reason}").format(reason=reason),
            _("The app secret is wrong or of another app. Copy it again: App settings › Basic › "
              "Show."),
        )  # fmt: skip
    if good is not None:
        return Finding(Mark.DONE, _("a webhook with a good signature came"))
    return Finding(Mark.WAIT, _("the first message will prove it"))


def _message(seen: InboxInspection, now: datetime) -> Finding:
    if seen.received_at is not None:
        return Finding(Mark.DONE, _("a customer's message has arrived"))
    if seen.health.last_good_at is None and seen.dead:
        return Finding(
            Mark.WARN,
            _("webhooks come, but for another number"),
            _("Compare the Phone number ID with the dead letters in the diagnostics."),
        )
    return Finding(
        Mark.OPEN,
        _("no message has arrived yet"),
        _("Subscribe “messages”, then write to the number from your own phone."),
    )


def _reply(seen: InboxInspection, now: datetime) -> Finding:
    if seen.health.inbox.paused is not None:
        return refused(_("sending is paused"), seen.health.inbox.paused, seen.health.inbox.channel)
    if seen.delivered_at is not None:
        return Finding(Mark.DONE, _("an answer has reached a customer's phone"))
    if seen.received_at is None:
        return Finding(Mark.WAIT, _("waits for the test message"))
    return Finding(
        Mark.OPEN,
        _("no answer has been delivered yet"),
        _("Answer the test message in the console."),
    )


def _account(seen: InboxInspection, now: datetime) -> Finding:
    waiting = waits_for_token(seen)
    if waiting is not None:
        return waiting
    assert seen.report is not None
    number, health = seen.report.number, seen.report.health
    shown = _standing(seen.report)
    if health.can_send == "BLOCKED":
        problem = health.problems[0] if health.problems else None
        if problem is not None and problem.code == _PAYMENT:
            return Finding(
                Mark.FAIL,
                _("Meta blocks sending: the payment method has a problem"),
                _("WhatsApp Manager › Payment settings: add or correct the payment method."),
            )
        what = problem.title if problem and problem.title else "?"
        advice = problem.details if problem and problem.details else ""
        return Finding(
            Mark.FAIL,
            _("Meta blocks sending: {reason}").format(reason=what),
            advice or _("Look at the account in WhatsApp Manager."),
        )
    if number.error is not None:
        return Finding(Mark.WAIT, _("waits for the phone number ID"))
    if health.can_send == "LIMITED" or number.quality in ("RED", "YELLOW"):
        return Finding(
            Mark.WARN,
            shown,
            _("Customers block or report messages: write only what they asked for, or Meta lowers "
              "the limit."),
        )  # fmt: skip
    return Finding(Mark.DONE, shown)


def _standing(report: AccountReport) -> str:
    """Quality, limit and speed in words; Meta's own word where it is a new one."""
    number = report.number
    qualities = {"GREEN": _("good"), "YELLOW": _("medium"), "RED": _("low")}
    quality = qualities.get(number.quality or "", _("not rated yet"))
    tier = (number.limit or "").removeprefix("TIER_")
    limit = {"": "–", "UNLIMITED": _("unlimited")}.get(tier, tier)
    return _("quality: {quality} · new customers a day: {limit}").format(
        quality=quality, limit=limit
    )


def _phone_app(seen: InboxInspection, now: datetime) -> Finding:
    health = seen.report.health if seen.report else None
    if health is None or health.on_phone_app is None:
        return Finding(Mark.INFO, _("Meta has not told whether the phone app has this number"))
    if not health.on_phone_app:
        return Finding(Mark.INFO, _("the number is used through the API only"))
    speed = seen.health.inbox.settings.get("sends_per_second") or 0
    if speed > COEXISTENCE_SPEED:
        return Finding(
            Mark.WARN,
            _("the number is also in the phone app: it may send only 20 messages a second"),
            _("Set “Messages per second” to 20 in the settings of this number."),
        )
    return Finding(
        Mark.INFO, _("the number is also in the phone app; what is typed there appears here")
    )


_STEPS: dict[str, Callable[[InboxInspection, datetime], Finding]] = {
    "public_url": _address,
    "number": _number,
    "token": _token,
    "handshake": _handshake,
    "app_secret": _signature,
    "business": _business,
    "subscribed": _subscribed,
    "message": _message,
    "reply": _reply,
    "account": _account,
    "phone_app": _phone_app,
}
STEPS = tuple(_STEPS)
"""The names of the steps, in order."""
