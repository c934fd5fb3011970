"""One line to a provider's HTTP API, and the one question that matters: did the request leave?

httpx tells apart what failed before a byte of the request was written (name, connection, TLS, no
free connection) and what failed later. The first is safe to repeat. After the second nobody knows
whether the provider acted, so it is never repeated by itself: a customer must not get a message
twice.

Only this module and the tests import httpx; it is loaded when the first channel is opened.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from vchat_tui.channels.base import NotSent, Unclear
from vchat_tui.channels.errors import Retry
from vchat_tui.i18n import _
from vchat_tui.text import clean

MAX_ANSWER = 1024 * 1024
"""Bytes of an answer that are read; real ones have a few hundred."""

DEADLINE = 45.0
"""Seconds for a whole request. Each step has its own limit below, but an answer that trickles in
byte by byte never exceeds one."""

_TIMEOUT = httpx.Timeout(connect=5, write=10, read=20, pool=5)
# Idle connections are dropped early: one that the provider closes just as we write makes an
# unclear outcome of a message that never arrived.
_LIMITS = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=5)
# At the start and the end of every request httpx looks at each connection of its pool, with system
# calls: in one pool of 64 connections a message costs 11 ms of processor time, in 16 of 4 under 2.
_POOLS = 16
_LONGEST_BACKOFF = 300.0
_LONGEST_RETRY_AFTER = 3600.0

_NEVER_LEFT = (
    httpx.ConnectError,  # name, refused, unreachable, TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,  # a host name that cannot be looked up
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answered. A body beyond MAX_ANSWER is cut, and so no JSON any more."""

    status: int
    body: bytes
    retry_after: str | None = None  # the header as it came


class Line:
    """The way to the provider for one inbox: keeps connections, follows no redirect, trusts no environment.

    Args:
        base_url: with scheme, without trailing slash.
        token: for `Authorization: Bearer`; goes to `base_url` only.
        deadline: seconds for a whole request.
    """

    def __init__(self, base_url: str, token: str, deadline: float = DEADLINE) -> None:
        self._base_url = base_url
        self._deadline = deadline
        tls = httpx.create_ssl_context(trust_env=False)
        self._clients = [self._client(token, tls) for _ in range(_POOLS)]
        self._turns = itertools.cycle(self._clients)

    @staticmethod
    def _client(token: str, tls: ssl.SSLContext) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                # A small answer gains nothing, and a packed one can unpack to gigabytes.
                "Accept-Encoding": "identity",
            },
            verify=tls,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,
        )

    async def request(
        self, method: str, path: str, body: bytes | None = None
    ) -> Answer | NotSent | Unclear:
        """One request; never raises for what network or provider do.

        Args:
            method: GET or POST.
            path: from the base URL on, with a leading slash. No foreign text in it.
            body: JSON.
        """
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with asyncio.timeout(self._deadline):
                return await self._exchange(method, path, headers, body)
        except _NEVER_LEFT as error:
            return NotSent(reason=_describe(error))
        except (TimeoutError, httpx.TimeoutException):
            return Unclear(reason=_("no complete answer came in time"))
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return Unclear(reason=_describe(error))

    async def _exchange(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> Answer:
        url = self._base_url + path
        client = next(self._turns)
        async with client.stream(method, url, headers=headers, content=body) as response:
            received = bytearray()
            async for chunk in response.aiter_raw(64 * 1024):
                received += chunk
                if len(received) >= MAX_ANSWER:
                    break
            return Answer(
                status=response.status_code,
                body=bytes(received[:MAX_ANSWER]),
                retry_after=response.headers.get("Retry-After"),
            )

    async def aclose(self) -> None:
        """Close connections."""
        for client in self._clients:
            await client.aclose()


def _describe(error: Exception) -> str:
    """A short reason for people."""
    detail = clean(str(error)[:200], one_line=True)
    if isinstance(error, httpx.ConnectTimeout):
        return _("the provider's server did not take the connection in time")
    if isinstance(error, httpx.PoolTimeout):
        return _("too many requests are under way")
    if isinstance(error, _NEVER_LEFT):
        return _("no connection to the provider ({detail})").format(detail=detail)
    return _("the connection broke before the answer was complete ({detail})").format(
        detail=detail or type(error).__name__
    )


def wait_for(retry: Retry, attempt: int, retry_after: str | None = None) -> float | None:
    """Seconds before the next try; None where trying again is no use.

    Args:
        retry: the error's rule.
        attempt: how many tries there were, this one included.
        retry_after: the answer's header; where it is understood, it decides.
    """
    if retry is Retry.NEVER:
        return None
    asked = read_retry_after(retry_after)
    if asked is not None:
        return asked
    tries = min(max(attempt, 1), 10)
    if retry is Retry.MINUTE:
        return 60.0
    if retry is Retry.HOUR:
        return 3600.0
    longest = min(_LONGEST_BACKOFF, 4.0**tries)
    if retry is Retry.PAIR:
        return longest
    # Full jitter: many messages that failed together must not come back together.
    return random.uniform(1.0, longest)  # noqa: S311 - not for security


def read_retry_after(header: str | None) -> float | None:
    """The seconds in a Retry-After header (RFC 9110, 10.2.3), between 1 and 3600.

    Args:
        header: a number of seconds or an HTTP date; None where neither.
    """
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,9})?", text):
        seconds = float(text)
    elif re.fullmatch(r"[0-9]+", text):
        seconds = _LONGEST_RETRY_AFTER
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 1.0), _LONGEST_RETRY_AFTER)
