"""A shop on this machine that hears of orders, and the orders that customers make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from webhook_bodies import body

from vchat_tui.simulator.http_server import HttpServer

SECRET = base64.b64encode(b"a secret of twenty-four").decode()

Answer = Callable[[Request, bytes], Awaitable[Response]]


async def thanks(request: Request, raw: bytes) -> Response:
    """Takes the order and says so."""
    return JSONResponse({"reply": "¡Gracias por su pedido!"})


class Shop:
    """Keeps what was posted, and answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answer: Answer = thanks
        self._server = HttpServer(Starlette(routes=[Route("/hook", self._take, methods=["POST"])]))
        self.url = self._server.start(0) + "/hook"

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        self.heard.append((dict(request.headers), raw))
        return await self.answer(request, raw)

    @property
    def settings(self) -> dict[str, Any]:
        """What an inbox needs to post here."""
        return {
            "order_webhook_url": self.url,
            "order_webhook_secret": SECRET,
            "order_webhook_private": True,
        }

    def ids(self) -> list[str]:
        """The delivery ids, as they came."""
        return [headers["webhook-id"] for headers, _raw in self.heard]

    async def stop(self) -> None:
        """Close it."""
        await self._server.stop()


def is_genuine(headers: dict[str, str], raw: bytes, secret: str = SECRET) -> bool:
    """Both signatures, checked as the two specifications say and not as our code does it."""
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), raw))
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), digestmod="sha256")
    mac.update(signed)
    version, _comma, given = headers["webhook-signature"].partition(",")
    plain = hashlib.sha256  # HMAC by hand (RFC 2104), so that not even the library is shared
    key = secret.encode().ljust(64, b"\0")
    inner = plain(bytes(byte ^ 0x36 for byte in key) + raw).digest()
    outer = plain(bytes(byte ^ 0x5C for byte in key) + inner).hexdigest()
    return (
        version == "v1"
        and base64.b64decode(given) == mac.digest()
        and headers["x-vchat-signature"] == f"sha256={outer}"
    )


def order_webhook(
    identifier: str, sender: str = "5215512345678", *, note: str | None = None, **more: Any
) -> bytes:
    """A customer orders two things."""
    order: dict[str, Any] = {
        "catalog_id": "194836987003835",
        "product_items": [
            {"product_retailer_id": "BOTA-38", "quantity": 2, "item_price": 89, "currency": "EUR"},
            {"product_retailer_id": "CERA", "quantity": "1", "item_price": "7.5",
             "currency": "EUR"},
        ],
    }  # fmt: skip
    if note is not None:
        order["text"] = note
    message = {
        "from": sender, "id": identifier, "timestamp": str(int(more.pop("at", time.time()))),
        "type": "order", "order": order | more,
    }  # fmt: skip
    return body(messages=(message,))


def heard_as(raw: bytes) -> dict[str, Any]:
    """The JSON of a post."""
    found: dict[str, Any] = json.loads(raw)
    return found
