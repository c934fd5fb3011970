"""Brings a database from any released schema to today's, or leaves it as it was.

What is missing is done in one transaction, which sets `user_version` and is checked before it is
committed; before it begins on existing data the file is copied to `backups/`. A released migration
is never edited: a change of schema is a new entry at the end of its list.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from vchat_tui.store import backup
from vchat_tui.store.database import StoreError
from vchat_tui.store.journal_schema import JOURNAL_MIGRATIONS
from vchat_tui.store.schema import STORE_MIGRATIONS

log = logging.getLogger(__name__)


def migrate_store(db: sqlite3.Connection, path: Path) -> None:
    """Migrates vchat.db."""
    migrate(db, path, STORE_MIGRATIONS)


def migrate_journal(db: sqlite3.Connection, path: Path) -> None:
    """Migrates journal.db."""
    migrate(db, path, JOURNAL_MIGRATIONS)


def migrate(db: sqlite3.Connection, path: Path, migrations: tuple[str, ...]) -> None:
    """Brings a database up to the last of these migrations.

    Raises:
        StoreError: it has seen more of them than there are here, or does not hold together after
            them; it is left as it was.
        sqlite3.Error: it cannot be copied or changed now; it is left as it was.
    """
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    latest = len(migrations)
    if version > latest:
        raise StoreError(
            f"{path} was written by a newer vchat-tui (schema {version}, this one knows {latest});"
            " install the newer version"
        )
    if version == latest:
        return
    if version:
        copy = _copy(db, path, version)
        log.warning("%s goes from schema %d to %d; before: %s", path.name, version, latest, copy)
    script = ";\n".join(migrations[version:])
    try:
        # executescript commits what is open first, so the transaction begins in the script.
        db.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {latest};")
        _check(db, path)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _copy(db: sqlite3.Connection, path: Path, version: int) -> Path:
    folder = path.parent / "backups"
    try:
        return backup.keep_copy(db, folder, f"{path.stem}-schema-{version}")
    except OSError as error:
        raise StoreError(
            f"{path} must be copied to {folder} before it is migrated ({error.strerror}); it was"
            " left as it was"
        ) from error


def _check(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA foreign_key_check").fetchone()
    if found:
        raise StoreError(
            f"{path} cannot be migrated: a row of {found[0]} points to one of {found[2]} that is"
            " not there; it was left as it was"
        )
