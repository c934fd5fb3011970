"""Files for tests of the desk: bytes with a believable beginning, and how they get there."""

from __future__ import annotations

import hashlib
from typing import Any

from desk_kit import Office
from webhook_bodies import NUMBER, START, body, contact

from vchat_tui.desk import calls
from vchat_tui.desk.calls import StoredFile
from vchat_tui.desk.calls.files import PIECE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
PDF = b"%PDF-1.7\n" + b"x" * 2000
PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"
ANA = "5215512345678"


def digest(data: bytes) -> str:
    """The name of a file in the home."""
    return hashlib.sha256(data).hexdigest()


async def upload(office: Office, data: bytes) -> StoredFile:
    """Brings a file, as a console does."""
    upload_id = await office.call(calls.BeginUpload(size=len(data)))
    for offset in range(0, len(data), PIECE):
        piece = data[offset : offset + PIECE]
        here = await office.call(calls.AppendUpload(upload_id=upload_id, offset=offset, data=piece))
        assert here == offset + len(piece)
    stored: StoredFile = await office.call(calls.FinishUpload(upload_id=upload_id))
    return stored


def with_file(
    identifier: str, media_id: str, *, kind: str = "image", at: int = 0, **file: Any
) -> bytes:
    """A webhook with a customer's file."""
    message = {
        "id": identifier,
        "from": ANA,
        "timestamp": str(START + at),
        "type": kind,
        kind: {"id": media_id, "mime_type": "image/png"} | file,
    }
    return body(messages=(message,), contacts=(contact(ANA, "Ana"),), number=NUMBER)
