"""What must hold on a home after any fault, whatever happened before.

The server must have settled and stopped: the checks open the databases themselves.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from faults_kit import CANARIES

from vchat_tui.channels import registry
from vchat_tui.channels.facts import Fact, MessageFact, StatusFact
from vchat_tui.models import Status
from vchat_tui.simulator.ledger import Entry
from vchat_tui.store import conversations, index


def check_invariants(
    home: Path,
    acks: Mapping[bytes, bytes],
    ledger: Iterable[Entry] | None = None,
    *,
    asked_again: Collection[str] = (),
) -> None:
    """Checks everything.

    Args:
        acks: the bodies that were answered with 200, by their sha256.
        ledger: what the provider accepted.
        asked_again: client ids of messages of unknown fate that a person had sent again.
    """
    with opened(home / "journal.db") as journal, opened(home / "vchat.db") as store:
        whole(journal)
        whole(store)
        index.check(store)
        kept(journal, acks)
        settled(journal, store)
        visible(store, acks.values())
        forward_only(store)
        derived(store)
    if ledger is not None:
        sent_once(ledger, asked_again)
    private(home)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database of a stopped server."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def whole(db: sqlite3.Connection) -> None:
    """The file is sound and every reference in it leads somewhere."""
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def kept(journal: sqlite3.Connection, acks: Mapping[bytes, bytes]) -> None:
    """Every acknowledged body is in the journal, byte for byte."""
    there = {row[0]: row[1] for row in journal.execute("SELECT sha256, body FROM webhook")}
    lost = [sha for sha in acks if sha not in there]
    assert not lost, f"{len(lost)} of {len(acks)} acknowledged webhooks are lost"
    damaged = [sha for sha, body in there.items() if hashlib.sha256(body).digest() != sha]
    assert not damaged


def settled(journal: sqlite3.Connection, store: sqlite3.Connection) -> None:
    """Nothing waits: the journal was read to its end."""
    last = journal.execute("SELECT coalesce(max(id), 0) FROM webhook").fetchone()[0]
    assert store.execute("SELECT position FROM projection").fetchone()[0] == last
    dead = "SELECT webhook_id, error FROM webhook_outcome WHERE state = 'dead'"
    assert store.execute(dead).fetchall() == []


def visible(store: sqlite3.Connection, bodies: Iterable[bytes]) -> None:
    """Every fact of every body is there, once."""
    twice = store.execute(
        "SELECT provider_id FROM message WHERE provider_id IS NOT NULL"
        " GROUP BY inbox_id, provider_id HAVING count(*) > 1"
    ).fetchall()
    assert not twice
    texts = dict(store.execute("SELECT provider_id, text FROM message WHERE direction = 'in'"))
    reported = set(store.execute("SELECT provider_id, status FROM delivery"))
    for fact in facts_of(bodies):
        if isinstance(fact, MessageFact):
            assert texts.get(fact.provider_id) == fact.text, f"{fact.provider_id} is missing"
        elif isinstance(fact, StatusFact):
            assert (fact.provider_id, fact.status) in reported, f"{fact.provider_id} is missing"


def facts_of(bodies: Iterable[bytes]) -> Iterator[Fact]:
    """Everything that these webhooks say."""
    for body in bodies:
        parsed = registry.parse("meta", body)
        assert not parsed.problems
        yield from parsed.facts


def forward_only(store: sqlite3.Connection) -> None:
    """A message shows the furthest of the statuses that were reported of it."""
    rows = store.execute(
        "SELECT m.id, m.status, d.status FROM message m JOIN delivery d"
        " ON d.inbox_id = m.inbox_id AND d.provider_id = m.provider_id WHERE m.direction = 'out'"
    )
    for message_id, shown, reported in rows:
        assert Status(shown).rank >= Status(reported).rank, f"message {message_id} went back"


def derived(store: sqlite3.Connection) -> None:
    """The columns that the list shows equal what the messages say."""
    columns = (
        "SELECT id, unread, window_ends_at, last_message_id, last_message_at, last_text, last_type,"
        " last_direction, last_status FROM conversation ORDER BY id"
    )
    before = store.execute(columns).fetchall()
    channels = store.execute(
        "SELECT c.id, b.channel FROM conversation c JOIN inbox b ON b.id = c.inbox_id"
    ).fetchall()
    store.execute("BEGIN")
    try:
        for conversation_id, channel in channels:
            hours = registry.capabilities(channel).window_hours
            window = None if hours is None else hours * 3_600_000
            conversations.recompute(store, conversation_id, window)
        assert store.execute(columns).fetchall() == before
    finally:
        store.execute("ROLLBACK")


def sent_once(ledger: Iterable[Entry], asked_again: Collection[str] = ()) -> None:
    """The provider got each message once; a second time only where a person wanted it so."""
    seen = Counter(entry.callback_data for entry in ledger)
    assert all(count == 1 for count in seen.values()), seen.most_common(3)
    messages = Counter((data or "").rpartition(":")[0] for data in seen)
    twice = [client_id for client_id, count in messages.items() if count > 1]
    assert set(twice) <= set(asked_again), f"{len(twice)} messages were sent twice"


def private(home: Path) -> None:
    """Secrets lie nowhere but sealed, and only the owner may read the files."""
    key = (home / "key").read_text().split()[1]
    for path in (home, *home.rglob("*")):
        mode = path.lstat().st_mode
        assert not mode & (stat.S_IRWXG | stat.S_IRWXO), f"{path} can be read by others"
        if not stat.S_ISREG(mode):
            continue
        data = path.read_bytes()
        for canary in CANARIES:
            for form in (canary.encode(), base64.b64encode(canary.encode())):
                assert form not in data, f"{path} holds a secret"
        if path.name != "key":
            assert key.encode() not in data
            assert bytes.fromhex(key) not in data
