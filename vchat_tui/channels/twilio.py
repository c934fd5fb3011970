"""Sending through Twilio: SMS, and WhatsApp through Twilio.

Facts from Twilio's "Messages resource", "Error and warning dictionary" and "Media resource". The
API knows no idempotency key: a request whose answer is lost may have been carried out. The
address of the status callback carries our data back and settles it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from vchat_tui import sandbox
from vchat_tui.channels import errors
from vchat_tui.channels.account import (
    NEEDED_SCOPES,
    AccountReport,
    NumberFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.channels.base import (
    Accepted,
    Capabilities,
    CheckResult,
    ErrorClass,
    Fetched,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    TemplateDefinition,
    Unclear,
    Uploaded,
)
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload, without_code
from vchat_tui.channels.payload import text_at
from vchat_tui.channels.twilio_answers import read_error
from vchat_tui.channels.twilio_body import Sender, build_fields
from vchat_tui.channels.twilio_content import content_url, list_contents
from vchat_tui.channels.twilio_inbound import WHATSAPP, as_webhook
from vchat_tui.channels.twilio_number import OurNumber
from vchat_tui.channels.waiting import wait_for
from vchat_tui.channels.whatsapp_inbound import is_provider_id
from vchat_tui.i18n import _
from vchat_tui.models import Media, MessageError
from vchat_tui.settings import Secret, SettingError
from vchat_tui.settings.twilio_fields import takes_answers

if TYPE_CHECKING:
    from vchat_tui.channels.http import Answer

API = "https://api.twilio.com"
_ON_A_PAGE = 200
_MOST_PAGES = 50
_LARGEST_PAGE = 4 * 1024 * 1024  # bytes

WEBHOOK_PATH = "/webhooks/twilio"
STATUS_PATH = f"{WEBHOOK_PATH}/status"

# Twilio's own servers see the credentials; a file itself lies on a store that must not.
_MEDIA_HOSTS = ("twilio.com", "twiliocdn.com", "amazonaws.com")
_PROOF_HOSTS = ("twilio.com",)


class Twilio:
    """One sender's line to Twilio.

    Args:
        channel: `sms_twilio` or `whatsapp_twilio`.
        capabilities: of that channel.
        settings: `account_sid`, `sender` or `messaging_service_sid`; `api_key_sid`, `api_base_url`,
            `status_callbacks`, `sends_per_second` where they differ from the usual; `public_url` of
            the server, without which no status comes back.
        secrets: `auth_token`, or `api_key_secret` where there is an `api_key_sid`.

    Raises:
        SettingError: one is missing, or cannot go into a URL or a header.
    """

    def __init__(
        self,
        channel: str,
        capabilities: Capabilities,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Secret],
    ) -> None:
        # Loaded here, because whoever only asks for CAPABILITIES needs no httpx.
        from vchat_tui.channels.download import Download
        from vchat_tui.channels.http import Line

        self._channel = channel
        self._account = _checked(settings, "account_sid", r"AC[0-9a-fA-F]{32}")
        base_url = str(settings.get("api_base_url") or API).rstrip("/")
        rate = settings.get("sends_per_second") or capabilities.sends_per_second
        self._in_sandbox = sandbox.is_sandbox(channel, str(settings.get("sender") or ""))
        if self._in_sandbox:
            rate = min(rate, sandbox.SENDS_PER_SECOND)
        self.capabilities = msgspec.structs.replace(capabilities, sends_per_second=rate)
        self._sender = _sender(settings, "whatsapp:" if channel == WHATSAPP else "")
        proof = ("Authorization", _basic(self._account, settings, secrets))
        self._base_url = base_url
        self._line = Line(base_url, proof)
        self._download = Download(base_url, proof, _MEDIA_HOSTS, proof_hosts=_PROOF_HOSTS)
        self._content_url = content_url(base_url)
        self._contents = Line(self._content_url, proof) if capabilities.templates else None
        self._path = f"/2010-04-01/Accounts/{self._account}"

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """Send once. See `Channel.send`."""
        fields = build_fields(message, self._sender)
        if isinstance(fields, Rejected):
            return fields
        answer = await self._line.request("POST", f"{self._path}/Messages.json", fields=fields)
        if isinstance(answer, (NotSent, Unclear)):
            return answer
        sid = text_at(read_payload(answer), "sid")
        if 200 <= answer.status < 300 and sid is not None and is_provider_id(sid):
            return Accepted(provider_id=sid)
        return self._refusal(answer, attempt)

    async def check(self) -> CheckResult:
        """Ask Twilio about the account: proves address, account and token without sending."""
        answer = await self._line.request("GET", f"{self._path}.json")
        if isinstance(answer, (NotSent, Unclear)):
            return CheckResult(error=MessageError(code=errors.NO_ANSWER, details=answer.reason))
        payload = read_payload(answer)
        keys = ("friendly_name", "status", "type")
        facts = {key: value[:LONGEST_WORDS] for key in keys if (value := text_at(payload, key))}
        if answer.status == 200 and facts:
            return CheckResult(facts=facts)
        return CheckResult(error=read_error(answer))

    async def inspect(self) -> AccountReport:
        """What Twilio says of the account. See `Channel.inspect`."""
        answer = await self._line.request("GET", f"{self._path}.json")
        if isinstance(answer, (NotSent, Unclear)):
            error = MessageError(code=errors.NO_ANSWER, details=answer.reason)
            return AccountReport(token=TokenFacts(error=error))
        if answer.status != 200:
            state = TokenState.WRONG if answer.status == 401 else TokenState.UNKNOWN
            return AccountReport(token=TokenFacts(state=state, error=read_error(answer)))
        payload = read_payload(answer)
        return AccountReport(
            token=TokenFacts(state=TokenState.VALID, scopes=NEEDED_SCOPES),
            subscription=await number.read() if (number := self._number()) else None,
            number=NumberFacts(
                number=self._sender.address,
                name=text_at(payload, "friendly_name"),
                status=text_at(payload, "status"),
                trial=text_at(payload, "type") == "Trial",
                answers=takes_answers(self._sender.address or "", self._sender.service),
                sandbox=self._in_sandbox,
            ),
        )

    async def subscribe(self) -> MessageError | None:
        """Have the number's messages sent here. See `Channel.subscribe`."""
        number = self._number()
        return await number.point_here() if number else MessageError(code=errors.BY_HAND)

    def _number(self) -> OurNumber | None:
        """The number whose webhook can be read and set."""
        address = self._sender.address or ""
        if self._sender.prefix or self._sender.service or not address.startswith("+"):
            return None
        url = self._sender.public_url
        return OurNumber(self._line, self._path, address, f"{url}{WEBHOOK_PATH}" if url else None)

    async def missed(self, since: datetime) -> tuple[bytes, ...] | MessageError:
        """Webhooks of the messages that Twilio took in for us since the day of a time. See `Channel`.

        Twilio calls a webhook once ("an error is logged and nothing more is done").
        """
        if self._sender.address is None:
            return ()
        asked = {
            "To": self._sender.address,
            "DateSent>": since.date().isoformat(),
            "PageSize": str(_ON_A_PAGE),
        }
        listed = await self._pages(f"{self._path}/Messages.json?{urlencode(asked)}", "messages")
        if isinstance(listed, MessageError):
            return listed
        found = []
        for message in listed:
            if message.get("direction") != "inbound":
                continue
            media = await self._files(message)
            if isinstance(media, MessageError):
                return media
            found.append(as_webhook(message, media))
        return tuple(found)

    async def _files(self, message: dict[str, Any]) -> list[tuple[str, str]] | MessageError:
        """Address and type of a message's files."""
        sid = text_at(message, "sid") or ""
        if text_at(message, "num_media") in (None, "0") or not is_provider_id(sid):
            return []
        listed = await self._pages(f"{self._path}/Messages/{sid}/Media.json", "media_list")
        if isinstance(listed, MessageError):
            return listed
        files = [(text_at(file, "uri") or "", text_at(file, "content_type")) for file in listed]
        return [
            (self._base_url + uri.removesuffix(".json"), mime_type or "")
            for uri, mime_type in files
            if uri.startswith(self._path)
        ]

    async def _pages(self, path: str | None, key: str) -> list[dict[str, Any]] | MessageError:
        """A list to its end, at most `_MOST_PAGES` pages."""
        found: list[dict[str, Any]] = []
        for _page in range(_MOST_PAGES):
            if path is None:
                break
            answer = await self._line.request("GET", path, most=_LARGEST_PAGE)
            if isinstance(answer, (NotSent, Unclear)):
                return MessageError(code=errors.NO_ANSWER, details=answer.reason)
            payload = read_payload(answer)
            listed = payload.get(key)
            if answer.status != 200 or not isinstance(listed, list):
                return read_error(answer)
            found += [element for element in listed if isinstance(element, dict)]
            path = self._next_page(payload)
        return found

    def _next_page(self, payload: dict[str, Any]) -> str | None:
        """The path of the next page; only one of the messages of the same account."""
        path = text_at(payload, "next_page_uri")
        if path is None or not path.startswith(f"{self._path}/Messages"):
            return None
        return path if re.fullmatch(r"[!-~]{1,2000}", path) else None

    async def upload(
        self, path: Path, mime_type: str, filename: str
    ) -> Uploaded | Rejected | NotSent:
        """Twilio takes no files: it fetches them from an address."""
        return Rejected(error=MessageError(code=errors.NO_FILE), error_class=ErrorClass.MEDIA)

    async def fetch(
        self, media: Media, target: Path, max_bytes: int
    ) -> Fetched | Rejected | NotSent:
        """Bring a customer's file to the disk. See `Channel.fetch`."""
        return await self._download.get(media.url or "", target, max_bytes, media.mime_type)

    async def mark_read(self, provider_id: str, typing: bool = False) -> MessageError | None:
        """Twilio has no read receipts of ours; nothing is told."""
        return None

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        """All templates of the account; SMS has none."""
        if self._contents is None:
            return ()
        return await list_contents(self._contents, self._content_url)

    async def aclose(self) -> None:
        """Close connections."""
        await self._line.aclose()
        if self._contents is not None:
            await self._contents.aclose()

    def _refusal(self, answer: Answer, attempt: int) -> Rejected | Unclear:
        error = read_error(answer)
        rule = errors.rule(self._channel, error.code)
        if rule is None:
            return without_code(answer, attempt, error)
        return Rejected(
            error=error,
            error_class=rule.error_class,
            retry_after=wait_for(rule.retry, attempt, answer.retry_after),
            pauses_inbox=rule.pauses,
        )


def _checked(settings: Mapping[str, Any], key: str, pattern: str) -> str:
    value = str(settings.get(key) or "")
    if not re.fullmatch(pattern, value):
        raise SettingError(key, _("is missing or cannot be used"))
    return value


def _sender(settings: Mapping[str, Any], prefix: str) -> Sender:
    address = str(settings.get("sender") or "") or None
    service = str(settings.get("messaging_service_sid") or "") or None
    if address is None and service is None:
        raise SettingError("sender", _("is missing or cannot be used"))
    public_url = str(settings.get("public_url") or "").rstrip("/")
    wanted = public_url and settings.get("status_callbacks", True)
    return Sender(
        address=address,
        service=service,
        prefix=prefix,
        callback_url=f"{public_url}{STATUS_PATH}" if wanted else None,
        public_url=public_url or None,
    )


def _basic(account: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> str:
    """The Authorization header: an API key where there is one, else account and auth token."""
    key_sid = str(settings.get("api_key_sid") or "")
    user, key = (key_sid, "api_key_secret") if key_sid else (account, "auth_token")
    found = secrets.get(key)
    password = found.reveal() if found else ""
    if not re.fullmatch(r"[!-~]+", password):
        raise SettingError(key, _("is missing or cannot be used"))
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
