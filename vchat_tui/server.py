"""The server of one home: the desk, the public listener for webhooks, the socket for consoles.

It ends when a signal says so, when an attached server's last console has left, or when a part of
it breaks: then it exits with an error, and starting again is the tested way to recover.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sqlite3
from collections.abc import Callable, Iterator

from vchat_tui.consoles import Consoles
from vchat_tui.desk.file_links import FileLinks
from vchat_tui.desk.local import LocalDesk
from vchat_tui.desk.page_links import Pages
from vchat_tui.home import Home
from vchat_tui.listener.server import Listener
from vchat_tui.store.database import StoreError, unusable

log = logging.getLogger(__name__)

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
GRACE = 5.0  # seconds that requests and sends under way get


class ServerError(Exception):
    """The server cannot start; the text says why and what to do."""


async def serve(
    home: Home,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    attached: bool = False,
    ready: Callable[[str | None], None] = lambda address: None,
) -> None:
    """Runs a server on a home until it is told to stop.

    Args:
        home: prepared and locked here.
        host: where webhooks are listened for.
        port: 0 picks a free one.
        attached: started by a console. It ends with its last console, and a taken port does not
            keep it from serving consoles: the diagnostics say so.
        ready: called with the listener's address once everything answers.

    Raises:
        HomeError, StoreError, KeyFileError, ServerError: it cannot run; the text says why.
    """
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home)
        stop = asyncio.Event()
        consoles = Consoles(desk, on_idle=stop.set if attached else None)
        core = desk.services.core
        links = FileLinks(core, desk.services.files.shelf)
        listener = Listener(desk.services.gate, pages=Pages(core), links=links)
        try:
            await _listen(desk, listener, host, port, required=not attached)
            await consoles.listen(home.socket)
            with _signals(stop):
                ready(desk.services.listening)
                await _until(stop, desk)
        finally:
            try:
                await listener.stop(GRACE)
                await consoles.close()
            finally:  # without this the databases' threads would keep the process alive
                await desk.close(GRACE)


async def _listen(
    desk: LocalDesk, listener: Listener, host: str, port: int, *, required: bool
) -> None:
    try:
        desk.services.listening = await listener.start(host, port)
    except OSError as error:
        problem = f"cannot listen for webhooks on {host}:{port}: {error.strerror or error}"
        if required:
            raise ServerError(f"{problem}; choose another with --port") from error
        log.error("%s", problem)
        desk.services.listener_error = problem


async def _until(stop: asyncio.Event, desk: LocalDesk) -> None:
    """Waits for the word to stop.

    Raises:
        ServerError, StoreError: a part of the desk broke.
    """
    stopping = asyncio.create_task(stop.wait())
    failing = asyncio.create_task(desk.failure())
    done, _ = await asyncio.wait({stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, failing):
        task.cancel()
    if failing in done:
        error = failing.result()
        if isinstance(error, StoreError):
            log.critical("%s", error)
            raise error
        if isinstance(error, sqlite3.Error):
            log.critical("a database broke", exc_info=error)
            raise unusable(error) from error
        log.critical("a part of the server broke", exc_info=error)
        raise ServerError(f"the server stopped: {type(error).__name__}: {error}")


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
