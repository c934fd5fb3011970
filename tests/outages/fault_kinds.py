"""The kinds of answers, and of silences, that a provider can give, and where a message then stands.

They are the same at every provider; how each says them stands in `Words`.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple, Protocol

from chaos import Exchange, Fault, http, meta_error

from vchat_tui.channels.http import MAX_ANSWER
from vchat_tui.models import Status


def replies(data: bytes) -> Fault:
    """The provider never sees the request; this comes back."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(data)

    return fault


def accepts_but(data: bytes) -> Fault:
    """The provider takes the message in, and this comes back in the place of its answer."""

    async def fault(exchange: Exchange) -> None:
        await exchange.ask_provider()
        await exchange.answer(data)

    return fault


async def reset_before(exchange: Exchange) -> None:
    """The connection breaks; the provider saw nothing, which we cannot know."""
    exchange.reset()


async def reset_after(exchange: Exchange) -> None:
    """The provider takes the message in, and the connection breaks."""
    await exchange.ask_provider()
    exchange.reset()


async def black_hole(exchange: Exchange) -> None:
    """Nobody ever answers; the provider saw nothing."""
    await exchange.gone()


async def black_hole_after(exchange: Exchange) -> None:
    """The provider takes the message in, and nobody ever answers."""
    await exchange.ask_provider()
    await exchange.gone()


async def truncated(exchange: Exchange) -> None:
    """The answer ends in the middle."""
    answer = await exchange.ask_provider()
    await exchange.answer(answer[:-20])
    exchange.reset()


async def trickle(exchange: Exchange) -> None:
    """The answer comes a byte at a time, faster than any time-out between two bytes."""
    for byte in await exchange.ask_provider() + b" " * 1000:
        if not exchange.is_open():
            return
        await exchange.answer(bytes([byte]))
        await asyncio.sleep(0.02)


async def endless(exchange: Exchange) -> None:
    """The answer never ends."""
    await exchange.ask_provider()
    await exchange.answer(http(200, b"")[:-2].replace(b"Content-Length: 0\r\n", b"") + b"\r\n")
    for _ in range(2 * MAX_ANSWER // 65_536):
        if exchange.is_open():
            await exchange.answer(b"[" * 65_536)


class Refusal(Protocol):
    """A refusal as a provider puts it; None: without a code of its own."""

    def __call__(self, status: int, code: int | None, *headers: str) -> bytes: ...


class Words(NamedTuple):
    """What a provider says. `later`: three codes for "not now"; `rate`: too fast; `token`,
    `forbidden`: with 401 and 403; `wrong`: never."""

    refusal: Refusal
    later: tuple[int, int, int]
    rate: int
    token: int
    forbidden: int
    wrong: int


def twilio_error(status: int, code: int | None, *headers: str) -> bytes:
    """A refusal of Twilio's; None: an answer without any code, as gateways send it."""
    if code is None:
        return meta_error(status, None, *headers)
    error: dict[str, Any] = {"code": code, "message": "no", "status": status}
    return http(status, json.dumps(error).encode(), *headers)


def dialog360_error(status: int, code: int | None, *headers: str) -> bytes:
    """One of Meta's that 360dialog passes on; None: its own."""
    if code is not None:
        return meta_error(status, code, *headers)
    meta = {"success": False, "http_code": status, "developer_message": "no"}
    return http(status, json.dumps({"meta": meta}).encode(), *headers)


META = Words(meta_error, (131000, 131016, 2), 130429, 190, 10, 131009)
DIALOG360 = META._replace(refusal=dialog360_error)
TWILIO = Words(twilio_error, (63010, 63010, 63009), 20429, 20003, 20403, 21617)

NO_ID = http(200, json.dumps({"status": "queued"}).encode())
HTML = http(200, b"<html>Sign in to the network</html>", "Content-Type: text/html")
IN_HALF_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)


