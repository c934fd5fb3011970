"""WhatsApp through Twilio.

Facts from Twilio's "Messages resource" and "WhatsApp › Key concepts": the 24 hours are WhatsApp's
own, and a message outside them is refused only later, by a status callback (63016).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vchat_tui.channels.base import Capabilities, Problem
from vchat_tui.channels.plain_text import check_text
from vchat_tui.channels.sms_text import MAX_TEXT
from vchat_tui.channels.twilio import Twilio
from vchat_tui.channels.twilio_inbound import WHATSAPP
from vchat_tui.models import Content
from vchat_tui.settings import Secret

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    kinds=frozenset({"text", "location", "contacts"}),
    missed_webhooks=True,
    window_hours=24,
    sends_per_second=80,
    # WhatsApp's own: one message in six seconds to one person; a burst is borrowed and paid back.
    per_person_interval=6,
    per_person_burst=45,
)

__all__ = ["CAPABILITIES", "check_content", "open_channel"]


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> Twilio:
    """The line of one WhatsApp sender. See `Twilio`."""
    return Twilio(WHATSAPP, CAPABILITIES, settings, secrets)


def check_content(content: Content) -> Problem | None:
    """The first thing that Twilio would refuse; None where there is none."""
    return check_text(content, CAPABILITIES)
