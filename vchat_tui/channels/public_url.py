"""Whether the public address leads to this server: it asks itself, by way of the internet.

That proves the name, the certificate and the proxy, as far as they can be seen from here. The
address is the admin's own setting, so that it may lead anywhere; what it says is only compared.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx

from vchat_tui.channels.addresses import is_public
from vchat_tui.channels.reach import PATH, Reach, Reached
from vchat_tui.text import clean

ANSWER = b"ok"
DEADLINE = 10.0  # seconds for the whole question
_MOST = 1024  # bytes of an answer that are read

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def probe(
    public_url: str,
    *,
    resolve: Resolve = _resolve,
    tls: ssl.SSLContext | None = None,
    public: Callable[[str], bool] = is_public,
) -> Reached:
    """Asks for the health of the server at its public address.

    Args:
        public_url: as it is set, without a slash at its end.
        resolve: looks a name up.
        tls: whom to trust; the usual authorities where none is given.
        public: whether the internet knows an address.
    """
    try:
        async with asyncio.timeout(DEADLINE):
            return await _probe(public_url, resolve, tls, public)
    except (httpx.HTTPError, OSError, TimeoutError, ValueError, httpx.InvalidURL) as error:
        untrusted = _certificate_error(error)
        if untrusted is not None:
            return Reached(reach=Reach.TLS, detail=_shown(untrusted.verify_message))
        return Reached(reach=Reach.NO_ANSWER)


async def _probe(
    public_url: str,
    resolve: Resolve,
    tls: ssl.SSLContext | None,
    public: Callable[[str], bool],
) -> Reached:
    parts = urlsplit(public_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = await resolve(host, port)
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        return Reached(reach=Reach.NO_NAME, detail=_shown(host))
    private = next((address for address in addresses if not public(address)), None)
    if private is not None:
        return Reached(reach=Reach.PRIVATE, detail=_shown(private))
    verify = tls or httpx.create_ssl_context(trust_env=False)
    async with httpx.AsyncClient(verify=verify, timeout=DEADLINE, trust_env=False) as client:
        url = httpx.URL(public_url + PATH)
        request = client.build_request(
            "GET", url.copy_with(host=addresses[0]),
            headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        )  # fmt: skip
        answer = await client.send(request, stream=True)
        try:
            return await _judge(answer)
        finally:
            await answer.aclose()


async def _judge(answer: httpx.Response) -> Reached:
    if answer.status_code != 200:
        return Reached(reach=Reach.STATUS, detail=str(answer.status_code))
    body = b""
    async for chunk in answer.aiter_raw(_MOST):
        body += chunk
        if len(body) >= _MOST:
            break
    return Reached(reach=Reach.OK if body == ANSWER else Reach.NOT_OURS)


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _shown(text: str) -> str:
    return clean(text[:200], one_line=True)
