"""A store in memory, fed with webhooks directly, and what people would see of it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from webhook_bodies import ACCOUNT, NUMBER, OTHER_NUMBER, START

from vchat_tui.desk.inbound import apply_batch
from vchat_tui.models import Content, Direction, MessageError, Status
from vchat_tui.store import (
    claims,
    conversations,
    deliveries,
    inboxes,
    messages,
    migrations,
    people,
)
from vchat_tui.store.changes import Changes
from vchat_tui.store.journal import Entry

RECEIVED_AT = (START + 1_000_000) * 1000
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def examples(usual: int) -> int:
    """How many examples a property tries: twenty times as many in the long profile."""
    return usual * 20 if LONG else usual


class Store:
    """A store with two inboxes."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.execute("PRAGMA foreign_keys = ON")
        migrations.migrate_store(self.db, Path("store"))
        self._entries = 0
        changes = self.changes()
        for name, number in (("Ventas", NUMBER), ("Soporte", OTHER_NUMBER)):
            inboxes.save(
                self.db, None, name, "whatsapp_cloud", number, {"business_account_id": ACCOUNT},
                changes,
            )  # fmt: skip

    def close(self) -> None:
        """Forgets it."""
        self.db.close()

    def changes(self) -> Changes:
        """For calling functions that change something."""
        return Changes(RECEIVED_AT)

    def apply(self, *bodies: bytes) -> None:
        """Applies webhooks in one batch."""
        entries = []
        for body in bodies:
            self._entries += 1
            entries.append(Entry(self._entries, "meta", 1, RECEIVED_AT, body))
        self.db.execute("BEGIN")
        apply_batch(self.db, entries)
        self.db.execute("COMMIT")

    def send(self, client_id: str, address: str) -> deliveries.Claimed:
        """Writes a message of ours to a customer who is known, and claims it."""
        changes = self.changes()
        row = self.db.execute(
            "SELECT c.id FROM conversation c JOIN identity i ON i.id = c.identity_id"
            " WHERE i.address = ?",
            (address,),
        ).fetchone()
        message_id = messages.insert(
            self.db,
            messages.NewMessage(
                conversation_id=row[0], inbox_id=1, direction=Direction.OUT,
                content=Content(type="text", text=client_id), order_at=RECEIVED_AT,
                received_at=RECEIVED_AT, client_id=client_id, status=Status.QUEUED,
            ),
        )  # fmt: skip
        assert message_id is not None
        deliveries.enqueue(self.db, message_id, row[0], 1, changes)
        posted = conversations.Posted(
            message_id, RECEIVED_AT, Direction.OUT, "text", client_id, Status.QUEUED
        )
        conversations.posted(self.db, row[0], posted, None)
        (claimed,) = claims.claim(self.db, [message_id], "boot", changes)
        return claimed

    def answer(self, claimed: deliveries.Claimed, outcome: str) -> None:
        """The provider answers: with an id, or not at all."""
        if outcome == "unclear":
            deliveries.unclear(self.db, claimed, MessageError(code="unclear"), self.changes())
        else:
            deliveries.accepted(self.db, claimed, outcome, None, self.changes())

    def statuses(self) -> dict[str, Status]:
        """How far each message of ours is, by whatever names it."""
        rows = self.db.execute(
            "SELECT coalesce(client_id, provider_id), status FROM message WHERE status NOT NULL"
        )
        return {name: Status(status) for name, status in rows}

    def picture(self) -> dict[str, Any]:
        """All that can be seen, without ids and the moments of storing."""
        rows = self.db.execute("SELECT id FROM conversation").fetchall()
        seen = [self._conversation(row[0]) for row in rows]
        users, _total = people.list_users(self.db, "", 0, 1000)
        return {
            "conversations": sorted(seen, key=repr),
            "users": sorted((self._user(user.id) for user in users), key=repr),
            "events": self.db.execute(
                "SELECT field, event, raw FROM account_event ORDER BY digest"
            ).fetchall(),
        }

    def _conversation(self, conversation_id: int) -> dict[str, Any]:
        row = conversations.get(self.db, conversation_id)
        assert row is not None
        page = messages.timeline(self.db, conversation_id, limit=1000)
        last = next(item for item in page.items if item.message.id == row.last_message_id)
        return {
            "row": (
                row.inbox, row.title, row.address, row.folder, row.unread, row.last_message_at,
                row.last_text, row.last_type, row.last_direction, row.last_status,
                row.window_ends_at, last.client_id or last.message.provider_id,
            ),
            "items": [
                (
                    item.order[0], item.message.provider_id, item.client_id, item.message.type,
                    item.message.text, item.message.direction, item.message.status,
                    item.message.error, item.message.delivered_at, item.message.read_at,
                    item.quote, item.edited_text, item.revoked, sorted(item.reactions, key=repr),
                )
                for item in page.items
            ],
        }  # fmt: skip

    def _user(self, user_id: int) -> Any:
        user = people.get_user(self.db, user_id)
        assert user is not None
        found = self.db.execute("SELECT search_key FROM user WHERE id = ?", (user_id,)).fetchone()
        known = sorted(
            repr((i.inbox, i.address, i.business_scoped_id, i.username, i.profile_name,
                  i.last_inbound_at))
            for i in people.identities_of(self.db, user_id)
        )  # fmt: skip
        return (
            user.name,
            user.phone,
            user.conversations,
            user.last_seen_at,
            sorted(found[0].split()),
            known,
        )
