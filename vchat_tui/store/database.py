"""One SQLite file: a writing connection and a reading one, each on a thread of its own.

The writing connection is the only one that writes and checkpoints (SQLite before 3.51.3 can
lose writes when two connections do). A call runs whole on its thread: cancelling the task that
waits for it cannot leave a transaction open.

What a full disk or another program refuses is refused for now (`sqlite3.OperationalError`), and
whoever asked may ask again. A disk that fails to sync, and a damaged file, are the end of a
server: what it believes to be written may not be.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit is on the disk when it returns; NORMAL loses rows in a power cut
    "foreign_keys": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "mmap_size": 0,
    "busy_timeout": 5000,
}

# SQLite's own 1,000 are one batch of webhooks in a large store: each commit would wait for a
# checkpoint. Much more, and the checkpoint itself is felt.
CHECKPOINT_PAGES = 10_000


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do."""


class Database:
    """A database file. Make it with `open`."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.trouble: str | None = None  # why the last write failed, where it did

    @classmethod
    async def open(
        cls, path: Path, migrate: Callable[[sqlite3.Connection, Path], None], *, cache_mib: int = 16
    ) -> Database:
        """Opens or creates the file and brings its schema up to date.

        Raises:
            StoreError: damaged, newer than this program, or held by another process.
        """
        new = _create(path)
        opened: list[aiosqlite.Connection] = []
        try:
            for read_only in (False, True):
                connection = await _connect(path)
                opened.append(connection)
                await _on_thread(connection, _configure, cache_mib, read_only)
                if not read_only:
                    await _on_thread(connection, migrate, path)
            if new:
                _sync_folder(path.parent)
        except BaseException as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, ERRORS):
                raise unusable(error, path) from error
            raise
        return cls(path, *opened)

    async def read(
        self,
        query: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a query on the reading connection; all of it sees one moment of the database.

        Raises:
            StoreError: the database is damaged.
        """
        try:
            return await _on_thread(self._reader, _moment, query, args, kwargs)
        except sqlite3.Error as error:
            if is_damage(error):
                raise self._break(error) from error
            raise

    async def write(
        self,
        change: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a change in a transaction of its own; it is on the disk when this returns.

        Raises:
            sqlite3.OperationalError: not now; nothing was changed.
            StoreError: the database cannot be used any more.
        """
        try:
            result = await _on_thread(self._writer, _transaction, change, args, kwargs)
        except sqlite3.Error as error:
            if isinstance(error, sqlite3.OperationalError) or is_damage(error):
                self.trouble = str(error)
            if _is_final(error):
                raise self._break(error) from error
            raise
        self.trouble = None
        return result

    async def watch(self, *, check: bool) -> None:
        """Waits until the database cannot be used any more.

        Args:
            check: look for damage first, beside the work: about a second per 400 MB.

        Raises:
            StoreError: then; the text says why.
        """
        if check:
            await asyncio.to_thread(_find_damage, self._path)
        await asyncio.shield(self._broken)

    def _break(self, error: sqlite3.Error) -> StoreError:
        final = unusable(error, self._path)
        if not self._broken.done():
            self._broken.set_exception(final)
            self._broken.exception()  # seen: who waits gets it, and nobody need wait
        return final

    async def close(self) -> None:
        """Closes both connections; without this their threads keep the process alive."""
        try:
            await self._reader.close()
        finally:
            await self._writer.close()


# SQLite's words on a damaged schema quote it, and then they may be no UTF-8 text themselves.
ERRORS = (sqlite3.Error, UnicodeDecodeError)


def is_damage(error: Exception) -> bool:
    """Whether the file itself is damaged, or no database at all."""
    damaged = _primary(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return damaged or isinstance(error, UnicodeDecodeError)


def _primary(error: Exception) -> int:
    """SQLite's result code without its details; 0 for errors of the Python module itself."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _is_final(error: sqlite3.Error) -> bool:
    """Whether going on would be a lie.

    After a failed sync the kernel may count pages as written that are not, and a later sync does
    not bring them back; so the commits behind it prove nothing until the files are opened anew.
    """
    code = getattr(error, "sqlite_errorcode", 0)
    return is_damage(error) or code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)


def unusable(error: Exception, path: Path | None = None) -> StoreError:
    """What to tell a person about a database that cannot be used."""
    name = f"the database {path}" if path else "a database"
    if is_damage(error):
        return StoreError(f"{name} is damaged ({in_words(error)}); restore a backup of it")
    return StoreError(
        f"{name} cannot be used ({error}); is the disk full or failing, or does another program"
        " hold it?"
    )


def in_words(error: Exception) -> str:
    """What an error says; one that cannot be read says that."""
    return "its schema cannot be read" if isinstance(error, UnicodeDecodeError) else str(error)


async def _connect(path: Path) -> aiosqlite.Connection:
    """A connection, or no trace of one: aiosqlite does not wait for the thread of one that failed,
    which then finds the event loop closed and says so in many lines."""
    connection = aiosqlite.connect(path, isolation_level=None)
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)
        raise


async def _on_thread(
    connection: aiosqlite.Connection,
    function: Callable[Concatenate[sqlite3.Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Runs a whole function on the connection's thread.

    aiosqlite's public methods cost a hop between threads per statement; its own way to run a
    function costs one per call, which is ten times less for a page of a list.
    """
    execute: Any = connection._execute
    result: T = await execute(function, connection._conn, *args, **kwargs)
    return result


def _find_damage(path: Path) -> None:
    """Reads every page, on a connection of its own so that nothing waits for it."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        _configure(db, 2, read_only=True)
        found = " ".join(db.execute("PRAGMA quick_check(1)").fetchone()[0].split())
    except ERRORS as error:
        if not is_damage(error):
            return  # not now: the work goes on, and says so itself
        found = in_words(error)
    finally:
        db.close()
    if found == "ok":
        log.info("%s was read and is whole", path.name)
    else:
        log.critical("%s is damaged: %s", path, found)
        raise StoreError(f"the database {path} is damaged ({found}); restore a backup of it")


def _create(path: Path) -> bool:
    """Makes an empty file that only its owner reads; False where there is one."""
    if path.exists():
        return False
    path.touch(mode=0o600)
    return True


def _transaction(
    db: sqlite3.Connection,
    change: Callable[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> T:
    db.execute("BEGIN IMMEDIATE")
    try:
        result = change(db, *args, **kwargs)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return result


def _moment(
    db: sqlite3.Connection,
    query: Callable[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> T:
    """Without a transaction each statement would see what was written since the one before."""
    db.execute("BEGIN")
    try:
        return query(db, *args, **kwargs)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _configure(db: sqlite3.Connection, cache_mib: int, read_only: bool = False) -> None:
    """Sets the pragmas and reads each back: a pragma that does not hold is silent otherwise."""
    for name, value in PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {value}")
        row = db.execute(f"PRAGMA {name}").fetchone()
        if row is not None and str(row[0]).lower() != str(value):
            raise StoreError(f"SQLite refused {name} = {value} (it says {row[0]})")
    db.execute(f"PRAGMA cache_size = {-1024 * cache_mib}")
    db.execute(f"PRAGMA wal_autocheckpoint = {0 if read_only else CHECKPOINT_PAGES}")
    if read_only:
        db.execute("PRAGMA query_only = ON")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def savepoint(db: sqlite3.Connection) -> Iterator[None]:
    """A part of a transaction that is undone alone when it fails."""
    db.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK TO part")
        db.execute("RELEASE part")
        raise
    db.execute("RELEASE part")
