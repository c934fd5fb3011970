"""The Graph API's smaller endpoints: the number, the token, subscriptions, templates.

Meta: Graph API, "Phone number", "Debug token", "Subscribed apps", "Message templates".
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from starlette.datastructures import QueryParams

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.callback import Callback, NotLoopback
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.templates import TEMPLATES

_ON_A_PAGE = 25


class Management:
    """Answers about the account. `base_url` goes into paging links once it is known."""

    def __init__(self, account: Account, callback: Callback) -> None:
        self._account = account
        self._callback = callback
        self.base_url = ""

    def node(self, node: str, query: QueryParams) -> dict[str, Any]:
        """The number or the business account, with the fields that were asked for.

        Raises:
            GraphError: 33 where there is no such node, 100 for an unknown field.
        """
        if node == self._account.phone_number_id:
            known = self._number()
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
        valid = given == self._account.access_token and not expired
        scopes = ["whatsapp_business_management", "whatsapp_business_messaging"]
        data: dict[str, Any] = {
            "app_id": self._account.app_id,
            "type": "SYSTEM_USER",
            "application": self._account.verified_name,
            "expires_at": 0,
            "is_valid": valid,
            "scopes": scopes if valid else [],
        }
        if not valid:
            data["error"] = {"code": 190, "message": "The session is invalid.", "subcode": 463}
        return {"data": data}

    def numbers(self) -> dict[str, Any]:
        """The business account's numbers: one."""
        return {"data": [self._number()]}

    def subscriptions(self) -> dict[str, Any]:
        """Which apps get webhooks: ours, once it has subscribed."""
        if self._callback.url is None:
            return {"data": []}
        app = {
            "id": self._account.app_id,
            "name": self._account.verified_name,
            "link": "https://www.facebook.com/games/?app_id=" + self._account.app_id,
        }
        entry = {"whatsapp_business_api_data": app, "override_callback_uri": self._callback.url}
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
        return {"success": True}

    def unsubscribe(self) -> dict[str, Any]:
        """Send no more webhooks."""
        self._callback.unsubscribe()
        return {"success": True}

    def templates(self, node: str, query: QueryParams) -> dict[str, Any]:
        """A page of templates, filtered as asked.

        Raises:
            GraphError: 131059, a cursor that is none.
        """
        found = [
            template
            for template in TEMPLATES
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

    def _number(self) -> dict[str, Any]:
        return {
            "id": self._account.phone_number_id,
            "display_phone_number": self._account.display_phone_number,
            "verified_name": self._account.verified_name,
            "quality_rating": "GREEN",
            "status": "CONNECTED",
            "throughput": {"level": "STANDARD"},
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
        }


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