class Then(NamedTuple):
    """Where a message stands after a fault.

    `status`: at once. `paused`: nothing of the inbox goes until an admin acts. `wait`: seconds
    until it goes again, at least and at most; None: it does not.
    """

    status: Status
    paused: bool = False
    wait: tuple[float, float] | None = None


GOES_AGAIN = Then(Status.QUEUED, wait=(0, 300))
UNKNOWN = Then(Status.UNKNOWN)
FAILED = Then(Status.FAILED)
PAUSED = Then(Status.QUEUED, paused=True, wait=(0, 0))


class Kind(NamedTuple):
    """A fault, and what follows."""

    name: str
    fault: Fault
    then: Then


def kinds_of(words: Words) -> list[Kind]:
    """Every kind, as a provider says it."""
    says = words.refusal

    def asks_to_wait(value: str) -> Fault:
        return replies(says(429, words.rate, f"Retry-After: {value}"))

    return [
        # nobody can know whether it was sent
        Kind("reset before", reset_before, UNKNOWN),
        Kind("reset after the request", reset_after, UNKNOWN),
        Kind("black hole", black_hole, UNKNOWN),
        Kind("black hole after the request", black_hole_after, UNKNOWN),
        Kind("truncated answer", truncated, UNKNOWN),
        Kind("trickle", trickle, UNKNOWN),
        Kind("endless answer", endless, UNKNOWN),
        Kind("not HTTP", accepts_but(b"220 mail.example ESMTP\r\n\r\n"), UNKNOWN),
        Kind("200 with HTML", accepts_but(HTML), UNKNOWN),
        Kind("200 without id", accepts_but(NO_ID), UNKNOWN),
        Kind("500 of a gateway", accepts_but(says(500, None)), UNKNOWN),
        Kind("502 of a gateway", accepts_but(says(502, None)), UNKNOWN),
        Kind("503 of a gateway", accepts_but(says(503, None)), UNKNOWN),
        Kind("504 of a gateway", accepts_but(says(504, None)), UNKNOWN),
        # the provider says with a code that it did not send it, whatever the HTTP status
        Kind("200 with an error object", replies(says(200, words.later[0])), GOES_AGAIN),
        Kind("500 with a code", replies(says(500, words.later[1])), GOES_AGAIN),
        Kind("503 with a code", replies(says(503, words.later[2])), GOES_AGAIN),
        Kind("408", replies(says(408, None)), GOES_AGAIN),
        Kind("429", replies(says(429, words.rate)), GOES_AGAIN),
        Kind("429 without a code", replies(says(429, None)), GOES_AGAIN),
        Kind("429, 7 seconds", asks_to_wait("7"), Then(Status.QUEUED, wait=(5, 7.5))),
        Kind(
            "429, a date",
            asks_to_wait(IN_HALF_AN_HOUR),
            Then(
                Status.QUEUED, wait=(1, 1800.5)
            ),  # the date was made when the tests were collected
        ),
        Kind("429, negative", asks_to_wait("-5"), Then(Status.QUEUED, wait=(0, 1.5))),
        Kind("429, 1e9", asks_to_wait("1000000000"), Then(Status.QUEUED, wait=(3500, 3600.5))),
        Kind("429, nonsense", asks_to_wait("1e9 soon"), GOES_AGAIN),
        # nothing of this inbox can go before an admin acts; the message is as good as ever
        Kind("401", replies(says(401, words.token)), PAUSED),
        Kind("401 without a code", replies(says(401, None)), PAUSED),
        Kind("403", replies(says(403, words.forbidden)), PAUSED),
        Kind("404", replies(says(404, None)), PAUSED),
        Kind("a redirect", replies(http(302, b"", "Location: http://127.0.0.1:9/")), PAUSED),
        # refused: trying again by itself is no use
        Kind("400", replies(says(400, words.wrong)), FAILED),
        Kind("400 without a code", replies(says(400, None)), FAILED),
        Kind("409", replies(says(409, None)), FAILED),
        Kind("413", replies(says(413, None)), FAILED),
    ]
