"""Brings a database from any released schema to today's, or leaves it as it was.

A migration is one transaction that sets `user_version` too; before it runs on existing data the
file is copied. A released migration is never edited: a change of schema is a new entry at the
end of its list.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from vchat_tui.store.database import StoreError
from vchat_tui.store.schema import JOURNAL_MIGRATIONS, STORE_MIGRATIONS


def migrate_store(db: sqlite3.Connection, path: Path) -> None:
    """Migrates vchat.db."""
    migrate(db, path, STORE_MIGRATIONS)


def migrate_journal(db: sqlite3.Connection, path: Path) -> None:
    """Migrates journal.db."""
    migrate(db, path, JOURNAL_MIGRATIONS)


def migrate(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    """Brings a database up to the last of these migrations.

    Raises:
        StoreError: it has seen more of them than there are here.
    """
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise StoreError(
            f"{path} was written by a newer vchat-tui (schema {version}, this one knows "
            f"{len(migrations)}); install the newer version"
        )
    if 0 < version < len(migrations):
        _copy(db, path.with_name(f"{path.name}.before-{len(migrations)}"))
    for number, script in enumerate(migrations[version:], start=version + 1):
        # executescript commits what is open first, so the transaction is part of the script.
        db.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _copy(db: sqlite3.Connection, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        db.backup(copy)
    finally:
        copy.close()
