"""The schema of the journal, as the list of its migrations; times as in `schema`."""

from __future__ import annotations

JOURNAL_MIGRATIONS = (
    """
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of arrival; never used twice: the reader counts on it
    source TEXT NOT NULL,            -- which parser reads it: 'meta'
    inbox_id INTEGER NOT NULL,       -- whose secret its signature matched
    received_at INTEGER NOT NULL,
    headers TEXT NOT NULL,           -- JSON
    sha256 BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
""",
)
