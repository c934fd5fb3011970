"""Homes as released versions left them, kept in tests/data."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from vchat_tui.store import index
from vchat_tui.store.schema import STORE_MIGRATIONS

Rows = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]

DATA = Path(__file__).parents[1] / "data"
SCHEMAS = sorted(int(folder.name.removeprefix("schema-")) for folder in DATA.glob("schema-*"))


def sample_home(home: Path, schema: int) -> Path:
    """Lays a home of this schema down; answers its folder."""
    home.mkdir(mode=0o700, parents=True)
    (home / "backups").mkdir(mode=0o700)
    source = DATA / f"schema-{schema}"
    for name in ("vchat.db", "journal.db"):
        (home / name).write_bytes(gzip.decompress((source / f"{name}.gz").read_bytes()))
        (home / name).chmod(0o600)
    shutil.copyfile(source / "key", home / "key")
    (home / "key").chmod(0o600)
    return home


def rows_of(path: Path) -> Rows:
    """The columns and the rows of every table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        tables = [
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name NOT LIKE '%\\_search%' ESCAPE '\\' ORDER BY name"
            )
        ]
        found: Rows = {}
        for table in tables:
            columns = tuple(row[1] for row in db.execute(f"PRAGMA table_info({table})"))
            found[table] = columns, _rows(db, table, columns)
        return found


def _rows(db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    names = ", ".join(columns)
    return db.execute(f"SELECT {names} FROM {table} ORDER BY {names}").fetchall()


def opens_whole(path: Path, before: Rows, but: Collection[str] = ()) -> int:
    """The schema of a store that was `before`: the old one or today's, and nothing is missing.

    Args:
        but: tables that something else has written to meanwhile.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        index.check(db)
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        for table, (columns, rows) in before.items():
            if table not in but:
                assert _rows(db, table, columns) == rows, table
        latest = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'order_post'").fetchone()
    assert (version == len(STORE_MIGRATIONS)) == bool(latest), "half a migration"
    return version
