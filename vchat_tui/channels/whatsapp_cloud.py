"""WhatsApp through Meta itself: the Cloud API under Meta's own addresses, and the account behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vchat_tui.channels import errors
from vchat_tui.channels.account import AccountReport
from vchat_tui.channels.base import CheckResult, NotSent, TemplateDefinition, Unclear
from vchat_tui.channels.cloud_messages import CAPABILITIES, CloudMessages, require
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload
from vchat_tui.channels.payload import object_at, text_at
from vchat_tui.channels.whatsapp_account import Account
from vchat_tui.channels.whatsapp_answers import read_error
from vchat_tui.channels.whatsapp_inbound import CHANNEL
from vchat_tui.channels.whatsapp_limits import check_content
from vchat_tui.channels.whatsapp_media import HOSTS, Places
from vchat_tui.channels.whatsapp_templates import list_templates
from vchat_tui.models import MessageError
from vchat_tui.settings import Secret

__all__ = ["CAPABILITIES", "check_content", "open_channel"]

_CHECK_FIELDS = ("display_phone_number", "verified_name", "quality_rating", "status", "throughput")


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> WhatsAppCloud:
    """The line of one phone number. See `WhatsAppCloud`."""
    return WhatsAppCloud(settings, secrets)


class WhatsAppCloud(CloudMessages):
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
        require("phone_number_id", number, r"[0-9]{1,32}")
        require("api_version", version, r"v[0-9]{1,3}\.[0-9]")
        require("api_base_url", base_url, r"https?://[^\s?#@]+")
        require("access_token", token, r"[!-~]+")
        self._version = version
        self._account = str(settings.get("business_account_id") or "")
        self._path = f"/{version}/{number}"
        proof = ("Authorization", f"Bearer {token}")
        line = Line(base_url.rstrip("/"), proof)
        self._about = Account(line, Secret(token), version, number, self._account)
        places = Places(
            messages=f"{self._path}/messages",
            media=f"{self._path}/media",
            lookup=(f"/{version}", f"?phone_number_id={number}"),
        )
        download = Download(base_url, proof, HOSTS)
        super().__init__(CHANNEL, CAPABILITIES, settings, line, places, download)

    async def check(self) -> CheckResult:
        """Ask Meta about the number: proves address, token and permission without sending."""
        answer = await self._line.request("GET", f"{self._path}?fields={','.join(_CHECK_FIELDS)}")
        if isinstance(answer, (NotSent, Unclear)):
            return CheckResult(error=MessageError(code=errors.NO_ANSWER, details=answer.reason))
        facts = _check_facts(read_payload(answer))
        if answer.status == 200 and facts:
            return CheckResult(facts=facts)
        return CheckResult(error=read_error(answer))

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        """All templates of the business account. See `Channel.templates`."""
        return await list_templates(self._line, self._version, self._account)

    async def inspect(self) -> AccountReport:
        """All that Meta says of token, number and business account. See `Channel.inspect`."""
        return await self._about.inspect()

    async def subscribe(self) -> MessageError | None:
        """Have the business account's webhooks sent to our app. See `Channel.subscribe`."""
        if not self._account:
            return MessageError(code=errors.NO_ACCOUNT)
        return await self._about.subscribe()


def _check_facts(payload: dict[str, Any]) -> dict[str, str]:
    """What Meta says of the number; `throughput` is an object with a `level`."""
    facts = {}
    for key in _CHECK_FIELDS:
        value = text_at(payload, key) or text_at(object_at(payload, key), "level")
        if value is not None:
            facts[key] = value[:LONGEST_WORDS]
    return facts
