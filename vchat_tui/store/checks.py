"""Looks at a database file from outside, for `vchat-tui doctor`; never changes it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from vchat_tui.store.database import ERRORS, in_words


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a file (PRAGMA quick_check); None where all is well.

    It reads the whole file, on a connection of its own that cannot write, so that a server that
    runs on it is not held up. Blocks: call it on a thread.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            db.execute("PRAGMA query_only = ON")
            found: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except ERRORS as error:
        return in_words(error)
    return None if found == "ok" else found
