"""What a console reads most: through the store, over the link, and as plain SQL on sqlite3."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import seed, setup
from bench.process import server, wait_for_socket
from bench.report import Row, percentile
from bench.setup import Setup
from bench.words import COMMON, RARE
from vchat_tui.desk.calls import Call, GetTimeline, ListConversations, SearchMessages
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk

PAGE = 50

# The same questions as somebody would write them by hand for the same rows on the screen.
CONVERSATIONS = """
SELECT c.id, c.user_id, c.inbox_id, b.name, b.channel, u.name, i.address, c.folder, c.unread,
    c.last_message_id, c.last_message_at, c.last_text, c.last_type, c.last_direction,
    c.last_status, c.window_ends_at, d.text
FROM conversation c JOIN user u ON u.id = c.user_id JOIN inbox b ON b.id = c.inbox_id
    JOIN identity i ON i.id = c.identity_id LEFT JOIN draft d ON d.conversation_id = c.id
WHERE c.folder = 'inbox' ORDER BY c.last_message_at DESC, c.id DESC LIMIT 50
"""
COUNT = "SELECT count(*) FROM conversation WHERE folder = 'inbox'"
MESSAGE = """
SELECT m.id, m.conversation_id, c.user_id, b.name, b.channel, m.direction, m.type, m.text,
    m.content, m.author, m.provider_id, m.sender, m.recipient, m.from_user_id, m.profile_name,
    m.reply_to, m.status, m.error, m.sent_at, m.delivered_at, m.read_at, m.received_at,
    m.order_at, m.client_id,
    (SELECT max(number) FROM attempt a WHERE a.message_id = m.id)
FROM message m JOIN conversation c ON c.id = m.conversation_id JOIN inbox b ON b.id = m.inbox_id
"""
TIMELINE = f"{MESSAGE} WHERE m.conversation_id = ? ORDER BY m.order_at DESC, m.id DESC LIMIT 50"
EFFECTS = "SELECT kind, direction, value FROM effect WHERE inbox_id = 1 AND target = ? ORDER BY at"
SEARCH = f"""
{MESSAGE} WHERE m.id IN (SELECT rowid FROM message_search WHERE message_search MATCH ?
    ORDER BY rowid DESC LIMIT 51) ORDER BY m.id DESC
"""
ROW_OF_HIT = CONVERSATIONS.partition("WHERE")[0] + "WHERE c.id = ?"


def run(setup_: Setup) -> list[Row]:
    """Every row."""
    kept = seed.seeded(setup_)
    times = 20 if setup_.quick else 300
    with setup_.scratch() as folder:
        home = setup.copy(kept, folder / "home")
        subjects = _conversations(setup_, times)
        plain = _plain(home, subjects, times)
        store = asyncio.run(_in_store(home, subjects))
        with server(home) as program:
            program.wait_until_idle()
            linked = asyncio.run(_over_link(wait_for_socket(home), subjects))
    return [row for name in plain for row in _rows(name, plain[name], store[name], linked[name])]


def _conversations(setup_: Setup, times: int) -> list[int]:
    """Which conversations are opened: long ones (the first) and any."""
    chance = random.Random(17)
    return [
        chance.randint(1, max(1, setup_.conversations // (100 if chance.random() < 0.5 else 1)))
        for _ in range(times)
    ]


def _plain(home: Path, subjects: list[int], times: int) -> dict[str, list[float]]:
    """Milliseconds of each question as plain SQL."""
    db = sqlite3.connect(f"file:{home / 'vchat.db'}?mode=ro", uri=True, isolation_level=None)
    db.execute("PRAGMA cache_size = -32768")  # what the store has, too

    def timeline(conversation_id: int) -> None:
        for row in db.execute(TIMELINE, (conversation_id,)).fetchall():
            db.execute(EFFECTS, (row[10],)).fetchall()

    def search(words: str) -> None:
        rows = db.execute(SEARCH, (f'"{words}"*',)).fetchall()
        for conversation_id in {row[1] for row in rows}:
            db.execute(ROW_OF_HIT, (conversation_id,)).fetchone()

    def listing() -> None:
        db.execute(COUNT).fetchone()
        db.execute(CONVERSATIONS).fetchall()

    found = {
        "first 50 conversations": [_timed(listing) for _ in range(times)],
        "open a conversation, 50 messages": [_timed(timeline, one) for one in subjects],
        "search, a common word, 50 hits": [_timed(search, COMMON) for _ in range(times)],
        "search, a rare word": [_timed(search, RARE) for _ in range(times)],
    }
    db.close()
    return found


def _timed(function: Callable[..., None], *args: Any) -> float:
    began = time.perf_counter()
    function(*args)
    return (time.perf_counter() - began) * 1000


def _questions(subjects: list[int]) -> dict[str, list[Call[Any]]]:
    times = len(subjects)
    return {
        "first 50 conversations": [ListConversations(limit=PAGE)] * times,
        "open a conversation, 50 messages": [
            GetTimeline(conversation_id=one, limit=PAGE) for one in subjects
        ],
        "search, a common word, 50 hits": [SearchMessages(text=COMMON, limit=PAGE)] * times,
        "search, a rare word": [SearchMessages(text=RARE, limit=PAGE)] * times,
    }


async def _in_store(home: Path, subjects: list[int]) -> dict[str, list[float]]:
    """Milliseconds of each call at the server's own desk."""
    place = Home(home)
    with place.acquire():
        desk = await LocalDesk.open(place, working=False)
        try:
            return {
                name: [await _timed_call(desk, call) for call in asked]
                for name, asked in _questions(subjects).items()
            }
        finally:
            await desk.close()


async def _over_link(socket: Path, subjects: list[int]) -> dict[str, list[float]]:
    """Milliseconds of each call at a console, over the websocket; a console may make 50 a second."""
    desk = RemoteDesk(socket)
    desk.start()
    try:
        found: dict[str, list[float]] = {}
        for name, asked in _questions(subjects[: len(subjects) // 3]).items():
            found[name] = []
            for call in asked:
                await asyncio.sleep(0.02)
                found[name].append(await _timed_call(desk, call))
        return found
    finally:
        await desk.close()


async def _timed_call(desk: LocalDesk | RemoteDesk, call: Call[Any]) -> float:
    began = time.perf_counter()
    await desk.call(call)
    return (time.perf_counter() - began) * 1000


def _rows(name: str, plain: list[float], store: list[float], linked: list[float]) -> list[Row]:
    searching = name.startswith("search")
    raw = percentile(plain, 0.5)
    return [
        Row(what=f"{name}: store, median", value=percentile(store, 0.5), unit="ms",
            peer="plain sqlite3", peer_value=raw, ratio_at_most=1.5 if searching else 2.0),
        Row(what=f"{name}: store, p99", value=percentile(store, 0.99), unit="ms",
            at_most=10 if searching else None,
            peer="plain sqlite3", peer_value=percentile(plain, 0.99)),
        Row(what=f"{name}: console, median", value=percentile(linked, 0.5), unit="ms",
            peer="plain sqlite3", peer_value=raw, ratio_at_most=4.0),
        Row(what=f"{name}: console, p99", value=percentile(linked, 0.99), unit="ms"),
    ]  # fmt: skip
