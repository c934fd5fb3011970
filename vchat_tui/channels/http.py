"""One line to a provider's HTTP API, and the one question that matters: did the request leave?

httpx tells apart what failed before a byte of the request was written (name, connection, TLS, no
free connection) and what failed later. The first is safe to repeat. After the second nobody knows
whether the provider acted, so it is never repeated by itself: a customer must not get a message
twice.

Only this module, `download`, `order_http` and the tests import httpx; they are loaded when the first
channel is opened, or the first order posted.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlencode

import httpx
import msgspec

from vchat_tui.channels.base import NotSent, Unclear
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
# calls: in one pool of 64 connections a message costs 11 ms of processor time, in one of a few about 1.
_POOLS = 256

FORM_TYPE = "application/x-www-form-urlencoded"

NEVER_LEFT = (
    httpx.ConnectError,  # name, refused, unreachable, TLS handshake
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,  # a host name that cannot be looked up
)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answered. A body that is longer than was wanted is cut, and so no JSON."""

    status: int
    body: bytes
    retry_after: str | None = None  # the header as it came


class Form(NamedTuple):
    """A file on its way to the provider, with the fields beside it (multipart/form-data)."""

    fields: dict[str, str]
    file: BinaryIO
    filename: str
    mime_type: str


@functools.cache
def certificates() -> ssl.SSLContext:
    """By whom a server must be certified. One for every line: it takes 20 ms to read them."""
    return httpx.create_ssl_context(trust_env=False)


class Line:
    """The way to the provider for one inbox: keeps connections, follows no redirect, trusts no environment.

    Args:
        base_url: with scheme, without trailing slash.
        proof: the header that proves who we are, its name and its value; goes to `base_url` only.
        deadline: seconds for a whole request.
    """

    def __init__(self, base_url: str, proof: tuple[str, str], deadline: float = DEADLINE) -> None:
        self._base_url = base_url
        self._deadline = deadline
        self._timeout = _TIMEOUT
        self._proof = proof
        self._clients: list[httpx.AsyncClient] = []  # each with a pool of its own
        self._free: list[httpx.AsyncClient] = []
        self._turns = itertools.count()

    @contextmanager
    def _client(self) -> Iterator[httpx.AsyncClient]:
        """The client that became free last, as its connection is most likely still there; where all
        have a request under way, they take turns."""
        if not self._free and len(self._clients) == _POOLS:
            yield self._clients[next(self._turns) % _POOLS]
            return
        client = self._free.pop() if self._free else self._open()
        try:
            yield client
        finally:
            self._free.append(client)

    def _open(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            headers={
                self._proof[0]: self._proof[1],
                "Accept": "application/json",
                # A small answer gains nothing, and a packed one can unpack to gigabytes.
                "Accept-Encoding": "identity",
            },
            verify=certificates(),
            timeout=self._timeout,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,
        )
        self._clients.append(client)
        return client

    async def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        form: Form | None = None,
        fields: Sequence[tuple[str, str]] | None = None,
        deadline: float | None = None,
        most: int = MAX_ANSWER,
    ) -> Answer | NotSent | Unclear:
        """One request; never raises for what network or provider do.

        Args:
            method: GET or POST.
            path: from the base URL on, with a leading slash. No foreign text in it.
            body: JSON.
            form: a file to send in its place.
            fields: a form without a file, in its place; a name may come more than once.
            deadline: seconds for the whole request, where it may take longer than usual.
            most: bytes of the answer that are read.
        """
        content: dict[str, Any] = {}
        if body is not None:
            content = {"content": body, "headers": {"Content-Type": "application/json"}}
        elif fields is not None:
            encoded = urlencode(fields).encode()
            content = {"content": encoded, "headers": {"Content-Type": FORM_TYPE}}
        elif form is not None:
            file = (form.filename, form.file, form.mime_type)
            content = {"data": form.fields, "files": {"file": file}}
        try:
            async with asyncio.timeout(deadline or self._deadline):
                return await self._exchange(method, path, content, most)
        except NEVER_LEFT as error:
            return NotSent(reason=describe(error))
        except (TimeoutError, httpx.TimeoutException):
            return Unclear(reason=_("no complete answer came in time"))
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return Unclear(reason=describe(error))

    async def _exchange(self, method: str, path: str, content: dict[str, Any], most: int) -> Answer:
        url = self._base_url + path
        with self._client() as client:
            return await self._stream(client, method, url, content, most)

    @staticmethod
    async def _stream(
        client: httpx.AsyncClient, method: str, url: str, content: dict[str, Any], most: int
    ) -> Answer:
        async with client.stream(method, url, **content) as response:
            received = bytearray()
            async for chunk in response.aiter_raw(64 * 1024):
                received += chunk
                if len(received) >= most:
                    break
            return Answer(
                status=response.status_code,
                body=bytes(received[:most]),
                retry_after=response.headers.get("Retry-After"),
            )

    async def aclose(self) -> None:
        """Close connections."""
        for client in self._clients:
            await client.aclose()


def describe(error: Exception) -> str:
    """A short reason for people."""
    detail = clean(str(error)[:200], one_line=True)
    if isinstance(error, httpx.ConnectTimeout):
        return _("the provider's server did not take the connection in time")
    if isinstance(error, httpx.PoolTimeout):
        return _("too many requests are under way")
    if isinstance(error, NEVER_LEFT):
        return _("no connection to the provider ({detail})").format(detail=detail)
    return _("the connection broke before the answer was complete ({detail})").format(
        detail=detail or type(error).__name__
    )
