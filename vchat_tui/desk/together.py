"""Changes that come at about the same time in one transaction: each commit waits for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from vchat_tui.desk.core import Core
from vchat_tui.store.changes import Changes
from vchat_tui.store.database import savepoint

T = TypeVar("T")
Action = Callable[[sqlite3.Connection, Changes], Any]

GATHER = 0.01  # seconds that the first waits for others


class _Waiting(NamedTuple):
    action: Action
    done: asyncio.Future[Any]


class Together:
    """Runs changes for many at once; each has its own result, and fails alone."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    async def change(self, action: Callable[[sqlite3.Connection, Changes], T]) -> T:
        """Runs a change as `Core.change` does; it is on the disk when this returns. It runs to its
        end even where the caller is cancelled.

        Raises:
            sqlite3.OperationalError: the disk refused it; nothing was changed.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(action, done))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run())
        return await done

    async def finish(self) -> None:
        """Waits until nothing is left to do."""
        if self._work is not None:
            await self._work

    async def _run(self) -> None:
        await asyncio.sleep(GATHER)
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                results = await self._core.change(partial(_all, some))
            except sqlite3.Error as error:
                results = [error for _ in some]
            for waiting, result in zip(some, results, strict=True):
                if waiting.done.done():
                    continue  # whoever waited was cancelled
                if isinstance(result, Exception):
                    waiting.done.set_exception(result)
                else:
                    waiting.done.set_result(result)


def _all(some: list[_Waiting], db: sqlite3.Connection, changes: Changes) -> list[Any]:
    results: list[Any] = []
    for waiting in some:
        try:
            with savepoint(db):
                results.append(waiting.action(db, changes))
        except sqlite3.Error:
            raise  # the disk: nothing of this can be kept now
        except Exception as error:  # noqa: BLE001 - it is told to whoever asked for it
            results.append(error)
    return results
