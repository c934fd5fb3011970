"""Files to and from Meta: two steps each way.

Facts from Meta's page "Media" of the WhatsApp Business Platform. An upload lives 30 days and
belongs to the number that it was uploaded for; a customer's file can be had for 7 days. A lookup
gives a URL that lives 5 minutes. Through 360dialog (its "Media" page) that URL leads to Meta all the
same, and the file is at its path and query on 360dialog's own server.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.base import ErrorClass, Fetched, NotSent, Rejected, Unclear, Uploaded
from vchat_tui.channels.http_statuses import read_payload
from vchat_tui.channels.payload import number_at, text_at
from vchat_tui.channels.whatsapp_answers import read_refusal
from vchat_tui.models import Media, MessageError
from vchat_tui.text import clean

if TYPE_CHECKING:
    from vchat_tui.channels.download import Download
    from vchat_tui.channels.http import Answer, Line

HOSTS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net")
"""Meta's servers of media: these and every name below them."""

_MEDIA_ID = re.compile(r"[0-9]{1,32}")
_SLOWEST = 50_000  # bytes a second; slower than that, an upload is given up
_GONE = {"33", "100", "404", f"{errors.HTTP}404"}

_log = logging.getLogger(__name__)


class Places(NamedTuple):
    """Where things are, below the API's address."""

    messages: str
    media: str  # uploads
    lookup: tuple[str, str]  # what stands before and after a file's id
    files: str | None = None  # the server where files lie, whatever server a lookup names


async def upload(
    line: Line, path: str, file: Path, mime_type: str, filename: str, channel: str
) -> Uploaded | Rejected | NotSent:
    """Send a file to POST /{phone-number-id}/media.

    Args:
        path: of the endpoint.
        file: what to send; `mime_type` is the type of its part, which is the one that counts.
        channel: whose table of errors applies.

    Raises:
        OSError: the file cannot be opened.
    """
    from vchat_tui.channels.http import DEADLINE, Form

    opened = await asyncio.to_thread(file.open, "rb")
    with opened:
        size = (await asyncio.to_thread(file.stat)).st_size
        fields = {"messaging_product": "whatsapp", "type": mime_type}
        answer = await line.request(
            "POST",
            path,
            form=Form(fields, opened, filename, mime_type),
            deadline=DEADLINE + size / _SLOWEST,
        )
    if isinstance(answer, Unclear):
        return NotSent(reason=answer.reason)  # done twice, it does no harm
    if isinstance(answer, NotSent):
        return answer
    identifier = text_at(read_payload(answer), "id")
    if 200 <= answer.status < 300 and _MEDIA_ID.fullmatch(identifier or ""):
        return Uploaded(provider_id=str(identifier))
    return _refused(answer, channel)


async def fetch(
    line: Line,
    download: Download,
    places: Places,
    media: Media,
    target: Path,
    max_bytes: int,
    channel: str,
) -> Fetched | Rejected | NotSent:
    """Look a customer's file up by its id, and bring it to the disk.

    Args:
        places: of this API.
        target: where it will be.
        channel: whose table of errors applies.

    Raises:
        OSError: the disk refused it.
    """
    url, digest = None if places.files else media.url, media.sha256
    mime_type = media.mime_type
    if media.id is not None and _MEDIA_ID.fullmatch(media.id):
        answer = await line.request("GET", f"{places.lookup[0]}/{media.id}{places.lookup[1]}")
        if isinstance(answer, Unclear):
            return NotSent(reason=answer.reason)
        if isinstance(answer, NotSent):
            return answer
        found = read_payload(answer)
        url = text_at(found, "url")
        if not 200 <= answer.status < 300 or url is None:
            return _not_found(answer, channel)
        size = number_at(found, "file_size")
        if size is not None and size > max_bytes:
            return _no(errors.TOO_LARGE, f"{size:.0f} > {max_bytes}")
        digest = text_at(found, "sha256") or digest
        mime_type = text_at(found, "mime_type") or mime_type
    if url is None:
        return _no(errors.MEDIA_GONE, "no usable id")
    if places.files:
        url = _moved(url, places.files)
    fetched = await download.get(url, target, max_bytes, mime_type)
    if isinstance(fetched, Fetched):
        if digest is not None and fetched.sha256 != _hex(digest):
            # Meta writes it in more than one way, so it proves nothing against a file.
            _log.warning(
                "a file differs from the digest that came with it: %s", clean(digest[:100])
            )
        if mime_type is not None:
            return msgspec.structs.replace(fetched, mime_type=mime_type)
    return fetched


def _moved(url: str, server: str) -> str:
    """A URL on another server. Some answers escape its slashes once too often."""
    parts = urlsplit(url.replace("\\/", "/"))
    return f"{server}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def _refused(answer: Answer, channel: str) -> Rejected | NotSent:
    refusal = read_refusal(answer, 1, channel)
    return NotSent(reason=refusal.reason) if isinstance(refusal, Unclear) else refusal


def _not_found(answer: Answer, channel: str) -> Rejected | NotSent:
    """An id that Meta does not know is one whose days are over; nothing is wrong with the inbox."""
    refusal = _refused(answer, channel)
    if isinstance(refusal, Rejected) and refusal.error.code in _GONE:
        return _no(errors.MEDIA_GONE, refusal.error.details or refusal.error.title)
    return refusal


def _no(code: str, details: str | None) -> Rejected:
    return Rejected(error=MessageError(code=code, details=details), error_class=ErrorClass.MEDIA)


def _hex(digest: str) -> str:
    """A SHA-256 as hex digits; Meta writes base64 in webhooks, and hex elsewhere."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", digest):
        return digest.lower()
    try:
        return base64.b64decode(digest, validate=True).hex()
    except (binascii.Error, ValueError):
        return ""
