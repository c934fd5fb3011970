"""A migration that is killed: the database is the old one or the new one, and a copy of the old."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from faults_kit import Server, command, configured_home, size

from vchat_tui.store import migrations
from vchat_tui.store.database import StoreError

FIRST = "CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT) STRICT;"
SECOND = (
    "ALTER TABLE message ADD COLUMN length INTEGER;"
    " UPDATE message SET length = length(text);"
    " CREATE TABLE tally (rows INTEGER) STRICT;"
    " INSERT INTO tally SELECT count(*) FROM message;"
)
ROWS = 5_000


def old_database(path: Path) -> None:
    """A database of the first schema, with rows."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = wal")
        migrations.migrate(db, path, (FIRST,))
        rows = ((f"text {number}",) for number in range(ROWS))
        db.execute("BEGIN")
        db.executemany("INSERT INTO message (text) VALUES (?)", rows)
        db.execute("COMMIT")


def migrate_and_die(path: Path, steps: int) -> None:
    """Migrates, and kills this process after so many thousand steps of SQLite's machine."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        left = [steps]

        def count() -> int:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0

        db.set_progress_handler(count, 1_000)
        migrations.migrate(db, path, (FIRST, SECOND))


def check(path: Path) -> int:
    """The schema's version; the rest of the database must agree with it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        columns = [row[1] for row in db.execute("PRAGMA table_info(message)")]
        assert db.execute("SELECT count(*) FROM message").fetchone()[0] == ROWS
        assert ("length" in columns) == (version == 2)
        if version == 2:
            assert db.execute("SELECT rows FROM tally").fetchall() == [(ROWS,)]
            assert not db.execute("SELECT 1 FROM message WHERE length IS NULL").fetchall()
    return version


@pytest.mark.timeout(1800)
def test_killed_while_migrating(tmp_path: Path) -> None:
    chance = random.Random(71)
    spawn = multiprocessing.get_context("spawn")
    versions = []
    for number in range(size(12, 60)):
        path = tmp_path / f"{number}.db"
        old_database(path)
        process = spawn.Process(target=migrate_and_die, args=(path, chance.randint(1, 200)))
        process.start()
        process.join(60)
        versions.append(check(path))
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            migrations.migrate(db, path, (FIRST, SECOND))
        assert check(path) == 2
        copy = path.with_name(f"{path.name}.before-2")
        assert check(copy) == 1
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert set(versions) == {1, 2}, "the kills came all too early or all too late"


def test_an_older_program_refuses_a_newer_database(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrations.migrate(db, path, (FIRST, SECOND))
        with pytest.raises(StoreError, match="newer vchat-tui"):
            migrations.migrate(db, path, (FIRST,))


@pytest.mark.parametrize("name", ["vchat.db", "journal.db"])
def test_the_server_refuses_a_newer_database(tmp_path: Path, name: str) -> None:
    home = configured_home(tmp_path / "home")
    with closing(sqlite3.connect(home / name)) as db:
        db.execute("PRAGMA user_version = 1000")
    server = Server(home)
    server.launch()
    assert server.wait() == 1
    assert server.errors.count("\n") == 1
    assert "newer vchat-tui" in server.errors
    listing = command(home, "users", "list")
    assert listing.returncode == 1
    assert "newer vchat-tui" in listing.stderr
