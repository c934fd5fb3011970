"""WhatsApp through 360dialog: Meta's Cloud API under 360dialog's addresses, with its key.

Facts from 360dialog's "Messaging API", "Messaging health status" and "Webhook configuration". One
key is for one number, so no address names the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.account import (
    NEEDED_SCOPES,
    AccountReport,
    NumberFacts,
    SubscriptionFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.channels.base import CheckResult, NotSent, TemplateDefinition, Unclear
from vchat_tui.channels.cloud_messages import CAPABILITIES as CLOUD
from vchat_tui.channels.cloud_messages import CloudMessages, require
from vchat_tui.channels.dialog360_inbound import CHANNEL
from vchat_tui.channels.http_statuses import read_payload
from vchat_tui.channels.payload import object_at, text_at
from vchat_tui.channels.whatsapp_account import NUMBER_FIELDS, health_facts, number_facts
from vchat_tui.channels.whatsapp_answers import read_error
from vchat_tui.channels.whatsapp_limits import check_content
from vchat_tui.channels.whatsapp_media import Places
from vchat_tui.channels.whatsapp_templates import list_templates_of_360dialog
from vchat_tui.models import MessageError
from vchat_tui.settings import Secret

__all__ = ["CAPABILITIES", "check_content", "open_channel"]

API = "https://waba-v2.360dialog.io"
WEBHOOK_PATH = "/webhooks/360dialog/"
_WEBHOOK = "/v1/configs/webhook"

CAPABILITIES = msgspec.structs.replace(
    CLOUD,
    own_webhook=True,
    # "20 errors within 60 minutes block the endpoint for 30 minutes": half of it, because several
    # are under way at once, and a restart forgets what was counted.
    fetch_errors_per_hour=10,
)


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> Dialog360:
    """The line of one number. See `Dialog360`."""
    return Dialog360(settings, secrets)


class Dialog360(CloudMessages):
    """One number's line to 360dialog.

    Args:
        settings: `api_base_url` and `sends_per_second` where they differ from the usual;
            `public_url` of the server, without which no webhook can be registered.
        secrets: `api_key`; `webhook_secret` for the webhook.

    Raises:
        SettingError: one is missing, or cannot go into a URL or a header.
    """

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> None:
        # Loaded here, because whoever only asks for CAPABILITIES needs no httpx.
        from vchat_tui.channels.download import Download
        from vchat_tui.channels.http import Line

        base_url = str(settings.get("api_base_url") or API).rstrip("/")
        key = secrets["api_key"].reveal() if "api_key" in secrets else ""
        require("api_base_url", base_url, r"https?://[^\s?#@]+")
        require("api_key", key, r"[!-~]+")
        proof = ("D360-API-KEY", key)
        places = Places(messages="/messages", media="/media", lookup=("", ""), files=base_url)
        download = Download(base_url, proof, ())
        super().__init__(CHANNEL, CAPABILITIES, settings, Line(base_url, proof), places, download)
        self._public_url = str(settings.get("public_url") or "")
        self._webhook_secret = secrets.get("webhook_secret", Secret(""))

    async def check(self) -> CheckResult:
        """Ask 360dialog about the number: proves address and key without sending."""
        payload = await self._ask(f"/health_status?fields={NUMBER_FIELDS}")
        if isinstance(payload, MessageError):
            return CheckResult(error=payload)
        number = number_facts(payload)
        found = {
            "display_phone_number": number.number,
            "verified_name": number.name,
            "quality_rating": number.quality,
            "can_send_message": health_facts(payload).can_send,
        }
        return CheckResult(facts={key: value for key, value in found.items() if value})

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        """All templates of the number's account. See `Channel.templates`."""
        return await list_templates_of_360dialog(self._line)

    async def inspect(self) -> AccountReport:
        """What 360dialog says of key, number and webhook. See `Channel.inspect`."""
        health = await self._ask("/health_status")
        if isinstance(health, MessageError):
            state = TokenState.WRONG if health.code in ("401", "http_401") else TokenState.UNKNOWN
            return AccountReport(
                token=TokenFacts(state=state, error=health), number=NumberFacts(error=health)
            )
        # By itself: who does not know one of these fields refuses them all.
        number = await self._ask(f"/health_status?fields={NUMBER_FIELDS}")
        return AccountReport(
            token=TokenFacts(state=TokenState.VALID, scopes=NEEDED_SCOPES),
            number=NumberFacts(error=number)
            if isinstance(number, MessageError)
            else number_facts(number),
            health=health_facts(health),
            subscription=await self._read_webhook(),
        )

    async def subscribe(self) -> MessageError | None:
        """Have the number's webhooks sent to us. See `Channel.subscribe`.

        The address holds the secret, and so does a header that 360dialog adds to every request.
        """
        address = self._address()
        if not address:
            return MessageError(code=errors.NO_WEBHOOK_URL)
        wanted = {"url": address, "headers": {"Authorization": self._proof()}}
        answer = await self._line.request("POST", _WEBHOOK, msgspec.json.encode(wanted))
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        return None if 200 <= answer.status < 300 else self._hidden(read_error(answer))

    async def _read_webhook(self) -> SubscriptionFacts:
        """Where the webhooks go. Of a foreign address only the server is told: the rest may be
        somebody's secret, as it is in ours."""
        payload = await self._ask(_WEBHOOK)
        if isinstance(payload, MessageError):
            return SubscriptionFacts(error=payload)
        url = text_at(payload, "url") or ""
        if url and url == self._address():
            given = object_at(payload, "headers")
            proof = next((given[key] for key in given if key.lower() == "authorization"), None)
            return SubscriptionFacts(subscribed=True, proven=proof == self._proof())
        return SubscriptionFacts(subscribed=False, override_url=_server_of(url))

    async def _ask(self, path: str) -> dict[str, Any] | MessageError:
        answer = await self._line.request("GET", path)
        if isinstance(answer, (NotSent, Unclear)):
            return MessageError(code=errors.NO_ANSWER, details=answer.reason)
        payload = read_payload(answer)
        if answer.status == 200 and payload and "error" not in payload:
            return payload
        return self._hidden(read_error(answer))

    def _address(self) -> str:
        """Where webhooks of this number come in; empty while it cannot be known."""
        secret = self._webhook_secret.reveal()
        if not self._public_url or not secret:
            return ""
        return f"{self._public_url}{WEBHOOK_PATH}{quote(secret, safe='')}"

    def _proof(self) -> str:
        return f"Bearer {self._webhook_secret.reveal()}"

    def _hidden(self, error: MessageError) -> MessageError:
        """The error without the secret, should 360dialog quote the address."""
        secret = self._webhook_secret.reveal()
        if not secret:
            return error
        words = {
            key: text.replace(secret, "***").replace(quote(secret, safe=""), "***")
            for key in ("title", "details")
            if (text := getattr(error, key)) is not None
        }
        return msgspec.structs.replace(error, **words)


def _server_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}/…"[:200] if parts.hostname else None
    except ValueError:
        return "…"
