"""A database that cannot be opened leaves nothing behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from vchat_tui.store import migrations
from vchat_tui.store.database import Database, StoreError


async def test_no_thread_outlives_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    for _attempt in range(20):
        with pytest.raises(StoreError):
            await Database.open(tmp_path, migrations.migrate_store)  # a folder
        workers = [thread for thread in threading.enumerate() if "worker_thread" in thread.name]
        assert not workers
