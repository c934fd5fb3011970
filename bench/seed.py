"""Homes with many messages, made once and kept.

The rows go straight into the tables; what is derived from them (search, users' search keys, the
columns of the conversation list) is derived by the store's own functions.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from bench import ids, setup
from bench.words import RARE, Speaker
from vchat_tui.desk.calls import SaveInbox
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.store import conversations, index, people
from vchat_tui.store.journal_schema import JOURNAL_MIGRATIONS
from vchat_tui.store.schema import STORE_MIGRATIONS

RECIPE = 2  # another number, another home: to be raised when what is stored changes
DAYS = 120  # over which the messages are spread
WINDOW_MS = 24 * 3_600_000
RECENT = 100_000  # the newest of our messages, which have no delivery yet
UNREAD_SHARE = 0.02
RARE_HITS = 30
CHUNK = 20_000
WEBHOOK_URL = "http://127.0.0.1:9"  # nobody listens there: nothing may leave by accident

INBOX_VALUES = {
    "phone_number_id": ids.PHONE_NUMBER_ID,
    "business_account_id": ids.BUSINESS_ACCOUNT_ID,
    "access_token": "EAAbenchmark",
    "app_secret": ids.APP_SECRET,
    "verify_token": "verify-me",
    "api_base_url": WEBHOOK_URL,
}


async def configure(home: Path, **values: Any) -> None:
    """Makes a home with one WhatsApp inbox.

    Args:
        home: a folder; made where there is none.
        values: settings of the inbox beside or in the place of `INBOX_VALUES`.
    """
    place = Home(home)
    place.prepare()
    with place.acquire():
        desk = await LocalDesk.open(place, working=False)
        try:
            await desk.call(
                SaveInbox(
                    name=ids.INBOX, channel="whatsapp_cloud", values={**INBOX_VALUES, **values}
                )
            )
        finally:
            await desk.close()


def seeded(run: setup.Setup) -> Path:
    """The kept home of this size, made where there is none. Copy it before use."""
    recipe = "".join(JOURNAL_MIGRATIONS + STORE_MIGRATIONS)
    key = f"{hashlib.sha256(recipe.encode()).hexdigest()[:12]}-{RECIPE}"
    home = run.cache / f"home-{run.conversations}-{run.messages}-{key}"
    if home.exists():
        return home
    with run.scratch() as folder:
        made = folder / "home"
        asyncio.run(configure(made))
        fill(made / "vchat.db", run.conversations, run.messages)
        made.rename(home)
    return home


def fill(path: Path, conversation_count: int, message_count: int) -> None:
    """Puts users, conversations and messages into a configured database."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA cache_size = -1000000")
        db.execute("PRAGMA synchronous = OFF")  # a file that is made anew if this is cut short
        now = time.time_ns() // 1_000_000
        db.execute("BEGIN")
        _people(db, conversation_count, now)
        _messages(db, conversation_count, message_count, now)
        for conversation_id in range(1, conversation_count + 1):
            conversations.recompute(db, conversation_id, WINDOW_MS)
        db.execute("COMMIT")
        _check(db, conversation_count, message_count)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def _people(db: sqlite3.Connection, count: int, now: int) -> None:
    began = now - DAYS * 86_400_000
    numbers = range(1, count + 1)
    phones = {number: ids.phone(number) for number in numbers}
    db.executemany(
        "INSERT INTO user (id, name, phone, phone_key, search_key, created_at, last_seen_at)"
        " VALUES (?, ?, ?, ?, '', ?, ?)",
        (
            (n, ids.name(phone), f"+{phone}", people.address_key(phone), began, now)
            for n, phone in phones.items()
        ),
    )
    db.executemany(
        "INSERT INTO identity (id, user_id, inbox_id, address, address_key, business_scoped_id,"
        " profile_name, profile_at, last_inbound_at, created_at)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
        (
            (n, n, phone, people.address_key(phone), ids.user_id(phone), ids.name(phone), began,
             began, began)
            for n, phone in phones.items()
        ),
    )  # fmt: skip
    db.executemany(
        "INSERT INTO conversation (id, user_id, inbox_id, identity_id, last_message_at, created_at)"
        " VALUES (?, ?, 1, ?, 0, ?)",
        ((n, n, n, began) for n in numbers),
    )
    for user_id in numbers:
        people.refresh_search_key(db, user_id)


