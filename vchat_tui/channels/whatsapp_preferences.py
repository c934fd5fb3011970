"""What customers decide about marketing messages, in WhatsApp itself.

Meta, WhatsApp Business Platform, Webhooks, field `user_preferences`: a list of
`{wa_id, user_id, category: "marketing_messages", value: "stop" | "resume", timestamp}`.
"""

from __future__ import annotations

from typing import Any

from vchat_tui.channels.facts import EventFact, Party, Preference
from vchat_tui.channels.payload import moment_at, text_at

FIELD = "user_preferences"
_VALUES = {"stop": True, "resume": False}


def read_preferences(event: EventFact) -> tuple[Preference, ...]:
    """The choices in an event; none where it is another event, or says nothing that we know."""
    entries = (event.raw or {}).get(FIELD) if event.field == FIELD else None
    if not isinstance(entries, list):
        return ()
    found = (_read(entry, event) for entry in entries if isinstance(entry, dict))
    return tuple(preference for preference in found if preference is not None)


def _read(entry: dict[str, Any], event: EventFact) -> Preference | None:
    party = Party(address=text_at(entry, "wa_id"), business_scoped_id=text_at(entry, "user_id"))
    stops = _VALUES.get(text_at(entry, "value") or "")
    marketing = text_at(entry, "category") in (None, "marketing_messages")
    if stops is None or not marketing or party == Party():
        return None
    return Preference(party=party, stops=stops, at=moment_at(entry, "timestamp") or event.sent_at)
