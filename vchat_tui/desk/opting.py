"""Who wants no marketing: by a word in a message, in WhatsApp's own settings, or told to an agent.

A word counts where it is the whole message. The newest decision holds, in whatever order webhooks
come (`store/identities.set_opt_out`).
"""

from __future__ import annotations

import re
import sqlite3

from vchat_tui.channels import registry
from vchat_tui.channels.facts import EventFact, MessageFact
from vchat_tui.fold import fold_key
from vchat_tui.store import identities
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import place

OUT_WORDS = frozenset({"stop", "baja", "alto", "unsubscribe"})
IN_WORDS = frozenset({"start", "unstop", "alta", "resume"})

_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def decision(text: str | None) -> bool | None:
    """True: they want no more; False: they want it again; None: the text says neither."""
    if not text or len(text) > 40:
        return None
    word = _AROUND.sub("", fold_key(text))
    if word in OUT_WORDS:
        return True
    return False if word in IN_WORDS else None


def heed_word(
    db: sqlite3.Connection, identity_id: int, fact: MessageFact, at: int, changes: Changes
) -> None:
    """Notes the decision in a customer's message, where there is one: the provider's word for it,
    or ours for what was typed or pressed."""
    out = fact.opt_out
    if out is None and fact.type in ("text", "button", "interactive"):
        out = decision(fact.text)
    if out is not None:
        identities.set_opt_out(db, identity_id, out, "word", at, changes)


def apply_preferences(
    db: sqlite3.Connection, inbox_id: int, event: EventFact, received_at: int, changes: Changes
) -> None:
    """Notes what customers decided in the provider's own settings."""
    for preference in registry.preferences(event):
        at = place(preference.at, received_at)
        identity_id, _user = identities.resolve(db, inbox_id, preference.party, at, changes)
        identities.set_opt_out(db, identity_id, preference.stops, "provider", at, changes)
