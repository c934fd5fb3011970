"""Damaged databases: the server says so and ends, or nothing is missing; never anything between."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from faults_kit import Acks, Crowd, Server, configured_home, desk_of, frozen, size, until
from invariants import check_invariants

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Disconnected

PAGE = 4096
Damage = Callable[[Path, random.Random], None]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Acks]:
    """A home whose server stopped, the same after kill -9, and what both acknowledged."""
    folder = tmp_path_factory.mktemp("damage")
    home = configured_home(folder / "stopped")
    acks = Acks()
    crowd = Crowd(acks, seed=84)
    server = Server(home)

    async def fill(times: int) -> None:
        await crowd.write(server.port, senders=4, limit=times)
        async with desk_of(home) as desk:
            await desk.call(calls.Settle())

    try:
        server.start()
        asyncio.run(fill(150))
        assert server.stop() == 0
        killed = folder / "killed"
        shutil.copytree(home, killed)
        server = Server(killed)
        server.start()
        server.home = home = killed
        asyncio.run(fill(20))
    finally:
        server.kill()
    (killed / "server.sock").unlink()
    return folder / "stopped", killed, acks


def flip(name: str, page: int | None = None) -> Damage:
    """Some bytes of one page turn over; of any page where none is given."""

    def damage(home: Path, chance: random.Random) -> None:
        data = bytearray((home / name).read_bytes())
        number = chance.randrange(1, len(data) // PAGE) if page is None else page
        for _ in range(64):
            data[number * PAGE + chance.randrange(100 if page == 0 else PAGE)] ^= 0xFF
        (home / name).write_bytes(data)

    return damage


def cut(name: str) -> Damage:
    """The end of a file is missing."""

    def damage(home: Path, chance: random.Random) -> None:
        data = (home / name).read_bytes()
        (home / name).write_bytes(data[: chance.randrange(PAGE, len(data) - 1)])

    return damage


def empty(name: str) -> Damage:
    """Nothing is left of a file but its name."""
    return lambda home, chance: (home / name).write_bytes(b"") and None


def gone(name: str) -> Damage:
    """The file is missing."""
    return lambda home, chance: (home / name).unlink()


def strange(name: str) -> Damage:
    """It is no database."""
    return lambda home, chance: (home / name).write_bytes(b"not a database" * 1000) and None


def unreadable(home: Path, chance: random.Random) -> None:
    """The schema is broken where its names are no text: SQLite cannot even say what is wrong."""
    with closing(sqlite3.connect(home / "vchat.db", isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_master SET name = CAST(x'bebe' AS TEXT), sql = 'CREATE TABLE broken ('"
            " WHERE name = 'setting'"
        )


def sound(home: Path, scratch: Path) -> bool:
    """Whether SQLite itself finds nothing wrong with the databases."""
    frozen(home, scratch)
    try:
        for name in ("vchat.db", "journal.db"):
            with closing(sqlite3.connect(scratch / name)) as db:
                if db.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                    return False
                db.execute("SELECT 1 FROM sqlite_master").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    return True


async def runs(home: Path) -> bool:
    """Starts a server; False where it ended by itself, with a clear word."""
    server = Server(home)
    server.launch()
    log = home / "logs" / "server.log"
    log.write_text("")

    async def checked() -> bool:
        return not server.alive() or log.read_text().count("was read and is whole") == 2

    try:
        await until(checked)
        async with asyncio.timeout(60):
            if server.alive():
                with contextlib.suppress(Disconnected):
                    async with desk_of(home) as desk:
                        await desk.call(calls.Settle())
        if server.alive():
            assert server.stop() == 0
            return True
        assert server.wait() == 1, server.errors
        assert is_clear(server.errors), server.errors
        return False
    finally:
        server.kill()


def is_clear(errors: str) -> bool:
    """One sentence that says which database and what to do."""
    lines = errors.strip().splitlines()
    return len(lines) == 1 and lines[0].startswith("vchat-tui: ") and "backup" in lines[0]


FLIPS = [("vchat.db", size(30, 60)), ("journal.db", size(14, 30))]  # with the files below: 60


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("name", "count"), FLIPS)
async def test_a_page_is_damaged(
    tmp_path: Path, homes: tuple[Path, Path, Acks], name: str, count: int
) -> None:
    """What SQLite sees, the server sees; a letter that changed within a text nobody can see."""
    chance = random.Random(81)
    seen = 0
    for number in range(count):
        home = tmp_path / f"home{number}"
        shutil.copytree(homes[0], home)
        flip(name)(home, chance)
        visible = not sound(home, tmp_path / "scratch")
        seen += visible
        assert await runs(home) == (not visible)
        shutil.rmtree(home)
    assert seen > count // 3


ALWAYS_SEEN = {
    "the header of the store": flip("vchat.db", 0),
    "the header of the journal": flip("journal.db", 0),
    "the store is cut": cut("vchat.db"),
    "the journal is cut": cut("journal.db"),
    "the store is empty": empty("vchat.db"),
    "the journal is empty": empty("journal.db"),
    "the store is gone": gone("vchat.db"),
    "the journal is gone": gone("journal.db"),
    "the store is no database": strange("vchat.db"),
    "the schema of the store is unreadable": unreadable,
    "the journal is no database": strange("journal.db"),
}


@pytest.mark.parametrize("damage", ALWAYS_SEEN.values(), ids=ALWAYS_SEEN.keys())
async def test_a_file_is_damaged(
    tmp_path: Path, homes: tuple[Path, Path, Acks], damage: Damage
) -> None:
    home = tmp_path / "home"
    shutil.copytree(homes[0], home)
    damage(home, random.Random(82))
    assert not await runs(home)
    assert not await runs(home), "a second start must not take it for a new home"


def swapped(home: Path, chance: random.Random) -> None:
    """The log of one database lies beside the other."""
    shutil.copy(home / "vchat.db-wal", home / "journal.db-wal")


AFTER_A_KILL = {
    "the log of the store is gone": (gone("vchat.db-wal"), True),
    "the log of the store is cut": (cut("vchat.db-wal"), True),
    "the log of the journal is gone": (gone("journal.db-wal"), False),
    "the log of the journal is cut": (cut("journal.db-wal"), False),
    "the log of the journal is another's": (swapped, False),
}


@pytest.mark.parametrize(("damage", "heals"), AFTER_A_KILL.values(), ids=AFTER_A_KILL.keys())
async def test_a_log_is_damaged(
    tmp_path: Path, homes: tuple[Path, Path, Acks], damage: Damage, heals: bool
) -> None:
    """What the store forgot is read from the journal again; what the journal forgot is lost, and
    the server says so."""
    home = tmp_path / "home"
    shutil.copytree(homes[1], home)
    damage(home, random.Random(83))
    assert await runs(home) == heals
    if heals:
        check_invariants(home, homes[2].bodies)
