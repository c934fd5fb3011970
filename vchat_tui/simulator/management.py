"""The Graph API's smaller endpoints: the number, the token, subscriptions, templates.

Meta: Graph API, "Phone number", "Debug token", "Subscribed apps", "Message templates".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams

from vchat_tui.simulator.account import OTHER_BUSINESS_ACCOUNT_ID, Account
from vchat_tui.simulator.callback import Callback, NotLoopback
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.template_states import TemplateStates

_ON_A_PAGE = 25


class Management:
    """Answers about the account. `base_url` goes into paging links once it is known.

    Args:
        numbers: the account's numbers by their ids, the first one first.
        templates: as they stand now.
    """

    def __init__(
        self,
        numbers: Mapping[str, Account],
        callback: Callback,
        controls: Controls,
        templates: TemplateStates,
    ) -> None:
        self._numbers = numbers
        self._account = next(iter(numbers.values()))
        self._callback = callback
        self._controls = controls
        self._templates = templates
        self._override: str | None = None
        self.base_url = ""

    def node(self, node: str, query: QueryParams) -> dict[str, Any]:
        """The number or the business account, with the fields that were asked for.

        Raises:
            GraphError: 33 where there is no such node, 100 for an unknown field.
        """
        if node in self._numbers:
            known = self.number(self._numbers[node])
        elif node == self._account.business_account_id:
            known = {"id": node, "name": self._account.verified_name, "currency": "USD",
                     "timezone_id": "1", "message_template_namespace": "simulated"}  # fmt: skip
        else:
            raise GraphError(33, f"Object with ID '{node}' does not exist")
        asked = query.get("fields")
        if not asked:
            return known
        answer = {"id": node}
        for field in asked.split(","):
            if field not in known:
                raise GraphError(100, f"Tried accessing nonexisting field ({field})")
            answer[field] = known[field]
        return answer

    def token(self, query: QueryParams, *, expired: bool) -> dict[str, Any]:
        """What Meta knows about `input_token`.

        Raises:
            GraphError: 100, it is missing.
        """
        given = query.get("input_token")
        if not given:
            raise GraphError(100, "The parameter input_token is required")
        knobs = self._controls.knobs
        known = given == self._account.access_token
        valid = known and not expired
        data: dict[str, Any] = {
            "app_id": self._account.app_id,
            "type": "SYSTEM_USER" if knobs.token_expires_at is None else "USER",
            "application": self._account.verified_name,
            "expires_at": int(knobs.token_expires_at or 0),
            "is_valid": valid,
            "scopes": list(knobs.token_scopes) if valid else [],
        }
        if not known:
            data["error"] = {"code": 190, "message": "Malformed access token"}
        elif not valid:
            data["error"] = {"code": 190, "message": "The session is invalid.", "subcode": 463}
        return {"data": data}

    def numbers(self, node: str) -> dict[str, Any]:
        """The numbers of a business account."""
        if node == OTHER_BUSINESS_ACCOUNT_ID:
            other = {"id": "106540352242999", "display_phone_number": "+1 555-078-3999"}
            return {"data": [other | {"verified_name": "Somebody Else"}]}
        return {"data": [self.number(number) for number in self._numbers.values()]}

    def subscriptions(self, node: str) -> dict[str, Any]:
        """Which apps get webhooks: ours, while it is subscribed."""
        if not self._controls.knobs.subscribed or node == OTHER_BUSINESS_ACCOUNT_ID:
            return {"data": []}
        app = {
            "id": self._account.app_id,
            "name": self._account.verified_name,
            "link": "https://www.facebook.com/games/?app_id=" + self._account.app_id,
        }
        entry: dict[str, Any] = {"whatsapp_business_api_data": app}
        if self._override is not None:
            entry["override_callback_uri"] = self._override
        return {"data": [entry]}

    async def subscribe(self, body: dict[str, Any]) -> dict[str, Any]:
        """Subscribe, with the handshake where an address is given.

        Raises:
            GraphError: 100 for an address that is not on this machine, 2200 where the handshake
                fails.
        """
        url = body.get("override_callback_uri")
        if url is not None:
            try:
                verified = await self._callback.subscribe(str(url), body.get("verify_token"))
            except NotLoopback as refusal:
                raise GraphError(100, str(refusal)) from None
            if not verified:
                raise GraphError(2200, "The URL couldn't be validated.")
            self._override = str(url)
        self._controls.turn({"subscribed": True})
        return {"success": True}

    def unsubscribe(self) -> dict[str, Any]:
        """Send no more webhooks."""
        self._callback.unsubscribe()
        self._override = None
        self._controls.turn({"subscribed": False})
        return {"success": True}

    def templates(self, node: str, query: QueryParams) -> dict[str, Any]:
        """A page of templates, filtered as asked.

        Raises:
            GraphError: 131059, a cursor that is none.
        """
        ours = self._templates.all() if node == self._account.business_account_id else []
        found = [
            template
            for template in ours
            if all(query.get(k) in (None, template[k]) for k in ("name", "language", "status"))
        ]
        start = _position(query.get("after"))
        try:
            size = max(1, int(query.get("limit", _ON_A_PAGE)))
        except ValueError:
            raise GraphError(100, "Param limit must be an integer") from None
        page = found[start : start + size]
        fields = query.get("fields")
        if fields:
            names = ["id", *fields.split(",")]
            page = [{name: t[name] for name in names if name in t} for t in page]
        answer: dict[str, Any] = {"data": page}
        if page:
            after = _cursor(start + len(page))
            answer["paging"] = {"cursors": {"before": _cursor(start), "after": after}}
            if start + len(page) < len(found):
                link = f"{self.base_url}/v25.0/{node}/message_templates?limit={size}&after={after}"
                answer["paging"]["next"] = link
        return answer

    def number(self, account: Account) -> dict[str, Any]:
        """A number with all its fields."""
        knobs = self._controls.knobs
        return {
            "id": account.phone_number_id,
            "display_phone_number": account.display_phone_number,
            "verified_name": account.verified_name,
            "quality_rating": knobs.quality,
            "status": "CONNECTED",
            "throughput": {"level": "STANDARD"},
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "whatsapp_business_manager_messaging_limit": knobs.messaging_limit,
            "is_on_biz_app": knobs.on_phone_app,
            "health_status": self._health(account),
        }

    def _health(self, account: Account) -> dict[str, Any]:
        """Meta, "Messaging health status": blocked where one of the parts is."""
        broken = self._controls.knobs.payment_problem
        business: dict[str, Any] = {
            "entity_type": "WABA",
            "id": account.business_account_id,
            "can_send_message": "BLOCKED" if broken else "AVAILABLE",
        }
        if broken:
            business["errors"] = [
                {
                    "error_code": 141006,
                    "error_description": "There is an error with the payment method.",
                    "possible_solution": "Check the payment method of the account.",
                }
            ]
        number = {
            "entity_type": "PHONE_NUMBER",
            "id": account.phone_number_id,
            "can_send_message": "AVAILABLE",
        }
        return {"can_send_message": business["can_send_message"], "entities": [number, business]}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        mark, _, position = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if mark == "at" and int(position) >= 0:
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise GraphError(131059)
