"""What the Cloud API is, wherever it is reached: messages, files and read receipts.

Meta offers it itself, and through 360dialog, which passes the same JSON on. They differ in
addresses and in the header that proves who we are; a subclass says those, and adds what else its
provider can be asked.

Facts from Meta's pages "Send messages", "Error codes" and "Business-scoped user ids" of the
WhatsApp Business Platform. The API knows no idempotency key: a request whose answer is lost may
have been carried out. `biz_opaque_callback_data` comes back in every status and settles it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.base import (
    Capabilities,
    Fetched,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    Unclear,
    Uploaded,
)
from vchat_tui.channels.http_statuses import read_payload
from vchat_tui.channels.whatsapp_answers import read_error, read_send
from vchat_tui.channels.whatsapp_body import BUILDERS, build_body, read_receipt
from vchat_tui.channels.whatsapp_limits import MAX_TEXT, MEDIA
from vchat_tui.channels.whatsapp_media import Places, fetch, upload
from vchat_tui.i18n import _
from vchat_tui.models import Media, MessageError
from vchat_tui.settings import SettingError

if TYPE_CHECKING:
    from vchat_tui.channels.download import Download
    from vchat_tui.channels.http import Line

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    kinds=frozenset(BUILDERS),
    media=MEDIA,
    templates=True,
    reactions=True,
    typing=True,
    read_receipts=True,
    quotes=True,
    window_hours=24,
    sends_per_second=80,
    # One message in six seconds to one person; a burst of 45 is borrowed and paid back.
    per_person_interval=6,
    per_person_burst=45,
)


class CloudMessages:
    """One number's line to the Cloud API.

    Args:
        channel: its name, as in settings.CHANNEL_FIELDS.
        capabilities: of that channel.
        settings: `sends_per_second` where it differs from the usual.
        line: to the API.
        places: on it.
        download: for the files that customers sent.
    """

    def __init__(
        self,
        channel: str,
        capabilities: Capabilities,
        settings: Mapping[str, Any],
        line: Line,
        places: Places,
        download: Download,
    ) -> None:
        self.capabilities = msgspec.structs.replace(
            capabilities,
            sends_per_second=settings.get("sends_per_second") or capabilities.sends_per_second,
        )
        self._channel = channel
        self._line = line
        self._places = places
        self._download = download

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """Send once. Never raises for what the network or the provider does.

        Args:
            message: what to send.
            attempt: how many tries there were, this one included; waits grow with it.
        """
        body = build_body(message)
        if isinstance(body, Rejected):
            return body
        answer = await self._line.request("POST", self._places.messages, msgspec.json.encode(body))
        if isinstance(answer, (NotSent, Unclear)):
            return answer
        return read_send(answer, attempt, self._channel)

    async def upload(
        self, path: Path, mime_type: str, filename: str
    ) -> Uploaded | Rejected | NotSent:
        """Give Meta a file: it keeps it for 30 days, for this number. See `Channel.upload`."""
        return await upload(
            self._line, self._places.media, path, mime_type, filename, self._channel
        )

    async def fetch(
        self, media: Media, target: Path, max_bytes: int
    ) -> Fetched | Rejected | NotSent:
        """Bring a customer's file to the disk. See `Channel.fetch`."""
        return await fetch(
            self._line, self._download, self._places, media, target, max_bytes, self._channel
        )

    async def mark_read(self, provider_id: str, typing: bool = False) -> MessageError | None:
        """Tell the customer that this message and all before it were read. See `Channel`."""
        body = msgspec.json.encode(read_receipt(provider_id, typing))
        answer = await self._line.request("POST", self._places.messages, body)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        if read_payload(answer).get("success") is True:
            return None
        return read_error(answer)

    async def missed(self, since: datetime) -> tuple[bytes, ...] | MessageError:
        """None: webhooks come again for days."""
        return ()

    async def aclose(self) -> None:
        """Close connections."""
        await self._line.aclose()


def require(key: str, value: str, pattern: str) -> None:
    """A setting that goes into a URL or a header.

    Raises:
        SettingError: it is missing, or does not fit the pattern.
    """
    if not re.fullmatch(pattern, value):
        raise SettingError(key, _("is missing or cannot be used"))
