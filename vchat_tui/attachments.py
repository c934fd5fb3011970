"""Files of this machine on their way to a customer: looked at, checked, brought to the server."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote, urlsplit

from vchat_tui.channels.base import Problem
from vchat_tui.channels.registry import capabilities, check_content
from vchat_tui.desk.calls import AppendUpload, BeginUpload, Desk, FinishUpload, StoredFile
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.file_types import HEAD, WEBP, FileType, is_animated, sniff_file
from vchat_tui.i18n import _
from vchat_tui.models import Content, Media
from vchat_tui.text import safe_filename

VOICE = "voice"
_UNKNOWN_HASH = "0" * 64
_MOST_PASTED = 20


class Unusable(Exception):
    """This file cannot be attached; the text says why, in the reader's language."""


class Chosen(NamedTuple):
    """A file that may be attached."""

    path: Path
    size: int
    type: FileType
    animated: bool | None  # of a WebP picture


def look_at(path: Path) -> Chosen:
    """What a file is.

    Raises:
        Unusable: there is none, or it is no plain file.
    """
    try:
        with _open(path) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD)
        if not size:
            raise Unusable(_("The file is empty."))
        found = sniff_file(path)
        return Chosen(path, size, found, is_animated(head) if found is WEBP else None)
    except OSError as error:
        raise Unusable(
            _("The file cannot be read: {reason}").format(reason=error.strerror or error)
        ) from None


def _open(path: Path) -> BinaryIO:
    """Opens a plain file; a pipe or a device would never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unusable(_("This is no file."))
    return os.fdopen(descriptor, "rb")


def kinds(channel: str) -> list[str]:
    """The kinds of message that can carry a file, a voice message among them."""
    known = list(capabilities(channel).media)
    return [*known, VOICE] if "audio" in known else known


def best_kind(channel: str, chosen: Chosen) -> str:
    """How a file is sent unless the person says otherwise: as what it is, else as a document."""
    known = kinds(channel)
    for kind in (chosen.type.kind, "document"):
        if kind in known and problem_of(channel, chosen, kind, "") is None:
            return kind
    return chosen.type.kind if chosen.type.kind in known else known[0]


def problem_of(channel: str, chosen: Chosen, kind: str, caption: str) -> Problem | None:
    """Why the channel would not take it so."""
    return check_content(channel, make_content(chosen, kind, caption, _UNKNOWN_HASH))


def make_content(chosen: Chosen, kind: str, caption: str, sha256: str) -> Content:
    """The message with this file."""
    voice = kind == VOICE
    file = Media(
        sha256=sha256,
        mime_type=chosen.type.mime_type,
        size=chosen.size,
        filename=safe_filename(chosen.path.name),
        voice=True if voice else None,
        animated=chosen.animated,
    )
    return Content(type="audio" if voice else kind, text=caption or None, media=(file,))


async def upload(desk: Desk, chosen: Chosen, progress: Callable[[int], None]) -> StoredFile:
    """Brings a file to the server, piece by piece.

    Args:
        progress: hears how many bytes are there.

    Raises:
        Unusable: it cannot be read any more, or it has changed.
        DeskError, Disconnected: as `Desk.call`.
    """
    try:
        with await asyncio.to_thread(_open, chosen.path) as file:
            upload_id = await desk.call(BeginUpload(size=chosen.size))
            here = 0
            while piece := await asyncio.to_thread(file.read, PIECE):
                await desk.call(AppendUpload(upload_id=upload_id, offset=here, data=piece))
                here += len(piece)
                progress(here)
            return await desk.call(FinishUpload(upload_id=upload_id))
    except OSError as error:
        raise Unusable(
            _("The file cannot be read: {reason}").format(reason=error.strerror or error)
        ) from None


def pasted_files(text: str) -> list[Path]:
    """The files that a pasted text names, as terminals paste what is dropped on them; none, where
    any of it is something else."""
    text = text.strip()
    if not text.startswith(("/", "~/", "'/", '"/', "file:///")) or len(text) > 4096:
        return []
    whole = _named(text)
    if whole is not None and whole.is_file():
        return [whole]
    try:
        parts = shlex.split(text)
    except ValueError:
        return []
    found = [path for part in parts[: _MOST_PASTED + 1] if (path := _named(part)) is not None]
    usable = len(found) == len(parts) <= _MOST_PASTED and all(path.is_file() for path in found)
    return found if usable else []


def _named(text: str) -> Path | None:
    """The path that a text is, plain or as a `file:` address."""
    if "\0" in text:
        return None
    try:
        if text.startswith("file://"):
            parts = urlsplit(text)
            return Path(unquote(parts.path)) if parts.netloc in ("", "localhost") else None
        return Path(re.sub(r"[\r\n]", "", text)).expanduser()
    except (ValueError, RuntimeError):
        return None
