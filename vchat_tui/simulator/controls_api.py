"""/_simulator/...: what tests, scripts and trainers ask and order. Not Meta's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.meta_json import MetaJSON
from vchat_tui.simulator.sending import Sending


def routes(
    controls: Controls,
    sending: Sending,
    say: Callable[[str, str], str],
    state: Callable[[], dict[str, Any]],
) -> list[BaseRoute]:
    """The routes.

    Args:
        say: has a customer say a text, and gives the message's id; KeyError for an unknown one.
        state: what is going on, for people.
    """

    async def ledger(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        entries = sending.ledger.entries(int(after) if after.isdigit() else 0)
        return MetaJSON(
            {
                "entries": msgspec.to_builtins(entries),
                "accepted": sending.ledger.accepted,
                "refused": {str(code): n for code, n in sending.ledger.refused.items()},
                "violations": sending.violations,
            }
        )

    async def knobs(request: Request) -> Response:
        try:
            turned = controls.turn(await _object(request)) if request.method == "POST" else None
        except ValueError as error:
            return MetaJSON({"error": str(error)}, 400)
        return MetaJSON(msgspec.to_builtins(turned or controls.knobs))

    async def customer_says(request: Request) -> Response:
        try:
            body = await _object(request)
            return MetaJSON({"id": say(str(body["customer"]), str(body["text"]))})
        except (KeyError, ValueError) as error:
            return MetaJSON({"error": f"customer and text are needed: {error}"}, 400)

    async def now(request: Request) -> Response:
        return MetaJSON(state())

    return [
        Route("/_simulator/ledger", ledger, methods=["GET"]),
        Route("/_simulator/knobs", knobs, methods=["GET", "POST"]),
        Route("/_simulator/say", customer_says, methods=["POST"]),
        Route("/_simulator/state", now, methods=["GET"]),
    ]


def template_route(change_template: Callable[..., None]) -> BaseRoute:
    """Where Meta's decisions about templates are ordered.

    Args:
        change_template: see `Simulator.change_template`.
    """

    async def template(request: Request) -> Response:
        try:
            body = {key: str(value) for key, value in (await _object(request)).items()}
            change_template(**body)
        except (KeyError, TypeError, ValueError) as error:
            return MetaJSON({"error": f"name, language and event are needed: {error}"}, 400)
        return MetaJSON({"success": True})

    return Route("/_simulator/template", template, methods=["POST"])


async def _object(request: Request) -> dict[str, Any]:
    body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise ValueError("a JSON object is needed")
    return body
