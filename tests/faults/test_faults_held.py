"""Another program holds a database: short holds are waited for, long ones refused, nothing lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from faults_kit import Acks, Crowd, Line, Server, configured_home, desk_of, until
from invariants import check_invariants

from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, DeskError


@asynccontextmanager
async def held(path: Path) -> AsyncIterator[None]:
    """The database belongs to somebody else inside the block."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "seconds"), [("journal.db", 1), ("journal.db", 7), ("vchat.db", 1)]
)
async def test_held_by_another_program(tmp_path: Path, name: str, seconds: int) -> None:
    home = configured_home(tmp_path / "home")
    server = Server(home)
    acks = Acks()
    crowd = Crowd(acks, seed=61)
    try:
        server.start()
        line = Line(server.port, acks)
        async with desk_of(home) as desk:
            await crowd.write(server.port, senders=2, limit=10)
            await desk.call(calls.Settle())
            async with held(home / name):
                one = asyncio.create_task(line.send(crowd.body()))
                if name == "vchat.db":
                    with pytest.raises(DeskError):
                        await desk.call(
                            calls.SaveDraft(conversation_id=1, text="hola", cursor=(0, 0))
                        )
                await asyncio.sleep(seconds)
                await desk.call(calls.GetCounts())  # reading goes on
                if name == "vchat.db" or seconds > 5:
                    await until(lambda: _says_so(desk), 10)
            # The journal alone decides about the answer; 5 s is how long a write waits.
            assert await one == (503 if name == "journal.db" and seconds > 5 else 200)
            await until(lambda: _takes(line, crowd), 10)
            await desk.call(calls.Settle())
            await until(lambda: _is_well(desk), 10)
        await line.close()
        assert server.stop() == 0
        check_invariants(home, acks.bodies)
    finally:
        server.kill()


async def _says_so(desk: Desk) -> bool:
    return (await desk.call(calls.GetDiagnostics())).storage_error == "database is locked"


async def _is_well(desk: Desk) -> bool:
    return (await desk.call(calls.GetDiagnostics())).storage_error is None


async def _takes(line: Line, crowd: Crowd) -> bool:
    return await line.send(crowd.body()) == 200
