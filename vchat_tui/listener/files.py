"""`/m/<token>/<name>`: the files that providers fetch, and that customers open from a link in a text.

The token is in no log. One that is forged, ended or of a file that is gone is as unknown as any
other address. A file is sent piece by piece, so that its size costs no memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from vchat_tui.desk.file_links import Linked
from vchat_tui.file_links import PREFIX, shown_name
from vchat_tui.file_types import HARMLESS

_PIECE = 256 * 1024
_STRICT = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline';"
        b" frame-ancestors 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
    # Twilio asks once for a file that many messages name; nothing in between may keep it longer.
    (b"cache-control", b"private, max-age=3600"),
)


class Files(Protocol):
    """The desk, as this address sees it."""

    async def look(self, token: str) -> Linked | None:
        """The file of a token; None where there is none to be had."""
        ...


class Served(NamedTuple):
    """A file on its way: header fields, and where its bytes are."""

    headers: tuple[tuple[bytes, bytes], ...]
    path: Path


async def find(files: Files, scope: dict[str, Any]) -> Served | None:
    """What is at an address below `PREFIX`; None where nothing is."""
    token, slash, name = str(scope["path"]).removeprefix(PREFIX).partition("/")
    if not slash or not name or "/" in name:
        return None
    found = await files.look(token)
    if found is None:
        return None
    headers = (
        (b"content-length", b"%d" % found.size),
        (b"content-type", found.mime_type.encode()),
        (b"content-disposition", _disposition(name, found)),
    )
    return Served((*headers, *_STRICT), found.path)


def _disposition(name: str, found: Linked) -> bytes:
    """RFC 6266: shown where a browser can only show it, else saved, under its name."""
    how = "inline" if found.mime_type in HARMLESS else "attachment"
    name = shown_name(name, found.extension)
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}".encode()


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
