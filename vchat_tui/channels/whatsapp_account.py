"""What Meta says of a number, its token and its business account.

Facts from Meta's pages "Debug token" and "Access tokens" of the Graph API, and "Phone numbers",
"Health status", "Subscribed apps" and "Message templates" of the WhatsApp Business Platform.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import msgspec

from vchat_tui.channels import errors
from vchat_tui.channels.account import (
    AccountReport,
    BusinessFacts,
    HealthFacts,
    NumberFacts,
    Part,
    SubscriptionFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.channels.base import NotSent, Unclear
from vchat_tui.channels.http_statuses import LONGEST_WORDS, read_payload
from vchat_tui.channels.payload import flag_at, moment_at, object_at, text_at
from vchat_tui.channels.whatsapp_answers import read_error
from vchat_tui.models import MessageError
from vchat_tui.settings import Secret

if TYPE_CHECKING:
    from vchat_tui.channels.http import Line

NUMBER_FIELDS = (
    "display_phone_number,verified_name,name_status,quality_rating,status,throughput,"
    "whatsapp_business_manager_messaging_limit"
)
_EXPIRED = "463"  # the subcode of error 190 for a token that was good once
_MOST = 50  # entries of a list that are read


class _Refusal(NamedTuple):
    """Why a question was not answered; the subcode says more than the code."""

    error: MessageError
    subcode: str | None = None


class Account:
    """Asks about one number's account.

    Args:
        line: to Meta, with the token.
        token: the same, because Meta wants it named in the question about it.
        version: of the Graph API.
        number: the phone number's id.
        business: the business account's id; empty where it is not known.
    """

    def __init__(self, line: Line, token: Secret, version: str, number: str, business: str) -> None:
        self._line = line
        self._token = token
        self._version = version
        self._number = number
        self._business = business

    async def inspect(self) -> AccountReport:
        """All parts, in two rounds. Never raises for network or provider."""
        token, number, health = await asyncio.gather(
            self._read_token(), self._read_number(), self._read_health()
        )
        report = AccountReport(token=token, number=number, health=health)
        if not self._business:
            return report
        business, templates, subscription = await asyncio.gather(
            self._read_business(), self._read_templates(), self._read_subscription()
        )
        return msgspec.structs.replace(
            report,
            business=business,
            templates=templates,
            subscription=_ours(subscription, token.app_id),
        )

    async def subscribe(self) -> MessageError | None:
        """Have the business account's webhooks sent to the token's app.

        Returns:
            Why not; None once it is so.
        """
        payload = await self._ask("POST", f"{self._business}/subscribed_apps", b"{}")
        if isinstance(payload, _Refusal):
            return payload.error
        return None if payload.get("success") is True else MessageError(code=errors.NO_ANSWER)

    async def _ask(
        self, method: str, path: str, body: bytes | None = None
    ) -> dict[str, Any] | _Refusal:
        answer = await self._line.request(method, f"/{self._version}/{path}", body)
        if isinstance(answer, NotSent | Unclear):
            return _Refusal(MessageError(code=errors.NO_ANSWER, details=answer.reason))
        payload = read_payload(answer)
        if answer.status == 200 and payload and "error" not in payload:
            return payload
        error, subcode = read_error(answer), text_at(object_at(payload, "error"), "error_subcode")
        if error.code == "100" and subcode == "33":  # no such object, as newer versions say it
            error = msgspec.structs.replace(error, code="33")
        return _Refusal(_without(error, self._token.reveal()), subcode)

    async def _read_token(self) -> TokenFacts:
        # Meta takes the token in question only as part of the address, which is never logged:
        # httpx logs addresses as INFO, which logs.py keeps out.
        secret = self._token.reveal()
        payload = await self._ask("GET", f"debug_token?input_token={quote(secret, safe='')}")
        if isinstance(payload, _Refusal):
            return TokenFacts(state=_state_of(payload), error=payload.error)
        data = object_at(payload, "data")
        scopes = data.get("scopes")
        facts = TokenFacts(
            type=text_at(data, "type"),
            app=_words(data, "application"),
            app_id=text_at(data, "app_id"),
            expires_at=moment_at(data, "expires_at"),  # 0: never
            scopes=tuple(str(scope)[:100] for scope in scopes[:_MOST])
            if isinstance(scopes, list)
            else (),
        )
        if flag_at(data, "is_valid"):
            return msgspec.structs.replace(facts, state=TokenState.VALID)
        problem = object_at(data, "error")
        expired = text_at(problem, "subcode") == _EXPIRED
        error = MessageError(
            code=text_at(problem, "code") or "190", title=_words(problem, "message")
        )
        return msgspec.structs.replace(
            facts, state=TokenState.EXPIRED if expired else TokenState.WRONG, error=error
        )

    async def _read_number(self) -> NumberFacts:
        payload = await self._ask("GET", f"{self._number}?fields={NUMBER_FIELDS}")
        if isinstance(payload, _Refusal):
            return NumberFacts(error=payload.error)
        return number_facts(payload)

    async def _read_health(self) -> HealthFacts:
        # By itself: a version of the API that does not know one of these fields refuses them all.
        payload = await self._ask("GET", f"{self._number}?fields=health_status,is_on_biz_app")
        if isinstance(payload, _Refusal):
            return HealthFacts(error=payload.error)
        return health_facts(payload)

    async def _read_business(self) -> BusinessFacts:
        path = f"{self._business}/phone_numbers?fields=id,display_phone_number&limit=100"
        payload = await self._ask("GET", path)
        if isinstance(payload, _Refusal):
            return BusinessFacts(error=payload.error)
        found = _objects(payload, "data")
        # Beyond one page nobody knows: better no word than a wrong one.
        more = "next" in object_at(payload, "paging")
        has_number = any(text_at(number, "id") == self._number for number in found)
        return BusinessFacts(
            has_number=True if has_number else (None if more else False),
            numbers=tuple(
                words for number in found if (words := _words(number, "display_phone_number"))
            )[:_MOST],
        )

    async def _read_templates(self) -> Part:
        payload = await self._ask("GET", f"{self._business}/message_templates?limit=1")
        return Part(error=payload.error) if isinstance(payload, _Refusal) else Part()

    async def _read_subscription(self) -> dict[str, Any] | _Refusal:
        return await self._ask("GET", f"{self._business}/subscribed_apps")


def number_facts(payload: dict[str, Any]) -> NumberFacts:
    """What NUMBER_FIELDS of a phone number say."""
    return NumberFacts(
        number=_words(payload, "display_phone_number"),
        name=_words(payload, "verified_name"),
        name_status=_words(payload, "name_status"),
        quality=_words(payload, "quality_rating"),
        status=_words(payload, "status"),
        throughput=_words(object_at(payload, "throughput"), "level"),
        limit=_words(payload, "whatsapp_business_manager_messaging_limit"),
    )


def health_facts(payload: dict[str, Any]) -> HealthFacts:
    """What `health_status` of a phone number says."""
    health = object_at(payload, "health_status")
    problems = []
    for entity in _objects(health, "entities"):
        for error in _objects(entity, "errors"):
            solution = _words(error, "possible_solution")
            problems.append(
                MessageError(
                    code=text_at(error, "error_code") or "0",
                    title=_words(error, "error_description"),
                    details=solution,
                )
            )
    return HealthFacts(
        can_send=_words(health, "can_send_message"),
        problems=tuple(problems[:_MOST]),
        on_phone_app=flag_at(payload, "is_on_biz_app"),
    )


def _ours(payload: dict[str, Any] | _Refusal, app_id: str | None) -> SubscriptionFacts:
    """Whether the token's app is among the subscribed ones; any app will do where it has no id."""
    if isinstance(payload, _Refusal):
        return SubscriptionFacts(error=payload.error)
    for entry in _objects(payload, "data"):
        app = object_at(entry, "whatsapp_business_api_data")
        if app_id is None or text_at(app, "id") == app_id:
            return SubscriptionFacts(
                subscribed=True, override_url=_words(entry, "override_callback_uri")
            )
    return SubscriptionFacts(subscribed=False)


def _state_of(refusal: _Refusal) -> TokenState:
    if refusal.error.code != "190":
        return TokenState.UNKNOWN
    return TokenState.EXPIRED if refusal.subcode == _EXPIRED else TokenState.WRONG


def _without(error: MessageError, secret: str) -> MessageError:
    """The error without the token, should somebody have put the address into it."""
    hidden = {
        key: text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        for key in ("title", "details")
        if (text := getattr(error, key)) is not None
    }
    return msgspec.structs.replace(error, **hidden)


def _words(parent: dict[str, Any], key: str) -> str | None:
    text = text_at(parent, key)
    return text[:LONGEST_WORDS] if text else None


def _objects(parent: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = parent.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
