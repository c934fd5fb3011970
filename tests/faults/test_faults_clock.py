"""A clock that jumps: nothing waits for ever, nothing runs wild, messages keep their order."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clock_kit import Clock, Provider, desk_with
from faults_kit import text_message, until, webhook
from open_windows import open_window

from vchat_tui.channels.base import NotSent, Unclear
from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.store import downloads, outbox, registrations, uploads

JUMPS = {
    "an hour back": timedelta(hours=-1),
    "a minute back": timedelta(minutes=-1),
    "a day back": timedelta(days=-1),
    "an hour on": timedelta(hours=1),
    "a day on": timedelta(days=1),
    "twenty years on": timedelta(days=7305),
    "1970": datetime(1970, 1, 2, tzinfo=UTC) - datetime.now(UTC),
    "2038": datetime(2038, 1, 19, 3, 14, 5, tzinfo=UTC) - datetime.now(UTC),
}
each_jump = pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())


async def send(desk: LocalDesk, number: int, text: str) -> None:
    """Queues a text to a person."""
    to = f"+5255{10_000_000 + number}"
    await open_window(desk, to)
    await desk.call(calls.SendTo(inbox="Ventas", to=to, client_id=text, text=text))


def tried(provider: Provider, text: str, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether a text was tried so often."""

    async def reached() -> bool:
        return provider.tries.count(text) >= count

    return reached


@each_jump
async def test_a_retry_comes_whatever_the_clock_does(
    tmp_path: Path, clock: Clock, jump: timedelta
) -> None:
    provider = Provider({"again": [NotSent(reason="no connection")]})
    async with desk_with(tmp_path, provider) as desk:
        await send(desk, 1, "again")
        await until(tried(provider, "again", 1))
        clock.jump = jump
        await until(tried(provider, "again", 2), 30)
        await send(desk, 2, "new")
        await until(tried(provider, "new", 1), 30)


@pytest.mark.parametrize("name", ["an hour on", "a day back"])
async def test_nor_if_it_does_so_between_two_looks(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What one look finds not yet due and the next one finds past would be in neither."""
    look, look_on, moments = outbox.due, outbox.next_due_at, 0

    def jumps_after(db: sqlite3.Connection, now: int, limit: int) -> list[Any]:
        found = look(db, now, limit)
        if db.execute("SELECT 1 FROM outbox WHERE attempt = 1 AND next_at > ?", (now,)).fetchone():
            clock.jump = JUMPS[name]
        return found

    def and_back(db: sqlite3.Connection, now: int) -> int | None:
        nonlocal moments
        moments += clock.jump != timedelta()
        clock.jump = timedelta()
        return look_on(db, now)

    provider = Provider({"again": [NotSent(reason="no connection")]})
    async with desk_with(tmp_path, provider) as desk:
        monkeypatch.setattr(outbox, "due", jumps_after)
        monkeypatch.setattr(outbox, "next_due_at", and_back)
        await send(desk, 1, "again")
        await until(tried(provider, "again", 2), 15)
    assert moments


@pytest.mark.parametrize(
    ("part", "look", "look_on"),
    [
        (outbox, "due", "next_due_at"),
        (downloads, "due", "next_at"),
        (uploads, "waiting", "next_waiting_at"),
        (registrations, "due", "next_at"),
    ],
)
async def test_what_is_due_and_what_is_due_next_are_of_one_moment(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch,
    part: ModuleType, look: str, look_on: str,
) -> None:  # fmt: skip
    """Else what falls due between the two is in neither, and waits for the next change."""
    moments: list[tuple[str, int]] = []
    for name in (look, look_on):
        monkeypatch.setattr(part, name, noting(moments, clock, name, getattr(part, name)))
    async with desk_with(tmp_path, Provider({})) as desk:
        await send(desk, 1, "hello")
        async with asyncio.timeout(15):
            while not (both := one_upon_the_other(moments, look, look_on)):
                await asyncio.sleep(0.01)
    assert all(now == later for now, later in both)


def one_upon_the_other(
    moments: list[tuple[str, int]], first: str, second: str
) -> list[tuple[int, int]]:
    """The moments of two functions where one was called right after the other."""
    return [(a, b) for (one, a), (two, b) in pairwise(moments) if (one, two) == (first, second)]


def noting(
    moments: list[tuple[str, int]], clock: Clock, name: str, function: Callable[..., Any]
) -> Callable[..., Any]:
    """The function, which notes the moment that it is asked about; then a minute passes."""

    def noted(*args: Any) -> Any:
        moments.append((name, inspect.signature(function).bind(*args).arguments["now"]))
        clock.jump += timedelta(minutes=1)
        return function(*args)

    return noted


async def test_a_held_conversation_does_not_hold_the_retry_of_another(tmp_path: Path) -> None:
    """What waits behind a message of unknown fate is due for ever, and cannot go."""
    provider = Provider(
        {"lost": [Unclear(reason="no answer")], "again": [NotSent(reason="no connection")]}
    )
    async with desk_with(tmp_path, provider) as desk:
        await send(desk, 1, "lost")
        await until(tried(provider, "lost", 1))
        await send(desk, 1, "behind it")
        await send(desk, 2, "again")
        await until(tried(provider, "again", 2), 30)
        assert "behind it" not in provider.tries


@each_jump
async def test_no_storm_of_timers(tmp_path: Path, clock: Clock, jump: timedelta) -> None:
    provider = Provider({"again": [NotSent(reason="no connection")] * 4})
    async with desk_with(tmp_path, provider) as desk:
        await send(desk, 1, "again")
        await until(tried(provider, "again", 1))
        clock.jump = jump
        await until(tried(provider, "again", 2), 30)
        asked = clock.asked
        await asyncio.sleep(1)
        assert clock.asked - asked < 100


@each_jump
async def test_messages_keep_their_order(tmp_path: Path, clock: Clock, jump: timedelta) -> None:
    now = int(time.time())
    async with desk_with(tmp_path, Provider({})) as desk:
        for number, at in enumerate((now - 60, now - 30, now)):
            # Back by less than what we know to be wrong, our clock decides; so not before it jumped.
            clock.jump = jump if number or timedelta(days=-2) < jump < timedelta() else timedelta()
            body = webhook(text_message("525510000001", f"wamid.{number}", f"{number}", at))
            await desk.services.gate.append("meta", {}, body, 1)
        await desk.call(calls.Settle())
        page = await desk.call(calls.GetTimeline(conversation_id=1))
        assert [item.message.text for item in page.items] == ["0", "1", "2"]
        # The window: 24 hours from the last message, by the clock that is asked how much is left.
        row = await desk.call(calls.GetConversation(conversation_id=1))
        assert row.window_ends_at is not None
        if abs(jump) <= timedelta(minutes=1):
            left = row.window_ends_at - datetime.fromtimestamp(now, UTC)
            assert left == timedelta(hours=24)
