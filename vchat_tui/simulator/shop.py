"""The make-believe café's own shop system: it hears of orders and answers the customer.

It checks what a careful shop checks: both signatures, the age of the timestamp, and whether it
has heard of the order before (a delivery may come twice; its id tells).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from vchat_tui.simulator.account import SHOP_SECRET
from vchat_tui.simulator.customers import People
from vchat_tui.simulator.http_server import TRANSPORT
from vchat_tui.simulator.knobs import Controls

PATH = "/_shop/orders"
MAX_AGE = 300  # seconds


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A post that passed the checks."""

    id: str
    body: dict[str, Any]
    repeated: bool  # heard before


class Shop:
    """The shop.

    Args:
        people: who orders, for the language of the answer.
        now: the clock, Unix seconds.
    """

    def __init__(self, people: People, controls: Controls, now: Callable[[], float]) -> None:
        self._people = people
        self._controls = controls
        self._now = now
        self.secret = SHOP_SECRET
        self.deliveries: list[Delivery] = []
        self.rejected: list[str] = []
        self.reply: str | None = None  # in place of what the shop would answer by itself

    def routes(self) -> list[BaseRoute]:
        """Where it listens, and what it heard."""
        return [
            Route(PATH, self._take, methods=["POST"]),
            Route(PATH, self._heard, methods=["GET"]),
        ]

    async def _heard(self, request: Request) -> Response:
        return JSONResponse(
            {"deliveries": msgspec.to_builtins(self.deliveries), "rejected": self.rejected}
        )

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        problem = self._problem(request, raw)
        if problem is not None:
            self.rejected.append(problem)
            return JSONResponse({"error": problem}, 401)
        knobs = self._controls.knobs
        if knobs.shop_delay:
            await asyncio.sleep(knobs.shop_delay)
        if self._controls.take("shop_redirect_next"):
            return RedirectResponse("http://127.0.0.1:9/elsewhere", 307)
        if self._controls.take("shop_fail_next"):
            return JSONResponse({"error": "the shop is closed for stocktaking"}, 500)
        delivery = self._keep(json.loads(raw))
        if self._controls.take("shop_drop_next"):  # the shop has it, and nobody hears so
            request.scope[TRANSPORT].abort()
        return JSONResponse({"reply": self.reply or self._answer(delivery)})

    def _keep(self, body: dict[str, Any]) -> Delivery:
        repeated = any(known.id == body["id"] for known in self.deliveries)
        delivery = Delivery(id=body["id"], body=body, repeated=repeated)
        self.deliveries.append(delivery)
        return delivery

    def _problem(self, request: Request, raw: bytes) -> str | None:
        """What is wrong with the proof that a post carries; None where it is good."""
        headers = request.headers
        plain = hmac.new(self.secret.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"sha256={plain}", headers.get("X-Vchat-Signature", "")):
            return "X-Vchat-Signature"
        timestamp = headers.get("webhook-timestamp", "")
        if not timestamp.isdigit() or abs(self._now() - int(timestamp)) > MAX_AGE:
            return "webhook-timestamp"
        signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + raw
        digest = hmac.new(base64.b64decode(self.secret), signed, hashlib.sha256).digest()
        given = headers.get("webhook-signature", "").split()
        expected = "v1," + base64.b64encode(digest).decode()
        if not any(hmac.compare_digest(expected, one) for one in given):
            return "webhook-signature"
        return None

    def _answer(self, delivery: Delivery) -> str:
        """What the customer reads."""
        number = 1000 + len({known.id for known in self.deliveries})
        items = delivery.body["order"].get("product_items", [])
        total = sum(
            Decimal(str(item["quantity"])) * Decimal(str(item["item_price"])) for item in items
        )
        customer = self._people.at(str(delivery.body["user"].get("phone", "")))
        if customer.language == "es":
            return f"¡Gracias por su pedido! Es el número {number}, total {total:.2f} USD."
        return f"Thank you for your order! It is number {number}, {total:.2f} USD in all."
