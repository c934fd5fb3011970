"""Which file a link of ours opens: for providers that fetch files, and customers who tap a link."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from vchat_tui import file_links
from vchat_tui.desk.core import Core
from vchat_tui.store import files
from vchat_tui.store.files import Shelf
from vchat_tui.store.times import now_ms


class Linked(NamedTuple):
    """A file behind a link."""

    path: Path
    size: int
    mime_type: str
    extension: str


class FileLinks:
    """Answers the listener.

    Args:
        shelf: where the files are.
    """

    def __init__(self, core: Core, shelf: Shelf) -> None:
        self._core = core
        self._shelf = shelf

    async def look(self, token: str) -> Linked | None:
        """The file of a token; None where the token is not ours or has ended, or the file is gone."""
        sha256 = file_links.file_of(self._core.file_key, token, now_ms())
        if sha256 is None:
            return None
        known = await self._core.store.read(files.get, sha256)
        path = self._shelf.path(sha256)
        if known is None or not await asyncio.to_thread(path.is_file):
            return None
        return Linked(path, known.size, known.mime_type, known.extension)
