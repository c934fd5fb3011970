"""What one read answers belongs together, whatever is written beside it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from vchat_tui.store import migrations
from vchat_tui.store.database import Database

COUNT = "SELECT count(*) FROM setting"
PATIENCE = 10.0


async def test_a_read_sees_one_moment(tmp_path: Path) -> None:
    """A list whose count is of another moment than its rows would hide a customer's message."""
    database = await Database.open(tmp_path / "vchat.db", migrations.migrate_store)
    counted, written = threading.Event(), threading.Event()

    def count_twice(db: sqlite3.Connection) -> tuple[int, int]:
        first = db.execute(COUNT).fetchone()[0]
        counted.set()
        assert written.wait(PATIENCE)
        return first, db.execute(COUNT).fetchone()[0]

    def add(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO setting (key, value) VALUES ('one', '1')")

    try:
        reading = asyncio.create_task(database.read(count_twice))
        assert await asyncio.to_thread(counted.wait, PATIENCE)
        await database.write(add)
        written.set()
        first, second = await reading
        assert first == second
        assert await database.read(lambda db: db.execute(COUNT).fetchone()[0]) == first + 1
    finally:
        await database.close()


async def test_a_read_that_fails_does_not_keep_its_moment(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "vchat.db", migrations.migrate_store)

    def fail(db: sqlite3.Connection) -> None:
        db.execute(COUNT).fetchone()
        raise LookupError("nobody there")

    try:
        with pytest.raises(LookupError):
            await database.read(fail)
        await database.write(
            lambda db: db.execute("INSERT INTO setting (key, value) VALUES ('one', '1')")
        )
        assert await database.read(lambda db: db.execute(COUNT).fetchone()[0]) == 1
    finally:
        await database.close()
