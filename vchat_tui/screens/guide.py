"""How a WhatsApp number is connected, step by step, as Meta's "Get started" and "System users"
guides of the WhatsApp Business Platform have it."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.i18n import _

PERMISSIONS = "whatsapp_business_management, whatsapp_business_messaging, business_management"
"""What the permanent token must be allowed."""


def setup_steps() -> Content:
    """The steps, in the order in which they work."""
    steps = (
        _("Generate the Secret key here. At Meta › WhatsApp › Configuration paste the "
          "Configuration URL and the key as “Verify token”."),
        _("There, at Webhook fields › Manage, subscribe “messages”."),
        _("Copy the Phone number ID of API Setup, and the App secret of App settings › Basic."),
        _("Paste the temporary token, save here first, then verify at Meta: it asks this server."),
        _("Send Meta's test message to your own phone and answer it: it must appear here."),
        _("For good: business.facebook.com › Settings › System users: an Admin user, add the app, "
          "generate a token that never expires, with {permissions}."),
    )  # fmt: skip
    parts: list[Content] = [Content.styled(_("How to connect it"), "bold")]
    for number, step in enumerate(steps, 1):
        text = step.replace("{permissions}", PERMISSIONS)
        parts.append(Content.assemble((f"{number}. ", "bold"), (text, "")))
    return Content("\n\n").join(parts)
