"""Twilio's WhatsApp sandbox: a number that all of Twilio's customers share, for trying things out.

Facts from Twilio's "Test WhatsApp messaging with the Sandbox": who wants to hear from us joins with
"join" and the words of our account; three days later they are out and must join again; one message
in three seconds.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

CHANNEL, SENDER = "whatsapp_twilio", "whatsapp:+14155238886"
NUMBER = SENDER.removeprefix("whatsapp:")
LASTS = timedelta(hours=72)
SENDS_PER_SECOND = 1 / 3

_JOIN = re.compile(r"\s*join\s+[\w-]+(\s+[\w-]+)?\s*", re.IGNORECASE)


def is_sandbox(channel: str, account: str) -> bool:
    """Whether an inbox is the sandbox.

    Args:
        account: the id by which webhooks name the inbox.
    """
    return channel == CHANNEL and account == SENDER


def is_join(text: str | None) -> bool:
    """Whether a customer's message joins a sandbox."""
    return text is not None and _JOIN.fullmatch(text) is not None


def ends_at(
    joined_at: datetime | None, wrote_at: datetime | None, refused_at: datetime | None
) -> datetime | None:
    """When a customer is out, at the latest; None where they were never heard of.

    Args:
        joined_at: their last "join" that we saw. It may have gone to Twilio alone: who writes
            later than three days after it has joined again.
        wrote_at: their last message.
        refused_at: when Twilio last said that they are not in.
    """
    since = joined_at
    if since is None or (wrote_at is not None and wrote_at > since + LASTS):
        since = wrote_at
    if since is None:
        return None
    heard = max(since, wrote_at or since)
    out = since + LASTS
    return min(out, refused_at) if refused_at is not None and refused_at > heard else out
