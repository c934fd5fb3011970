"""Sending through the WhatsApp Cloud API of Meta.

Facts from Meta's pages "Send messages", "Error codes" and "Business-scoped user ids" of the
WhatsApp Business Platform. The API knows no idempotency key: a request whose answer is lost may
have been carried out. `biz_opaque_callback_data` comes back in every status and settles it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.account import AccountReport
from vchat_tui.channels.base import (
    Capabilities,
    CheckResult,
    Fetched,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    TemplateDefinition,
    Unclear,
    Uploaded,
)
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload
from vchat_tui.channels.payload import object_at, text_at
from vchat_tui.channels.whatsapp_account import Account
from vchat_tui.channels.whatsapp_answers import read_error, read_send
from vchat_tui.channels.whatsapp_body import BUILDERS, build_body, read_receipt
from vchat_tui.channels.whatsapp_limits import MAX_TEXT, MEDIA, check_content
from vchat_tui.channels.whatsapp_media import HOSTS, fetch, upload
from vchat_tui.channels.whatsapp_templates import list_templates
from vchat_tui.i18n import _
from vchat_tui.models import Media, MessageError
from vchat_tui.settings import Secret, SettingError

__all__ = ["CAPABILITIES", "check_content", "open_channel"]

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    kinds=frozenset(BUILDERS),
    media=MEDIA,
    templates=True,
    reactions=True,
    typing=True,
    quotes=True,
    window_hours=24,
    sends_per_second=80,
    # One message in six seconds to one person; a burst of 45 is borrowed and paid back.
    per_person_interval=6,
    per_person_burst=45,
)

_CHECK_FIELDS = ("display_phone_number", "verified_name", "quality_rating", "status", "throughput")


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> WhatsAppCloud:
    """The line of one phone number. See `WhatsAppCloud`."""
    return WhatsAppCloud(settings, secrets)


class WhatsAppCloud:
    """One phone number's line to Meta.

    Args:
        settings: `phone_number_id`, and `api_base_url`, `api_version`, `sends_per_second` where
            they differ from the usual.
        secrets: `access_token`.

    Raises:
        SettingError: one is missing, or cannot go into a URL or a header.
    """

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> None:
        # Loaded here, because whoever only asks for CAPABILITIES needs no httpx.
        from vchat_tui.channels.download import Download
        from vchat_tui.channels.http import Line

        number = str(settings.get("phone_number_id") or "")
        version = str(settings.get("api_version") or "v25.0")
        base_url = str(settings.get("api_base_url") or "https://graph.facebook.com")
        token = secrets["access_token"].reveal() if "access_token" in secrets else ""
        _require("phone_number_id", number, r"[0-9]{1,32}")
        _require("api_version", version, r"v[0-9]{1,3}\.[0-9]")
        _require("api_base_url", base_url, r"https?://[^\s?#@]+")
        _require("access_token", token, r"[!-~]+")
        self.capabilities = msgspec.structs.replace(
            CAPABILITIES,
            sends_per_second=settings.get("sends_per_second") or CAPABILITIES.sends_per_second,
        )
        self._version = version
        self._number = number
        self._account = str(settings.get("business_account_id") or "")
        self._path = f"/{version}/{number}"
        proof = ("Authorization", f"Bearer {token}")
        self._line = Line(base_url.rstrip("/"), proof)
        self._about = Account(self._line, Secret(token), version, number, self._account)
        self._download = Download(base_url, proof, HOSTS)

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """Send once. Never raises for what the network or the provider does.

        Args:
            message: what to send.
            attempt: how many tries there were, this one included; waits grow with it.
        """
        body = build_body(message)
        if isinstance(body, Rejected):
            return body
        answer = await self._line.request(
            "POST", f"{self._path}/messages", msgspec.json.encode(body)
        )
        if isinstance(answer, (NotSent, Unclear)):
            return answer
        return read_send(answer, attempt)

    async def check(self) -> CheckResult:
        """Ask Meta about the number: proves address, token and permission without sending."""
        answer = await self._line.request("GET", f"{self._path}?fields={','.join(_CHECK_FIELDS)}")
        if isinstance(answer, (NotSent, Unclear)):
            return CheckResult(error=MessageError(code=errors.NO_ANSWER, details=answer.reason))
        facts = _check_facts(read_payload(answer))
        if answer.status == 200 and facts:
            return CheckResult(facts=facts)
        return CheckResult(error=read_error(answer))

    async def upload(
        self, path: Path, mime_type: str, filename: str
    ) -> Uploaded | Rejected | NotSent:
        """Give Meta a file: it keeps it for 30 days, for this number. See `Channel.upload`."""
        return await upload(self._line, f"{self._path}/media", path, mime_type, filename)

    async def fetch(
        self, media: Media, target: Path, max_bytes: int
    ) -> Fetched | Rejected | NotSent:
        """Bring a customer's file to the disk. See `Channel.fetch`."""
        node = f"/{self._version}", f"?phone_number_id={self._number}"
        return await fetch(self._line, self._download, node, media, target, max_bytes)

    async def mark_read(self, provider_id: str, typing: bool = False) -> MessageError | None:
        """Tell the customer that this message and all before it were read. See `Channel`."""
        body = msgspec.json.encode(read_receipt(provider_id, typing))
        answer = await self._line.request("POST", f"{self._path}/messages", body)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        if read_payload(answer).get("success") is True:
            return None
        return read_error(answer)

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        """All templates of the business account. See `Channel.templates`."""
        return await list_templates(self._line, self._version, self._account)

    async def missed(self, since: datetime) -> tuple[bytes, ...] | MessageError:
        """None: Meta brings a webhook again for days."""
        return ()

    async def inspect(self) -> AccountReport:
        """All that Meta says of token, number and business account. See `Channel.inspect`."""
        return await self._about.inspect()

    async def subscribe(self) -> MessageError | None:
        """Have the business account's webhooks sent to our app. See `Channel.subscribe`."""
        if not self._account:
            return MessageError(code=errors.NO_ACCOUNT)
        return await self._about.subscribe()

    async def aclose(self) -> None:
        """Close connections."""
        await self._line.aclose()


def _require(key: str, value: str, pattern: str) -> None:
    if not re.fullmatch(pattern, value):
        raise SettingError(key, _("is missing or cannot be used"))


def _check_facts(payload: dict[str, Any]) -> dict[str, str]:
    """What Meta says of the number; `throughput` is an object with a `level`."""
    facts = {}
    for key in _CHECK_FIELDS:
        value = text_at(payload, key) or text_at(object_at(payload, key), "level")
        if value is not None:
            facts[key] = value[:LONGEST_WORDS]
    return facts
