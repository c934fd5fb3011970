"""Files at Meta: uploads of the business, and what customers send.

Meta, WhatsApp Cloud API, "Media": an upload lives 30 days and belongs to its number, a customer's
file 7 days; a lookup gives a URL that lives 5 minutes and wants the token, too.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.multipart import parts
from vchat_tui.simulator.said import Said

PATH = "/whatsapp_business/attachments/"
URL_LIVES = 300.0  # seconds
UPLOAD_LIVES = 30 * 86_400.0
INBOUND_LIVES = 7 * 86_400.0
KEPT = 500  # files; the oldest go first
_MB = 1024 * 1024

# What each kind of message takes: types (None: all) and bytes.
RULES: dict[str, tuple[tuple[str, ...] | None, int]] = {
    "image": (("image/jpeg", "image/png"), 5 * _MB),
    "video": (("video/mp4", "video/3gpp"), 16 * _MB),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MB),
    "sticker": (("image/webp",), 500 * 1024),
    "document": (None, 100 * _MB),
}


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file, and how long and for which number it is there."""

    data: bytes
    mime_type: str
    number: str
    expires_at: float

    @property
    def sha256(self) -> str:
        """Hex digits, as a lookup tells them."""
        return hashlib.sha256(self.data).hexdigest()


class Files:
    """The files.

    Args:
        now: Unix seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._files: dict[str, File] = {}
        self._urls: dict[str, tuple[str, float]] = {}  # secret of a URL: media id, its end

    def upload(self, body: bytes, content_type: str, number: Account) -> dict[str, Any]:
        """What POST /{phone-number-id}/media answers.

        Raises:
            GraphError: 100 where a part is missing or wrong, 131053 where the file is too large.
        """
        given = parts(body, content_type)
        product, file = given.get("messaging_product"), given.get("file")
        if product is None or product.data != b"whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        if file is None or file.filename is None or file.mime_type is None:
            raise GraphError(100, "The parameter file is required.")
        if not file.data:
            raise GraphError(131053, "The file is empty.")
        limit = _limit(file.mime_type)
        if len(file.data) > limit:
            raise GraphError(131053, f"Media file size too big. Max file size is {limit} bytes.")
        return {"id": self.keep(file.data, file.mime_type, number, UPLOAD_LIVES)}

    def keep(
        self,
        data: bytes,
        mime_type: str,
        number: Account,
        lives: float = UPLOAD_LIVES,
        media_id: str | None = None,
    ) -> str:
        """Have a file; answers its id.

        Args:
            lives: seconds that it is there.
            media_id: its id; None: a new one.
        """
        media_id = media_id or str(10**15 + secrets.randbelow(9 * 10**15))
        self._files[media_id] = File(
            data=data,
            mime_type=mime_type,
            number=number.phone_number_id,
            expires_at=self._now() + lives,
        )
        if len(self._files) > KEPT:
            del self._files[next(iter(self._files))]
        return media_id

    def received(self, said: Said, number: Account, base_url: str) -> Said:
        """What a customer sends, with an id and a URL for the file in it."""
        if said.file is None:
            return said
        mime_type = said.content["mime_type"]
        media_id = self.keep(said.file, mime_type, number, INBOUND_LIVES)
        digest = base64.b64encode(hashlib.sha256(said.file).digest()).decode()
        names = {"id": media_id, "sha256": digest, "url": self._url(media_id, base_url)}
        return msgspec.structs.replace(said, content=said.content | names)

    def is_file(self, media_id: str) -> bool:
        """Whether a node of the graph is a file."""
        return self._get(media_id) is not None

    def lookup(self, media_id: str, number: str | None, base_url: str) -> dict[str, Any]:
        """What GET /{media-id} answers.

        Raises:
            GraphError: 100, there is no such file for this number.
        """
        file = self._get(media_id)
        if file is None or number not in (None, file.number):
            raise _missing(media_id)
        return {
            "messaging_product": "whatsapp",
            "url": self._url(media_id, base_url),
            "mime_type": file.mime_type,
            "sha256": file.sha256,
            "file_size": len(file.data),
            "id": media_id,
        }

    def at(self, mid: str, secret: str) -> File | None:
        """The file behind a URL; None where it has ended."""
        media_id, ends = self._urls.get(secret, ("", 0.0))
        return self._get(media_id) if media_id == mid and self._now() < ends else None

    def delete(self, media_id: str) -> dict[str, Any]:
        """What DELETE /{media-id} answers.

        Raises:
            GraphError: 100, there is no such file.
        """
        if self._get(media_id) is None:
            raise _missing(media_id)
        del self._files[media_id]
        return {"success": True}

    def check(self, body: dict[str, Any], number: Account) -> GraphError | None:
        """Why Meta will not deliver the files of a message; it says so later, by webhook.

        Raises:
            GraphError: 100, an id is not one of this number's files.
        """
        for kind, media_id in _named(body):
            file = self._get(media_id)
            if file is None or file.number != number.phone_number_id:
                raise GraphError(
                    100,
                    f"Param {kind}['id'] is not a valid whatsapp business account media "
                    "attachment ID",
                )
            types, limit = RULES[kind]
            if types is not None and _bare(file.mime_type) not in types:
                return GraphError(131053, f"Unsupported {kind} mime type {file.mime_type}.")
            if len(file.data) > limit:
                return GraphError(131053, f"The {kind} is larger than {limit} bytes.")
        return None

    def _get(self, media_id: str) -> File | None:
        file = self._files.get(media_id)
        return file if file is not None and self._now() < file.expires_at else None

    def _url(self, media_id: str, base_url: str) -> str:
        ends = self._now() + URL_LIVES
        self._urls = {key: value for key, value in self._urls.items() if value[1] > self._now()}
        secret = secrets.token_urlsafe(16)
        self._urls[secret] = (media_id, ends)
        return f"{base_url.rstrip('/')}{PATH}?mid={media_id}&ext={ends:.0f}&hash={secret}"


def _named(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and id of every file that a message names by id, however deep."""
    for key, value in body.items():
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from _named(item)
        elif isinstance(value, dict):
            if key in RULES and isinstance(value.get("id"), str):
                yield key, value["id"]
            yield from _named(value)


def _missing(media_id: str) -> GraphError:
    return GraphError(
        100,
        f"Unsupported get request. Object with ID '{media_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation",
        subcode=33,
    )


def _limit(mime_type: str) -> int:
    kind = next((k for k, (types, _) in RULES.items() if _bare(mime_type) in (types or ())), "")
    return RULES[kind or "document"][1]


def _bare(mime_type: str) -> str:
    return mime_type.partition(";")[0].strip().lower()
