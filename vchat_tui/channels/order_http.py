"""The POST of an order to the URL that an admin set.

The URL may lead anywhere, so that it is held to what files of providers are held to: https on the
usual port, to public addresses only, and the connection goes to an address that was looked at. A
setting allows a shop in the same network or on the same machine; then plain http may be used, but
only there. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpx

from vchat_tui.channels.addresses import is_public
from vchat_tui.channels.http import certificates
from vchat_tui.channels.order_hook import (
    INSECURE,
    PRIVATE_ADDRESS,
    REDIRECT,
    STATUS,
    TIMEOUT,
    UNREACHABLE,
    Hook,
    Refused,
    Taken,
    sign,
)
from vchat_tui.channels.waiting import read_retry_after
from vchat_tui.text import clean

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""

DEADLINE = 20.0
"""Seconds for a whole try."""

_TIMEOUT = httpx.Timeout(connect=5, write=10, read=DEADLINE, pool=5)

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class OrderHooks:
    """Posts orders.

    Args:
        resolve: looks a name up.
        deadline: seconds for a whole try.
        tls: whom to trust; the usual authorities where none is given.
    """

    def __init__(
        self,
        resolve: Resolve = resolve,
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._tls = tls or certificates()

    async def post(
        self, hook: Hook, delivery_id: str, timestamp: int, body: bytes
    ) -> Taken | Refused:
        """One try; see `order_hook.Poster`."""
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(hook, delivery_id, timestamp, body)
        except (TimeoutError, httpx.TimeoutException):
            return Refused(error=TIMEOUT)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, UnicodeError) as e:
            return Refused(error=UNREACHABLE, detail=clean(str(e)[:200], one_line=True))

    async def _post(
        self, hook: Hook, delivery_id: str, timestamp: int, body: bytes
    ) -> Taken | Refused:
        url = httpx.URL(hook.url)
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        addresses = await self._resolve(url.host, port)
        if not addresses:
            return Refused(error=UNREACHABLE, detail=url.host)
        problem = _judge(hook, secure, port, addresses)
        if problem is not None:
            return problem
        headers = sign(hook.secret, delivery_id, timestamp, body) | {
            "Host": url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "vchat-tui",
            "Accept-Encoding": "identity",  # a small answer gains nothing, a packed one can explode
        }
        client = httpx.AsyncClient(
            verify=self._tls, timeout=_TIMEOUT, follow_redirects=False, trust_env=False
        )
        async with client:
            request = client.build_request(
                "POST",
                url.copy_with(host=addresses[0]),  # never looked up again: names can change sides
                headers=headers,
                content=body,
                extensions={"sni_hostname": url.host},
            )
            response = await client.send(request, stream=True)
            try:
                return await _read(response)
            finally:
                await response.aclose()


def _judge(hook: Hook, secure: bool, port: int, addresses: list[str]) -> Refused | None:
    """Why nothing may be posted there; None where it may."""
    public = [is_public(address) for address in addresses]
    for address, is_open in zip(addresses, public, strict=True):
        if not is_open and not (hook.private and _is_near(address)):
            return Refused(error=PRIVATE_ADDRESS, detail=clean(address, one_line=True))
    if any(public) and not (secure and port == 443):
        return Refused(error=INSECURE)
    return None


def _is_near(address: str) -> bool:
    """This machine or the network around it; not where clouds keep their metadata."""
    given = ipaddress.ip_address(address)
    return given.is_private and not (
        given.is_link_local or given.is_unspecified or given.is_multicast or given.is_reserved
    )


async def _read(response: httpx.Response) -> Taken | Refused:
    received = bytearray()
    async for chunk in response.aiter_raw(MAX_ANSWER):
        received += chunk
        if len(received) >= MAX_ANSWER:
            break
    status, body = response.status_code, bytes(received[:MAX_ANSWER])
    if 200 <= status < 300:
        return Taken(status=status, body=body)
    return Refused(
        error=REDIRECT if 300 <= status < 400 else STATUS,
        status=status,
        body=body,
        retry_after=read_retry_after(response.headers.get("Retry-After")),
    )
