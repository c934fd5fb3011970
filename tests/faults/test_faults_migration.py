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
from faults_kit import Server, command, configured_home, desk_of, size
from sample_home import SCHEMAS, opens_whole, rows_of, sample_home

from vchat_tui.desk import calls
from vchat_tui.store import backup, migrations
from vchat_tui.store.database import StoreError
from vchat_tui.store.schema import STORE_MIGRATIONS

FIRST = "CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT) STRICT;"
SECOND = (
    "ALTER TABLE message ADD COLUMN length INTEGER;"
    " UPDATE message SET length = length(text);"
    " CREATE TABLE tally (rows INTEGER) STRICT;"
    " INSERT INTO tally SELECT count(*) FROM message;"
)
ROWS = 5_000
LATEST = len(STORE_MIGRATIONS)
WRITTEN_BY_A_SERVER = ("outbox", "attempt", "event", "message")  # it tries to send what waits
every_schema = pytest.mark.parametrize("schema", SCHEMAS)


def old_database(path: Path) -> None:
    """A database of the first schema, with rows."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = wal")
        migrations.migrate(db, path, (FIRST,))
        rows = ((f"text {number}",) for number in range(ROWS))
        db.execute("BEGIN")
        db.executemany("INSERT INTO message (text) VALUES (?)", rows)
        db.execute("COMMIT")


def migrate_and_die(path: Path, scripts: tuple[str, ...], steps: int, each: int) -> None:
    """Migrates, and kills this process after so many times `each` steps of SQLite's machine."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        left = [steps]

        def count() -> int:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0

        db.set_progress_handler(count, each)
        migrations.migrate(db, path, scripts)


def killed(path: Path, scripts: tuple[str, ...], steps: int, each: int) -> None:
    """Runs `migrate_and_die` in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=migrate_and_die, args=(path, scripts, steps, each))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)


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
    versions = []
    for number in range(size(12, 60)):
        path = tmp_path / f"{number}" / "some.db"
        path.parent.mkdir()
        old_database(path)
        killed(path, (FIRST, SECOND), chance.randint(1, 200), each=1_000)
        versions.append(check(path))
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            migrations.migrate(db, path, (FIRST, SECOND))
        assert check(path) == 2
        copies = list((path.parent / "backups").iterdir())
        assert copies, "it was not copied before it was changed"
        for copy in copies:
            assert check(copy) == 1
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert set(versions) == {1, 2}, "the kills came all too early or all too late"


@every_schema
@pytest.mark.timeout(1800)
def test_a_released_schema_killed_while_migrating(tmp_path: Path, schema: int) -> None:
    chance = random.Random(72)
    versions = set()
    for number in range(size(12, 60)):
        home = sample_home(tmp_path / f"{number}", schema)
        before = rows_of(home / "vchat.db")
        killed(home / "vchat.db", STORE_MIGRATIONS, chance.randint(1, 800), each=50)
        versions.add(opens_whole(home / "vchat.db", before))
        with closing(sqlite3.connect(home / "vchat.db", isolation_level=None)) as db:
            migrations.migrate_store(db, home / "vchat.db")
        assert opens_whole(home / "vchat.db", before) == LATEST
    assert versions == {schema, LATEST}, "the kills came all too early or all too late"


@every_schema
async def test_a_released_schema_is_brought_up_to_date(tmp_path: Path, schema: int) -> None:
    """Every row is still there, the server runs on it, and what waited to be sent still waits."""
    home = sample_home(tmp_path / "home", schema)
    before = rows_of(home / "vchat.db")
    server = Server(home)
    try:
        server.start()
        async with desk_of(home) as desk:
            messages = await desk.call(calls.ListMessages())
            drafts = [
                await desk.call(calls.GetDraft(conversation_id=n)) for n, *_ in before["draft"][1]
            ]
        assert server.stop() == 0
    finally:
        server.kill()
    assert len(messages) == len(before["message"][1])
    shown = {message.status for message in messages}
    assert {"accepted", "unknown"} <= shown
    assert shown & {"queued", "sending"}
    assert [draft.text for draft in drafts if draft] == ["a medias"]
    assert opens_whole(home / "vchat.db", before, but=WRITTEN_BY_A_SERVER) == LATEST
    (copy,) = (home / "backups").iterdir()
    assert opens_whole(copy, before) == schema
    assert rows_of(copy) == before


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    home = sample_home(tmp_path / "home", SCHEMAS[0])
    with closing(sqlite3.connect(home / "vchat.db")) as db:
        made = [backup.keep_copy(db, home / "backups", "vchat") for _ in range(backup.KEPT + 2)]
        backup.keep_copy(db, home / "backups", "another")
    assert len(set(made)) == len(made)
    kept = sorted((home / "backups").glob("vchat-*"))
    assert kept == made[-backup.KEPT :]


def test_rows_that_point_nowhere_stop_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    scripts = (
        "CREATE TABLE person (id INTEGER PRIMARY KEY) STRICT;",
        "CREATE TABLE letter (person_id INTEGER NOT NULL REFERENCES person) STRICT;"
        " INSERT INTO letter VALUES (7);",
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrations.migrate(db, path, scripts[:1])
        with pytest.raises(StoreError, match="left as it was"):
            migrations.migrate(db, path, scripts)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'letter'").fetchall()


def test_no_migration_without_a_copy(tmp_path: Path) -> None:
    home = sample_home(tmp_path / "home", SCHEMAS[0])
    (home / "backups" / f"unfinished-vchat-schema-{SCHEMAS[0]}.db").mkdir()  # in its way
    server = Server(home)
    before = rows_of(home / "vchat.db")
    server.launch()
    assert server.wait() == 1
    assert "backups" in server.errors and server.errors.count("\n") == 1
    assert opens_whole(home / "vchat.db", before) == SCHEMAS[0]


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
