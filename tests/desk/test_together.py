"""Changes that come at the same time share a commit; each has its own result and fails alone."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from desk_kit import Office

from vchat_tui.desk.together import Together
from vchat_tui.store.changes import Changes


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(tmp_path / "home")
    yield opened
    await opened.close()


def adding(name: str, fails: Exception | None = None) -> object:
    """A change that adds a user, and what it answers; or breaks afterwards."""

    def add(db: sqlite3.Connection, changes: Changes) -> str:
        db.execute("INSERT INTO user (name, search_key, created_at) VALUES (?, '', 0)", (name,))
        if fails is not None:
            raise fails
        return name

    return add


async def names(office: Office) -> list[str]:
    return [name for (name,) in await office.rows("SELECT name FROM user ORDER BY id")]


async def test_one_transaction_and_a_result_for_each(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    core, commits = office.desk.services.core, 0
    actions = [adding("a"), adding("b", ValueError("no")), adding("c")]
    write = core.store.write

    async def counted(*args: object, **kwargs: object) -> object:
        nonlocal commits
        if isinstance(args[1], partial):  # the desk itself writes meanwhile
            commits += any(waiting.action in actions for waiting in args[1].args[0])
        return await write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(core.store, "write", counted)
    together = Together(core)
    results = await asyncio.gather(
        *(together.change(action) for action in actions),
        return_exceptions=True,  # type: ignore[arg-type]
    )
    assert commits == 1
    assert [str(result) for result in results] == ["a", "no", "c"]
    assert await names(office) == ["a", "c"], "what broke left nothing"


async def test_who_is_cancelled_changes_nothing_for_the_others_and_all_is_written(
    office: Office,
) -> None:
    together = Together(office.desk.services.core)
    gone = asyncio.create_task(together.change(adding("a")))  # type: ignore[arg-type]
    stays = asyncio.create_task(together.change(adding("b")))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    gone.cancel()
    await together.finish()
    assert await stays == "b"
    assert gone.cancelled()
    assert await names(office) == ["a", "b"]


async def test_a_refusal_of_the_disk_is_told_to_everybody(office: Office) -> None:
    together = Together(office.desk.services.core)
    full = sqlite3.OperationalError("database or disk is full")
    results = await asyncio.gather(
        together.change(adding("a")), together.change(adding("b", full)),  # type: ignore[arg-type]
        return_exceptions=True,
    )  # fmt: skip
    assert results == [full, full]
    assert await names(office) == []
