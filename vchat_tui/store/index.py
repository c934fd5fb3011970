"""Keeps the full-text tables equal to what they index."""

from __future__ import annotations

import sqlite3


def add_message(
    db: sqlite3.Connection, message_id: int, text: str | None, filename: str | None
) -> None:
    """Makes a new message findable. Those without words too: `check` counts every row."""
    db.execute(
        "INSERT INTO message_search (rowid, text, filename) VALUES (?, ?, ?)",
        (message_id, text, filename),
    )


def delete_message(
    db: sqlite3.Connection, message_id: int, text: str | None, filename: str | None
) -> None:
    """A message will be deleted. `text` and `filename` as they were added."""
    db.execute(
        "INSERT INTO message_search (message_search, rowid, text, filename)"
        " VALUES ('delete', ?, ?, ?)",
        (message_id, text, filename),
    )


def set_user(db: sqlite3.Connection, user_id: int, key: str) -> None:
    """Makes a user findable by a (new) search key."""
    old = db.execute("SELECT search_key FROM user WHERE id = ?", (user_id,)).fetchone()[0]
    if old == key:
        return
    _forget(db, user_id, old)
    db.execute("UPDATE user SET search_key = ? WHERE id = ?", (key, user_id))
    db.execute("INSERT INTO user_search (rowid, search_key) VALUES (?, ?)", (user_id, key))


def delete_user(db: sqlite3.Connection, user_id: int) -> None:
    """Deletes a user, and from the search too."""
    old = db.execute("SELECT search_key FROM user WHERE id = ?", (user_id,)).fetchone()[0]
    _forget(db, user_id, old)
    db.execute("DELETE FROM user WHERE id = ?", (user_id,))


def _forget(db: sqlite3.Connection, user_id: int, old: str) -> None:
    if old:
        db.execute(
            "INSERT INTO user_search (user_search, rowid, search_key) VALUES ('delete', ?, ?)",
            (user_id, old),
        )


def check(db: sqlite3.Connection) -> None:
    """Compares the full-text tables with what they index.

    Raises:
        sqlite3.DatabaseError: they differ.
    """
    for table in ("message_search", "user_search"):
        db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