def _messages(db: sqlite3.Connection, conversation_count: int, count: int, now: int) -> None:
    rows = _message_rows(conversation_count, count, now)
    while chunk := list(islice(rows, CHUNK)):
        db.executemany(
            "INSERT INTO message (id, conversation_id, inbox_id, direction, type, text, provider_id,"
            " client_id, sender, recipient, status, order_at, sent_at, delivered_at, read_at,"
            " received_at) VALUES (?, ?, 1, ?, 'text', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            chunk,
        )
        for row in chunk:
            index.add_message(db, row[0], row[3], None)
        ours = [row for row in chunk if row[2] == "out"]
        db.executemany(
            "INSERT INTO attempt (message_id, number, started_at, callback_data, outcome,"
            " provider_id) VALUES (?, 1, ?, ?, 'accepted', ?)",
            ((row[0], row[9], f"{row[5]}:1", row[4]) for row in ours),
        )
        db.executemany(
            "INSERT INTO delivery (inbox_id, provider_id, status, at) VALUES (1, ?, ?, ?)",
            (
                (row[4], status, row[9])
                for row in ours
                if row[8] == "read"
                for status in ("sent", "delivered", "read")
            ),
        )
    _read_most(db)


def _message_rows(conversation_count: int, count: int, now: int) -> Iterator[tuple[Any, ...]]:
    """Messages in the order of time: every conversation has one, and few have very many."""
    chance = random.Random(5)
    speaker = Speaker(11)
    weights = list(accumulate((place + 1) ** -0.7 for place in range(conversation_count)))
    order = list(range(1, conversation_count + 1))
    more = count - conversation_count
    order += chance.choices(range(1, conversation_count + 1), cum_weights=weights, k=more)
    chance.shuffle(order)
    step = DAYS * 86_400_000 // count
    rare = set(range(1, count + 1, max(1, count // RARE_HITS)))
    for number, conversation in enumerate(order, start=1):
        at = now - (count - number + 1) * step
        text = speaker.text() + (f" {RARE}" if number in rare else "")
        person = ids.phone(conversation)
        if chance.random() < 0.6:
            yield (
                number, conversation, "in", text, ids.message_id("in", person, number), None,
                person, ids.OUR_NUMBER, None, at, at, None, None, at,
            )  # fmt: skip
            continue
        recent = number > count - RECENT
        later = None if recent else at + 2_000
        yield (
            number, conversation, "out", text, ids.message_id("out", person, number),
            ids.client_id(number), None, f"+{person}", "accepted" if recent else "read", at, at,
            later, later, at,
        )  # fmt: skip


def _read_most(db: sqlite3.Connection) -> None:
    """All but a few conversations have been read to their end."""
    db.execute(
        "UPDATE conversation SET read_id = (SELECT max(id) FROM message m"
        " WHERE m.conversation_id = conversation.id) WHERE id % ? != 0",
        (round(1 / UNREAD_SHARE),),
    )


def _check(db: sqlite3.Connection, conversation_count: int, message_count: int) -> None:
    """Looks at a sample: what the list shows must be what the messages say.

    Raises:
        AssertionError: it is not; a figure of such a home would be worth nothing.
    """
    assert db.execute("SELECT count(*) FROM message").fetchone()[0] == message_count
    for conversation_id in random.Random(9).sample(
        range(1, conversation_count + 1), min(200, conversation_count)
    ):
        last = db.execute(
            "SELECT id, order_at, substr(text, 1, ?), status FROM message WHERE conversation_id = ?"
            " ORDER BY order_at DESC, id DESC LIMIT 1",
            (conversations.PREVIEW_LENGTH, conversation_id),
        ).fetchone()
        unread = db.execute(
            "SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation_id"
            " WHERE c.id = ? AND m.id > c.read_id AND m.direction = 'in'",
            (conversation_id,),
        ).fetchone()
        shown = db.execute(
            "SELECT last_message_id, last_message_at, last_text, last_status, unread"
            " FROM conversation WHERE id = ?",
            (conversation_id,),
        ).fetchone()
        assert shown == (*last, *unread), f"conversation {conversation_id}: {shown}"


def awaiting_status(home: Path, limit: int) -> list[tuple[str, str]]:
    """Our newest messages without a delivery: (id at the provider, the person's number)."""
    db = sqlite3.connect(f"file:{home / 'vchat.db'}?mode=ro", uri=True)
    try:
        rows = db.execute(
            "SELECT provider_id, ltrim(recipient, '+') FROM message WHERE status = 'accepted'"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        ).fetchall()
    finally:
        db.close()
    return rows
