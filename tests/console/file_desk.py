"""The desk in memory with files: what consoles bring, and what customers sent."""

from __future__ import annotations

import hashlib
from typing import Any

from stub_desk import StubDesk, make_item

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, StoredFile
from vchat_tui.file_types import sniff
from vchat_tui.models import Direction, Media, Message, Status, TimelineItem

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
PDF = b"%PDF-1.7\n" + b"x" * 2000


class FileDesk(StubDesk):
    """`files`: bytes by hash; `sent`: what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, bytearray] = {}
        self.sent: list[calls.Send] = []

    def with_file(self, data: bytes, filename: str | None, kind: str = "document") -> TimelineItem:
        """The first customer's newest message has this file."""
        digest = hashlib.sha256(data).hexdigest()
        self.files[digest] = data
        file = Media(
            id="1", sha256=digest, size=len(data), mime_type=sniff(data).mime_type,
            filename=filename, state="ready",
        )  # fmt: skip
        return self.with_media(file, kind)

    def with_media(self, file: Media, kind: str = "document") -> TimelineItem:
        """The first customer's newest message has a file in some state."""
        item = make_item(5000, None, minutes=0, type=kind, media=(file,))
        self.timelines[1].append(item)
        return item

    def _stored(self, digest: str) -> StoredFile:
        if digest not in self.files:
            raise DeskError("This file is not on the server.")
        data = self.files[digest]
        found = sniff(data)
        return StoredFile(
            sha256=digest, size=len(data), mime_type=found.mime_type, extension=found.extension,
            kind=found.kind,
        )  # fmt: skip

    def _get_file(self, call: calls.GetFile) -> StoredFile:
        return self._stored(call.sha256)

    def _read_file(self, call: calls.ReadFile) -> bytes:
        return self.files[call.sha256][call.offset : call.offset + call.length]

    def _begin_upload(self, call: calls.BeginUpload) -> str:
        name = str(len(self.uploads))
        self.uploads[name] = bytearray()
        return name

    def _append_upload(self, call: calls.AppendUpload) -> int:
        self.uploads[call.upload_id] += call.data
        return len(self.uploads[call.upload_id])

    def _finish_upload(self, call: calls.FinishUpload) -> StoredFile:
        data = bytes(self.uploads[call.upload_id])
        digest = hashlib.sha256(data).hexdigest()
        self.files[digest] = data
        return self._stored(digest)

    def _fetch_again(self, call: calls.FetchAgain) -> Message:
        return self._item(call.message_id).message

    def _send(self, call: calls.Send) -> Message:
        self.sent.append(call)
        values: dict[str, Any] = {
            name: getattr(call.content, name) for name in ("media", "location", "contacts")
        }
        item = make_item(
            next(self._ids), call.content.text, conversation=call.conversation_id, minutes=0,
            direction=Direction.OUT, status=Status.QUEUED, type=call.content.type, **values,
        )  # fmt: skip
        return item.message
