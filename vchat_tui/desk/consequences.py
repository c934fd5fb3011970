"""What a failed message means beyond itself: for its person, and for broadcasts.

The same error may come in the answer to our request and in a status webhook; heeding it twice is
the same as once.
"""

from __future__ import annotations

import sqlite3

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass
from vchat_tui.channels.errors import Consequence
from vchat_tui.models import MessageError
from vchat_tui.store import broadcasts, conversations, identities, memberships, windows
from vchat_tui.store.changes import Changes


def heed(
    db: sqlite3.Connection,
    message_id: int,
    channel: str,
    error: MessageError,
    at: int,
    changes: Changes,
) -> None:
    """Notes what follows from an error.

    Args:
        message_id: the message that failed with it.
        at: when, in milliseconds.
    """
    rule = errors.rule(channel, error.code)
    if rule is not None and rule.error_class is ErrorClass.WINDOW:
        windows.refuse(db, message_id, changes)
    match rule.consequence if rule else None:
        case Consequence.UNREACHABLE:
            identity_id = conversations.identity_of(db, message_id)
            identities.mark_unreachable(db, identity_id, at, changes)
        case Consequence.NOT_IN_SANDBOX:
            memberships.refused(db, message_id, at, changes)
        case Consequence.WITHHELD:
            identities.mark_withheld(db, conversations.identity_of(db, message_id), at)
        case Consequence.OPTED_OUT:
            identity_id = conversations.identity_of(db, message_id)
            identities.set_opt_out(db, identity_id, True, "provider", at, changes)
        case Consequence.STOPS_BROADCAST:
            recipient = broadcasts.of_message(db, message_id)
            if recipient is not None:
                broadcasts.pause(db, recipient[0], error, changes)
        case Consequence.STOPS_BROADCASTS:
            for broadcast_id in broadcasts.running_on(db, broadcasts.inbox_of(db, message_id)):
                broadcasts.pause(db, broadcast_id, error, changes)
