"""The Graph API over HTTP: who asks, what they ask, and the faults that the knobs order.

The answers themselves come from `sending` and `management`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from vchat_tui.simulator.account import OTHER_BUSINESS_ACCOUNT_ID, Account
from vchat_tui.simulator.errors import GraphError
from vchat_tui.simulator.http_server import TRANSPORT
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.management import Management
from vchat_tui.simulator.media import PATH
from vchat_tui.simulator.media_api import MediaApi
from vchat_tui.simulator.meta_json import MetaJSON
from vchat_tui.simulator.sending import Sending, Taken

Handler = Callable[[Request], Awaitable[Response]]
_GATEWAY_PAGE = "<html><head><title>Error</title></head><body><h1>Bad Gateway</h1></body></html>"


class Graph:
    """The endpoints.

    Args:
        numbers: the numbers by their ids, the first one first.
        follow: what happens after a message was taken in (its statuses, an answer).
    """

    def __init__(
        self,
        numbers: Mapping[str, Account],
        controls: Controls,
        sending: Sending,
        management: Management,
        media: MediaApi,
        follow: Callable[[Taken], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        self._numbers = numbers
        self._account = next(iter(numbers.values()))
        self._now = now
        self._controls = controls
        self._sending = sending
        self._management = management
        self._media = media
        self._follow = follow
        self._hanging: set[asyncio.Transport] = set()

    def app(self, extra: list[BaseRoute]) -> Starlette:
        """The ASGI app. `extra`: routes that are not Meta's, asked first."""
        node = "/{version}/{node}"
        business = self._management
        routes = [
            Route("/{version}/debug_token", self._answers(self._token), methods=["GET"]),
            Route(f"{node}/messages", self._answers(self._messages), methods=["POST"]),
            Route(
                f"{node}/phone_numbers",
                self._waba(lambda request: business.numbers(_node_of(request))),
            ),
            Route(
                f"{node}/message_templates",
                self._waba(
                    lambda request: business.templates(
                        request.path_params["node"], request.query_params
                    )
                ),
            ),
            Route(
                f"{node}/subscribed_apps",
                self._waba(lambda request: business.subscriptions(_node_of(request))),
            ),
            Route(f"{node}/subscribed_apps", self._answers(self._subscribe), methods=["POST"]),
            Route(
                f"{node}/subscribed_apps",
                self._waba(lambda _: business.unsubscribe()),
                methods=["DELETE"],
            ),
            Route(f"{node}/media", self._answers(self._upload), methods=["POST"]),
            Route(PATH, self._attachment, methods=["GET"]),
            Route(node, self._answers(self._node), methods=["GET"]),
            Route(node, self._answers(self._delete), methods=["DELETE"]),
            Route("/{path:path}", self._answers(self._nothing), methods=["GET", "POST", "DELETE"]),
        ]
        return Starlette(routes=[*extra, *routes])

    def let_go(self) -> None:
        """Break the connections that a knob keeps hanging."""
        for transport in self._hanging:
            transport.abort()

    def _answers(self, handler: Handler) -> Handler:
        """Around every endpoint: the version, the token, and errors in Meta's form."""

        async def answer(request: Request) -> Response:
            try:
                version = request.path_params.get("version", "v0.0")
                if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", version):
                    raise GraphError(2500, f"Unknown path components: /{version}")
                self._authenticate(request)
                return await handler(request)
            except GraphError as refusal:
                self._sending.ledger.refused[refusal.code] += 1
                return MetaJSON(refusal.body(), refusal.status)

        return answer

    def _waba(self, read: Callable[[Request], dict[str, Any]]) -> Handler:
        """An endpoint below the business account that needs no waiting."""

        async def answer(request: Request) -> Response:
            self._check_business(request)
            return MetaJSON(read(request))

        return self._answers(answer)

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        right = f"Bearer {self._account.access_token}".encode()
        if not hmac.compare_digest(given, right):
            raise GraphError(190, "The access token could not be decrypted.")
        if self._expired():
            raise GraphError(190, "Session has expired.", subcode=463)

    def _expired(self) -> bool:
        knobs = self._controls.knobs
        ends = knobs.token_expires_at
        return knobs.token_expired or (ends is not None and self._now() >= ends)

    def _require(self, scope: str) -> None:
        if scope not in self._controls.knobs.token_scopes:
            raise GraphError(200, f"Requires the permission {scope}.")

    def _check_business(self, request: Request) -> None:
        """The node of a question about a business account must be one.

        Raises:
            GraphError: 100 for one of our numbers, 33 for anything else, 200 without permission.
        """
        self._require("whatsapp_business_management")
        node = _node_of(request)
        if node in self._numbers:
            raise GraphError(100, "Tried accessing nonexisting field of a phone number.")
        if node not in (self._account.business_account_id, OTHER_BUSINESS_ACCOUNT_ID):
            raise GraphError(33, f"Object with ID '{node}' does not exist")

    def _number(self, request: Request) -> Account:
        """The number that something is sent from.

        Raises:
            GraphError: 33 where it is none of ours, 200 without permission.
        """
        number = self._numbers.get(_node_of(request))
        if number is None:
            raise GraphError(33, f"Object with ID '{_node_of(request)}' does not exist")
        self._require("whatsapp_business_messaging")
        return number

    async def _messages(self, request: Request) -> Response:
        return await self.send(request, self._number(request))

    async def send(self, request: Request, number: Account) -> Response:
        """A message to send from a number of ours, or a read receipt.

        Raises:
            GraphError: it is refused.
        """
        body = await read_json(request)
        await asyncio.sleep(self._controls.knobs.latency)
        if self._controls.take("drop_before_next"):
            request.scope[TRANSPORT].abort()
            return Response()
        if self._controls.take("html_next"):
            return HTMLResponse(_GATEWAY_PAGE, self._controls.knobs.html_status)
        if self._controls.take("fail_next"):
            raise GraphError(self._controls.knobs.fail_code)
        taken = self._sending.take(body, number)
        answer = self._sending.answer(taken)
        if taken is None:
            return MetaJSON(answer)
        await self._follow(taken)
        return await self._after_accepting(request, answer)

    async def _after_accepting(self, request: Request, answer: dict[str, Any]) -> Response:
        """The answer, unless a knob wants the sender to be left in doubt."""
        if self._controls.take("drop_after_next"):
            request.scope[TRANSPORT].abort()
            return Response()
        if self._controls.take("hang_next"):
            transport = request.scope[TRANSPORT]
            self._hanging.add(transport)
            await request.receive()  # returns when the other side, or `let_go`, hangs up
            self._hanging.discard(transport)
            return Response()
        if self._controls.take("without_id_next"):
            del answer["messages"]
        return MetaJSON(answer)

    async def _token(self, request: Request) -> Response:
        return MetaJSON(self._management.token(request.query_params, expired=self._expired()))

    async def _upload(self, request: Request) -> Response:
        return await self._media.upload(request, self._number(request))

    async def _delete(self, request: Request) -> Response:
        return self._media.delete(_node_of(request))

    async def _attachment(self, request: Request) -> Response:
        """A file; Meta answers 404 to everybody without the token."""
        try:
            self._authenticate(request)
        except GraphError:
            return self._media.not_there()
        return self._media.attachment(request)

    async def _node(self, request: Request) -> Response:
        if self._media.knows(_node_of(request)):
            return self._media.lookup(request, _node_of(request))
        return MetaJSON(self._management.node(_node_of(request), request.query_params))

    async def _subscribe(self, request: Request) -> Response:
        self._check_business(request)
        return MetaJSON(await self._management.subscribe(await read_json(request)))

    async def _nothing(self, request: Request) -> Response:
        raise GraphError(2500, f"Unknown path components: {request.url.path}")


def _node_of(request: Request) -> str:
    return str(request.path_params["node"])


async def read_json(request: Request) -> dict[str, Any]:
    """The body's JSON object.

    Raises:
        GraphError: it is none.
    """
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise GraphError(100, "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    return body
