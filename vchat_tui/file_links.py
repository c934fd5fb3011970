"""Addresses at which providers fetch our files: `<public URL>/m/<token>/<name>`.

A token names a file by its hash and the moment at which it ends, and is signed: nobody can make
one, and nothing of it is stored. The name is for people; what the file is, its bytes decide.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import struct
from urllib.parse import quote

from vchat_tui.models import Media
from vchat_tui.text import safe_filename

PREFIX = "/m/"
LIFE_MS = 72 * 3600 * 1000
"""So long a link can be opened: Twilio may fetch a file hours later, a customer the day after."""
REUSED_MS = 24 * 3600 * 1000
"""So long one link serves new messages too; each of them has at least the rest of its life."""

LONGEST_NAME = 60
_SIGNATURE = 16
_FIELDS = struct.Struct(">Q32s")  # ends at (ms), SHA-256
_SIZE = _FIELDS.size + _SIGNATURE
_TOKEN = re.compile("[A-Za-z0-9_-]{" + str(-(-_SIZE * 8 // 6)) + "}")


def make_token(key: bytes, sha256: str, now: int) -> str:
    """A token for a file.

    Args:
        key: of links alone (`Core.file_key`).
        sha256: hex digest of the file.
        now: milliseconds since 1970.
    """
    signed = _FIELDS.pack(now + LIFE_MS, bytes.fromhex(sha256))
    return _text(signed + _sign(key, signed))


def file_of(key: bytes, token: str, now: int) -> str | None:
    """The hash of the file that a token opens; None where it is not ours, or has ended."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    signed, signature = raw[: _FIELDS.size], raw[_FIELDS.size :]
    # The same bytes can be spelt in several ways; only ours opens anything.
    whole = hmac.compare_digest(_text(raw), token)
    if not hmac.compare_digest(_sign(key, signed), signature) or not whole:
        return None
    ends_at, digest = _FIELDS.unpack(signed)
    return digest.hex() if now < ends_at else None


def address(public_url: str, file: Media) -> str:
    """Where a provider fetches a file whose `id` is a token."""
    return f"{public_url}{PREFIX}{file.id}/{quote(shown_name(file.filename or ''), safe='')}"


def shown_name(name: str, extension: str = "") -> str:
    """A short name for a file, without what a path or a header could trip over.

    Args:
        name: as somebody wrote it.
        extension: what the file really is; the name ends so.
    """
    stem, dot, ending = safe_filename(name or "file").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    if extension and ending.lower() not in _SPELLINGS.get(extension, (extension,)):
        stem, ending = f"{stem}.{ending}" if ending else stem, extension
    ending = ending[:10]
    stem = stem.strip()[: LONGEST_NAME - len(ending) - 1] or "file"
    return f"{stem}.{ending}" if ending else stem


_SPELLINGS = {"jpg": ("jpg", "jpeg"), "tif": ("tif", "tiff")}


def _sign(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, "sha256")[:_SIGNATURE]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
