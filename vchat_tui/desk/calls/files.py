"""Files of messages: a console gives the server one piece by piece, and reads one back so.

A piece fits in one message of the console link (see `wire.MAX_TO_SERVER`), where bytes are base64.
"""

from __future__ import annotations

import msgspec

from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Message

PIECE = 45 * 1024
"""Bytes of a piece of an upload, at most."""

READ_PIECE = 256 * 1024
"""Bytes that a read answers, at most."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the home keeps. `kind`: the kind of message that its bytes suggest."""

    sha256: str
    size: int
    mime_type: str
    extension: str
    kind: str


class BeginUpload(Call[str], frozen=True, kw_only=True, tag="begin_upload"):
    """Say that a file comes; answers the upload's id."""

    size: int


class AppendUpload(Call[int], frozen=True, kw_only=True, tag="append_upload"):
    """The bytes at an offset, at most where those before ended; answers how many are there."""

    upload_id: str
    offset: int
    data: bytes


class FinishUpload(Call[StoredFile], frozen=True, kw_only=True, tag="finish_upload"):
    """All came: keep the file. It may be asked twice."""

    upload_id: str


class ReadFile(Call[bytes], frozen=True, kw_only=True, tag="read_file"):
    """A part of a file; empty at its end."""

    sha256: str
    offset: int = 0
    length: int = READ_PIECE


class FetchAgain(Call[Message], frozen=True, kw_only=True, tag="fetch_again"):
    """Fetch the files of a customer's message that are not here."""

    message_id: int


class GetFile(Call[StoredFile], frozen=True, kw_only=True, tag="get_file"):
    """What the home knows of a file."""

    sha256: str
