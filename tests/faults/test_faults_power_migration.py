"""The power fails while a database is migrated: it is the old one or the new one, and its copy in
`backups/` is whole or not there."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import power_cut
import pytest
from faults_kit import size
from sample_home import SCHEMAS, Rows, opens_whole, rows_of, sample_home

from vchat_tui.store.schema import STORE_MIGRATIONS

POINTS = size(300, 2_000)
MIGRATE = """
import asyncio, pathlib, sys
from vchat_tui.store import database, migrations

async def migrate(path):
    await (await database.Database.open(path, migrations.migrate_store)).close()

asyncio.run(migrate(pathlib.Path(sys.argv[1])))
"""


def trace(home: Path, shim: Path) -> list[power_cut.Record]:
    """What a migration does to the disk."""
    log = home.parent / "log"
    subprocess.run(
        [sys.executable, "-c", MIGRATE, home / "vchat.db"],
        env={"LD_PRELOAD": str(shim), "FAULTS_DIR": str(home), "FAULTS_LOG": str(log)},
        check=True,
    )
    return power_cut.read(log)


class Judge:
    """Looks at rebuilt homes; what it found is in its fields."""

    def __init__(self, schema: int, before: Rows, scratch: Path) -> None:
        self._schema = schema
        self._before = before
        self._scratch = scratch
        self.versions: set[int] = set()
        self.copies = 0
        self.broken: list[str] = []

    def cut_everywhere(self, disk: power_cut.Disk, log: list[power_cut.Record]) -> None:
        """Cuts the power at random points."""
        chance = random.Random(34)
        at = 0
        for cut in sorted(chance.randrange(len(log) + 1) for _ in range(POINTS)):
            for record in log[at:cut]:
                disk.do(record)
            at = cut
            shutil.rmtree(self._scratch, ignore_errors=True)
            (self._scratch / "backups").mkdir(parents=True)
            for name, content in disk.after_cut(chance).items():
                (self._scratch / name).write_bytes(content)
            try:
                self._look()
            except (AssertionError, sqlite3.DatabaseError) as error:
                self.broken.append(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        version = opens_whole(self._scratch / "vchat.db", self._before)
        copies = list((self._scratch / "backups").glob("vchat-*.db"))
        assert version == self._schema or copies, "it was changed before it was copied"
        for copy in copies:
            assert opens_whole(copy, self._before) == self._schema
        self.versions.add(version)
        self.copies += bool(copies)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_power_cut_while_migrating(tmp_path: Path, shim: Path, scratch: Path, schema: int) -> None:
    home = sample_home(tmp_path / "home", schema)
    judge = Judge(schema, rows_of(home / "vchat.db"), scratch / "home")
    before = power_cut.Disk({"vchat.db": (home / "vchat.db").read_bytes()})
    log = trace(home, shim)
    judge.cut_everywhere(before, log)
    print(f"{len(log)} records, {POINTS} points, {judge.copies} with a copy")
    assert judge.broken[:3] == []
    assert judge.versions == {schema, len(STORE_MIGRATIONS)}
    assert 0 < judge.copies < POINTS
