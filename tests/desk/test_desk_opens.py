"""A disk that fails while the desk opens is said in one sentence."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.store import registrations
from vchat_tui.store.database import StoreError


async def test_an_error_of_the_disk_in_the_first_write_is_one_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(registrations, "at_once", fails)
    home = Home(tmp_path)
    home.prepare()
    with home.acquire(), pytest.raises(StoreError, match="cannot be used"):
        await LocalDesk.open(home)
