"""What was typed and not sent, in files of this machine: they survive a lost server and a crash.

A file is written with every save and goes once the server has the same text. So a file that is
there holds something that the server may not have, and wins over the server's draft.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class LocalDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft. `client_id`: the id under which this very text was already handed to the server."""

    text: str
    cursor: tuple[int, int] = (0, 0)
    client_id: str | None = None
    reply_to: int | None = None


class LocalDrafts:
    """Drafts of one home, one file per conversation, readable by their owner only.

    Args:
        folder: where they lie; None: nothing is kept on this machine.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, conversation_id: int) -> Path | None:
        return None if self._folder is None else self._folder / f"{conversation_id}.json"

    def save(self, conversation_id: int, draft: LocalDraft) -> None:
        """Keep a draft; an empty text removes it.

        Raises:
            OSError: the disk is full, or not ours.
        """
        path = self._path(conversation_id)
        if path is None:
            return
        if not draft.text:
            path.unlink(missing_ok=True)
            return
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(draft))
        part.replace(path)  # whole or not at all, whatever happens meanwhile

    def load(self, conversation_id: int) -> LocalDraft | None:
        """The draft that the server may not have, where there is one."""
        path = self._path(conversation_id)
        if path is None:
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=LocalDraft)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def forget(self, conversation_id: int, text: str) -> None:
        """The server has this text: the file goes, unless it holds another one by now."""
        draft = self.load(conversation_id)
        path = self._path(conversation_id)
        if path is not None and draft is not None and draft.text == text:
            path.unlink(missing_ok=True)
