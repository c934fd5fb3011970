"""SMS through Twilio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vchat_tui.channels.base import Capabilities, Problem
from vchat_tui.channels.checking import Wrong
from vchat_tui.channels.mms import MEDIA, check_files
from vchat_tui.channels.plain_text import check_text
from vchat_tui.channels.sms_text import MAX_TEXT
from vchat_tui.channels.twilio import Twilio
from vchat_tui.channels.twilio_inbound import SMS
from vchat_tui.models import Content
from vchat_tui.questions import AS_TEXT
from vchat_tui.settings import Secret
from vchat_tui.settings.twilio_fields import takes_answers

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    kinds=frozenset({"text", "location", "contacts", "interactive", *MEDIA}),
    media=MEDIA,
    files_by_link=True,
    segments=True,
    opt_out_stops_all=True,
    interactive_as_text=AS_TEXT,
    missed_webhooks=True,
    phone_numbers=True,
    # A long code takes one segment a second; other senders have the setting.
    sends_per_second=1,
)

__all__ = ["CAPABILITIES", "check_content", "open_channel"]


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> Twilio:
    """The line of one number, sender name or messaging service. See `Twilio`."""
    return Twilio(SMS, CAPABILITIES, settings, secrets)


def adapted(settings: Mapping[str, Any]) -> Capabilities:
    """What an inbox with these settings can do: its rate, and nobody answers to a sender name."""
    sender = str(settings.get("sender") or "")
    return msgspec.structs.replace(
        CAPABILITIES,
        answers=takes_answers(sender, settings.get("messaging_service_sid")),
        sends_per_second=settings.get("sends_per_second") or CAPABILITIES.sends_per_second,
    )


def check_content(content: Content) -> Problem | None:
    """The first thing that Twilio would refuse; None where there is none."""
    if content.type in MEDIA:
        try:
            check_files(content)
        except Wrong as wrong:
            return wrong.problem
        return None
    return check_text(content, CAPABILITIES)
