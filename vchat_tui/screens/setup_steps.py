"""The steps of the guided set-up as they are shown: their names, where to click, what to fill in.

The way through Meta's pages is the one of its guides "Get started" and "System users" of the
WhatsApp Business Platform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual.content import Content

from vchat_tui.actions import key_of
from vchat_tui.address_check import address
from vchat_tui.channels_shown import PERMISSIONS
from vchat_tui.findings import Finding, Mark
from vchat_tui.i18n import _
from vchat_tui.setup_check import STEPS
from vchat_tui.text import clean

GLYPHS = {
    Mark.DONE: ("●", "$text-success"),
    Mark.OPEN: ("○", "bold $text-accent"),
    Mark.WAIT: ("·", "dim"),
    Mark.WARN: ("▲", "$text-warning"),
    Mark.FAIL: ("✗", "$text-error"),
    Mark.INFO: ("●", "dim"),
}
COUNTED = tuple(step for step in STEPS if step != "phone_app")
"""Steps that are done or not; the others only tell something."""


class Shown(NamedTuple):
    """A step on the screen. `title` and `where` are made in the language of the moment."""

    title: Callable[[], str]
    where: Callable[[], str]
    fields: tuple[str, ...] = ()


def _where_token() -> str:
    return "\n".join(
        (
            _("For a first test: Meta › your app › WhatsApp › API Setup › Generate access token; it "
              "ends after a day."),
            _("For good: business.facebook.com › Settings › Users › System users › a user with the "
              "role Admin › Add assets › Apps › your app, Full control › Generate new token › expiry "
              "“Never”, permissions: {permissions}.").format(permissions=PERMISSIONS),
        )
    )  # fmt: skip


def _where_secret_key() -> str:
    return _(
        "Meta › your app › WhatsApp › Configuration › Edit. Callback URL: the address below, {url} "
        "copies it. Verify token: the secret key, {key} copies it. Then “Verify and save”."
    ).format(url=key_of("setup-copy"), key=key_of("setup-copy-key"))


def _where_message() -> str:
    return _(
        "Meta › your app › WhatsApp › Configuration › Webhook fields › Manage: subscribe “messages”. "
        "Then write to the number from your own phone. It is Meta's test number? Then put your "
        "phone on its list first: API Setup › To."
    )


def _where_reply() -> str:
    return _(
        "Leave this page with Esc: nothing is lost. In the conversation list {next} opens the test "
        "message; answer it and watch the ticks."
    ).format(next=key_of("next-unread"))


SHOWN: dict[str, Shown] = {
    "public_url": Shown(
        lambda: _("Public URL"),
        lambda: _("Where the internet reaches this server, with https. A proxy such as Caddy "
                  "forwards /webhooks/ to the listener: docs/deployment.md."),
        ("public_url",),
    ),
    "number": Shown(
        lambda: _("Phone number ID"),
        lambda: _("developers.facebook.com › My Apps › your app › WhatsApp › API Setup: choose the "
                  "number under “From”; its Phone number ID stands below. “Add phone number” on "
                  "the same page adds one of your own."),
        ("phone_number_id", "name", "api_base_url"),
    ),
    "token": Shown(lambda: _("Token"), _where_token, ("access_token",)),
    "handshake": Shown(lambda: _("Secret key"), _where_secret_key, ("verify_token",)),
    "app_secret": Shown(
        lambda: _("App secret"),
        lambda: _("Meta › your app › App settings › Basic › App secret › Show. It proves that what "
                  "comes in is from Meta."),
        ("app_secret",),
    ),
    "business": Shown(
        lambda: _("Business account"),
        lambda: _("Meta › your app › WhatsApp › API Setup: the WhatsApp Business Account ID stands "
                  "beside the Phone number ID."),
        ("business_account_id",),
    ),
    "subscribed": Shown(
        lambda: _("Subscription"),
        lambda: _("Meta sends an account's messages only to apps that are subscribed to it. {key} "
                  "subscribes yours.").format(key=key_of("setup-subscribe")),
    ),
    "message": Shown(lambda: _("Test message"), _where_message),
    "reply": Shown(lambda: _("First answer"), _where_reply),
    "account": Shown(
        lambda: _("Quality and limit"),
        lambda: _("WhatsApp Manager › Phone numbers shows the same. The limit counts customers to "
                  "whom you write first within a day; it grows with good quality. Whoever writes "
                  "to you is not counted."),
    ),
    "phone_app": Shown(
        lambda: _("Phone app"),
        lambda: _("A number may be used in the WhatsApp Business app on a phone and here at the same "
                  "time (coexistence), when it was added to the API that way: Meta's sign-up offers "
                  "to connect an existing app. Then 20 messages a second are the limit. A number "
                  "that is moved to the API without it leaves the phone for good; save its chats "
                  "first."),
    ),
}  # fmt: skip


def beginning(
    public_url: str | None, listening: str | None, listener_error: str | None
) -> dict[str, Finding]:
    """The findings while there is no inbox yet."""
    waits = Finding(Mark.WAIT, _("waits for the phone number ID"))
    return dict.fromkeys(STEPS, waits) | {
        "public_url": address(public_url, listening, listener_error),
        "number": Finding(
            Mark.OPEN, _("no number yet"), _("Enter its ID: the number is added at once.")
        ),
    }


def row(place: int, step: str, finding: Finding) -> Content:
    """A step as a line of the list."""
    glyph, style = GLYPHS[finding.mark]
    return Content.assemble(
        (f" {glyph} ", style), (f"{place:>2} ", "dim"), (SHOWN[step].title(), "")
    )


def state(finding: Finding) -> Content:
    """What was seen, and what to do."""
    glyph, style = GLYPHS[finding.mark]
    seen = Content.assemble((f"{glyph} {clean(_sentence(finding.what))}", style))
    if not finding.advice:
        return seen
    return seen + Content("\n") + Content.styled(f"→ {clean(finding.advice)}", "bold")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def first_open(findings: dict[str, Finding], after: str | None = None) -> str | None:
    """The next step that wants something of the person, behind a step, then from the beginning."""
    start = STEPS.index(after) + 1 if after else 0
    for step in (*STEPS[start:], *STEPS[:start]):
        if findings[step].mark in (Mark.OPEN, Mark.FAIL):
            return step
    return None
