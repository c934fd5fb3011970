"""What every capability of the desk stands on: the two databases, the key, and word of changes."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import uuid
from collections.abc import Callable
from typing import TypeVar

from vchat_tui.home import Home
from vchat_tui.keys import KeyFileError, KeyRing
from vchat_tui.settings import Secret
from vchat_tui.store import inboxes, journal, migrations, page_links, projection
from vchat_tui.store.changes import Changes
from vchat_tui.store.database import Database, StoreError
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

T = TypeVar("T")


class Core:
    """Opens a home's databases. Make it with `open`, end it with `close`."""

    def __init__(self, home: Home, store: Database, journal: Database, keys: KeyRing) -> None:
        self.home = home
        self.store = store
        self.journal = journal
        self.keys = keys
        self.boot_id = uuid.uuid4().hex
        self.started_at = now_ms()
        self.locked: frozenset[int] = frozenset()  # inboxes with secrets that the key does not open
        self.page_key = keys.subkey("page links")
        self.file_key = keys.subkey("file links")
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    async def open(cls, home: Home) -> Core:
        """Opens or creates everything in a prepared home whose lock we hold.

        Raises:
            StoreError, KeyFileError: it cannot be used; the text says why.
        """
        keys = KeyRing(home.key)
        entries = await Database.open(home.journal, migrations.migrate_journal, cache_mib=4)
        try:
            store = await Database.open(home.store, migrations.migrate_store, cache_mib=32)
        except BaseException:
            await entries.close()
            raise
        core = cls(home, store, entries, keys)
        try:
            await store.write(page_links.sign_with, core.page_key)
            await core._check_pair()
        except BaseException:
            await core.close()
            raise
        return core

    async def _check_pair(self) -> None:
        """The two databases must be of one home and one time.

        Raises:
            StoreError: one was lost, emptied, or replaced by an older one.
        """
        last = await self.journal.read(journal.last_number)
        position = await self.store.read(projection.position)
        if position > last:
            # Its next webhooks would get numbers that the store takes for read.
            raise StoreError(
                f"{self.home.journal} ends at webhook {last}, but {position} were read from it: it"
                " was lost or is older than the other database; restore a backup of both"
            )
        if last and not position and not await self.store.read(inboxes.everything):
            raise StoreError(
                f"{self.home.store} is empty, but {last} webhooks came already: restore a backup of"
                f" it. To begin anew, move {self.home.journal} away too"
            )

    async def close(self) -> None:
        """Closes the databases."""
        try:
            await self.store.close()
        finally:
            await self.journal.close()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after every transaction that changed something."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tells everybody that a transaction is on the disk."""
        for listener in self._listeners:
            listener()

    async def change(self, action: Callable[[sqlite3.Connection, Changes], T]) -> T:
        """Runs a change in one transaction, with the events that it notes."""
        result = await asyncio.shield(self.store.write(_noted, action))
        self.changed()
        return result

    async def secrets(self) -> dict[tuple[int, str, str], Secret]:
        """Every secret in clear, by (inbox id, key, slot), but those that the key does not open:
        their inboxes are in `locked`, until an admin enters them again."""
        opened: dict[tuple[int, str, str], Secret] = {}
        locked: set[int] = set()
        for row in await self.store.read(inboxes.secrets):
            try:
                place = secret_place(row.inbox_id, row.key, row.slot)
                opened[row.inbox_id, row.key, row.slot] = self.keys.open(row.sealed, place)
            except KeyFileError as error:
                log.error("%s", error)
                if row.slot == "current":
                    locked.add(row.inbox_id)
        self.locked = frozenset(locked)
        return opened


def _noted(db: sqlite3.Connection, action: Callable[[sqlite3.Connection, Changes], T]) -> T:
    changes = Changes(now_ms())
    result = action(db, changes)
    changes.flush(db)
    return result


def secret_place(inbox_id: int, key: str, slot: str) -> str:
    """Where a secret lies: part of its seal, so that it opens nowhere else."""
    return f"inbox:{inbox_id}:{key}:{slot}"
