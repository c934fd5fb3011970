"""The channels in words: their names, what each is for, and how an inbox of it is connected.

One row a channel of `settings.CHANNEL_FIELDS`; screens, `doctor` and the guide read it here.
Facts from Meta's "Get started" and "System users" guides of the WhatsApp Business Platform, and
from Twilio's "Configure your messaging webhooks" and "WhatsApp self sign-up".
"""

from __future__ import annotations

from typing import NamedTuple

from vchat_tui.settings import _

PERMISSIONS = "whatsapp_business_management, whatsapp_business_messaging, business_management"
"""What Meta's permanent token must be allowed."""


class ShownChannel(NamedTuple):
    """A channel for people. All but the name are message ids.

    Attributes:
        name: a proper name, the same in every language.
        what: one line for the list of channels.
        paste: where the configuration URL is pasted at the provider; empty: it is never seen, and
            registered from here (`Channel.subscribe`).
        steps: how to connect an inbox, in the order in which it works.
    """

    name: str
    what: str
    paste: str
    steps: tuple[str, ...]


_TWILIO_ACCOUNT = _(
    "Copy Account SID and Auth token of Twilio Console › Account Info, enter the sender, and save."
)

CHANNELS: dict[str, ShownChannel] = {
    "whatsapp_cloud": ShownChannel(
        name="WhatsApp Cloud API",
        what=_("WhatsApp from Meta directly, with all that it can do"),
        paste=_("Paste it at Meta › WhatsApp › Configuration › Callback URL"),
        steps=(
            _("Generate the Secret key here. At Meta › WhatsApp › Configuration paste the "
              "Configuration URL and the key as “Verify token”."),
            _("There, at Webhook fields › Manage, subscribe “messages”."),
            _("Copy the Phone number ID of API Setup, and the App secret of App settings › Basic."),
            _("Paste the temporary token, save here first, then verify at Meta: it asks this server."),
            _("Send Meta's test message to your own phone and answer it: it must appear here."),
            _("For good: business.facebook.com › Settings › System users: an Admin user, add the "
              "app, generate a token that never expires, with {permissions}."),
        ),
    ),
    "whatsapp_twilio": ShownChannel(
        name="WhatsApp · Twilio",
        what=_("WhatsApp through Twilio, without an app at Meta"),
        paste=_("Paste it at Twilio › Messaging › Senders › WhatsApp senders › the sender, or at "
                "the sandbox's settings › “When a message comes in”"),
        steps=(
            _TWILIO_ACCOUNT,
            _("Paste the Configuration URL at Twilio, method POST."),
            _("In the sandbox every customer first sends the words that Twilio shows you."),
            _("Write to the number from your own phone: the message must appear here. Answer it."),
        ),
    ),
    "whatsapp_360dialog": ShownChannel(
        name="WhatsApp · 360dialog",
        what=_("WhatsApp through 360dialog, without an app at Meta"),
        paste="",
        steps=(
            _("Copy the API key: 360dialog Hub › your number › API key. Generate the Webhook secret "
              "here, and save."),
            _("The webhook is registered by itself as soon as the server has a public URL."),
            _("Write to the number from your own phone: the message must appear here. Answer it."),
        ),
    ),
    "sms_twilio": ShownChannel(
        name="SMS · Twilio",
        what=_("Text messages to any phone, through Twilio"),
        paste=_("Paste it at Twilio › Phone numbers › Manage › Active numbers › the number › “A "
                "message comes in”"),
        steps=(
            _("Buy a number at Twilio › Phone numbers › Buy a number; with a trial number only "
              "verified numbers can be texted. A sender name cannot be answered."),
            _TWILIO_ACCOUNT,
            _("Paste the Configuration URL at the number, as Webhook with HTTP POST. A number of a "
              "messaging service: at the service › Integration, “Send a webhook”."),
            _("Text the number from your own phone: the message must appear here. Answer it."),
        ),
    ),
}  # fmt: skip


def shown_name(channel: str) -> str:
    """A channel's name; one that is not known is shown as it is written."""
    shown = CHANNELS.get(channel)
    return shown.name if shown else channel
