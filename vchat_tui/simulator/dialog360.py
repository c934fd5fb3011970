"""360dialog, played locally: Meta's Cloud API under other addresses, for one number with one key.

360dialog: "Messaging API", "Media", "Templates", "Webhook configuration", "Messaging health status".
It stands below PREFIX of the simulator's address.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.callback import Callback, NotLoopback
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.graph import Graph, read_json
from vchat_tui.simulator.management import Management
from vchat_tui.simulator.media import PATH
from vchat_tui.simulator.media_api import MediaApi
from vchat_tui.simulator.meta_json import MetaJSON
from vchat_tui.simulator.template_states import TemplateStates

PREFIX = "/360dialog"
LOOKASIDE = "https://lookaside.fbsbx.com"
"""Where Meta says that a file lies, to those who cannot go there."""

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """360dialog refuses by itself, before Meta sees anything."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Dialog360:
    """The endpoints.

    Args:
        account: the number; its access token is the API key.
        callback: where its webhooks go, once they have been configured.

    Attributes:
        proxies: what of this machine stands behind which public address; the beginnings of both.
        webhook: as it was configured.
        headers: of every webhook.
    """

    def __init__(
        self,
        account: Account,
        callback: Callback,
        graph: Graph,
        media: MediaApi,
        management: Management,
        templates: TemplateStates,
    ) -> None:
        self._account = account
        self._callback = callback
        self._graph = graph
        self._media = media
        self._management = management
        self._templates = templates
        self.proxies: Mapping[str, str] = {}
        self.webhook: dict[str, Any] = {}
        self.headers: dict[str, str] = {}

    def routes(self) -> list[Route]:
        """What the simulator's server answers."""
        at = self._at
        return [
            at("/messages", self._messages, "POST"),
            at("/media", self._upload, "POST"),
            at("/health_status", self._health, "GET"),
            at("/v1/configs/templates", self._list_templates, "GET"),
            at("/v1/configs/webhook", self._get_webhook, "GET"),
            at("/v1/configs/webhook", self._set_webhook, "POST"),
            at(PATH, self._file, "GET"),
            at("/{media_id:int}", self._lookup, "GET"),
            at("/{media_id:int}", self._delete, "DELETE"),
            at("/{path:path}", self._nothing, "GET"),
        ]

    def _at(self, path: str, handler: Handler, method: str) -> Route:
        """An endpoint: the key first, and errors in the form of who refuses."""

        async def answer(request: Request) -> Response:
            try:
                given = request.headers.get("d360-api-key", "").encode()
                if not hmac.compare_digest(given, self._account.access_token.encode()):
                    raise Refused(401, "Invalid api key")
                return await handler(request)
            except Refused as refusal:
                meta = {"success": False, "http_code": refusal.status}
                told = {"meta": meta | {"developer_message": str(refusal)}}
                return MetaJSON(told, refusal.status)
            except GraphError as refusal:
                return MetaJSON(refusal.body(), refusal.status)

        return Route(PREFIX + path, answer, methods=[method])

    async def _messages(self, request: Request) -> Response:
        return await self._graph.send(request, self._account)

    async def _upload(self, request: Request) -> Response:
        return await self._media.upload(request, self._account)

    async def _lookup(self, request: Request) -> Response:
        media_id = str(request.path_params["media_id"])
        return self._media.lookup(request, media_id, self._account.phone_number_id, LOOKASIDE)

    async def _file(self, request: Request) -> Response:
        return self._media.attachment(request)

    async def _delete(self, request: Request) -> Response:
        return self._media.delete(str(request.path_params["media_id"]))

    async def _health(self, request: Request) -> Response:
        known = self._management.number(self._account)
        asked = [field for field in request.query_params.get("fields", "").split(",") if field]
        unknown = [field for field in asked if field not in known]
        if unknown:
            raise GraphError(100, f"Tried accessing nonexisting field ({unknown[0]})")
        return MetaJSON({field: known[field] for field in ("health_status", "id", *asked)})

    async def _list_templates(self, request: Request) -> Response:
        """A page; the status in lower case, as older accounts have it."""
        found = [
            template
            | {"id": f"wt{template['id']}", "external_id": template["id"]}
            | {"status": template["status"].lower()}
            for template in self._templates.all()
        ]
        try:
            limit = int(request.query_params.get("limit", "1000"))
            offset = int(request.query_params.get("offset", "0"))
        except ValueError:
            raise Refused(400, "limit and offset must be numbers") from None
        page = found[offset : offset + limit]
        told = {"waba_templates": page, "count": len(page), "total": len(found)}
        return MetaJSON(told | {"limit": limit, "offset": offset})

    async def _get_webhook(self, request: Request) -> Response:
        return MetaJSON(self.webhook or {"url": ""})

    async def _set_webhook(self, request: Request) -> Response:
        wanted = await read_json(request)
        url, headers = wanted.get("url"), wanted.get("headers", {})
        if not isinstance(url, str) or not isinstance(headers, dict):
            raise Refused(400, "url must be a string, and headers an object")
        try:
            self._callback.accept(self._behind(url))
        except NotLoopback as refusal:
            raise Refused(400, str(refusal)) from None
        self.webhook = {"url": url, "headers": headers}
        self.headers = {str(name): str(value) for name, value in headers.items()}
        return MetaJSON(self.webhook)

    def _behind(self, url: str) -> str:
        for public, here in self.proxies.items():
            if url.startswith(public):
                return here + url.removeprefix(public)
        return url

    async def _nothing(self, request: Request) -> Response:
        raise Refused(404, "Not found")
