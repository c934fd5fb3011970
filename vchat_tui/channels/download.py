"""Fetching a file from where a provider says that it lies: to the provider's own servers only.

A URL in a webhook or an answer is foreign text. Our token goes to hosts of the provider alone; the
name is looked up once, every address that it has must be public, and the connection goes to one of
those that were looked at; every redirect is judged again from the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

import httpx

from vchat_tui.channels import errors
from vchat_tui.channels.addresses import is_public
from vchat_tui.channels.base import ErrorClass, Fetched, NotSent, Rejected
from vchat_tui.channels.http import certificates, describe
from vchat_tui.channels.waiting import wait_for
from vchat_tui.i18n import _
from vchat_tui.models import MessageError

MOST_REDIRECTS = 5
_CHUNK = 256 * 1024
_TIMEOUT = httpx.Timeout(connect=5, write=10, read=20, pool=5)
_SLOWEST = 100_000  # bytes a second; slower than that, a download is given up
_PAGES = ("text/html", "application/xhtml+xml", "application/json", "text/javascript")

Resolve = Callable[[str, int], Awaitable[list[str]]]


class _Refused(Exception):
    """This file cannot be had; `code` is one of ours."""

    def __init__(self, code: str, details: str, *, again: bool = False) -> None:
        super().__init__(details)
        self.outcome = Rejected(
            error=MessageError(code=code, details=details),
            error_class=ErrorClass.MEDIA,
            retry_after=wait_for(errors.Retry.MINUTE, 1) if again else None,
        )


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Download:
    """Fetches files for one inbox.

    Args:
        base_url: the API's address from the inbox's settings; files may lie there too, whatever
            network it is in, because an admin chose it.
        proof: the header that proves who we are, its name and its value.
        hosts: the provider's servers of media: these and every name below them.
        proof_hosts: of these, the ones that may see the proof; all of them, where it is not given.
        resolve: looks a name up.
    """

    _base: tuple[str, str, int] | None = None

    def __init__(
        self,
        base_url: str,
        proof: tuple[str, str],
        hosts: tuple[str, ...],
        resolve: Resolve = resolve,
        proof_hosts: tuple[str, ...] | None = None,
    ) -> None:
        with contextlib.suppress(_Refused):  # an impossible address: nothing lies there
            self._base = _origin(_parse(base_url))
        self._proof = proof
        self._hosts = hosts
        self._proof_hosts = hosts if proof_hosts is None else proof_hosts
        self._resolve = resolve
        self._tls = certificates()

    async def get(
        self, url: str, target: Path, max_bytes: int, mime_type: str | None
    ) -> Fetched | Rejected | NotSent:
        """Bring a file to the disk; `target` appears only once it is whole.

        Args:
            mime_type: what it should be; an HTML page in its place is not the file.

        Raises:
            OSError: the disk refused it.
        """
        try:
            async with asyncio.timeout(60 + max_bytes / _SLOWEST):
                return await self._get(url, target, max_bytes, mime_type)
        except _Refused as refusal:
            return refusal.outcome
        except TimeoutError:
            return NotSent(reason=_("no complete answer came in time"))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            return NotSent(reason=describe(error))

    async def _get(self, url: str, target: Path, max_bytes: int, mime_type: str | None) -> Fetched:
        here = _parse(url)
        for _hop in range(MOST_REDIRECTS + 1):
            async with self._open(here) as response:
                if response.is_redirect and "Location" in response.headers:
                    here = here.join(_parse(response.headers["Location"]))
                    continue
                _check_answer(response, max_bytes, mime_type)
                return await _write(response, target, max_bytes)
        raise _Refused(errors.NOT_THE_FILE, "too many redirects", again=True)

    @contextlib.asynccontextmanager
    async def _open(self, url: httpx.URL) -> AsyncIterator[httpx.Response]:
        """The answer at a URL, from an address that was judged: the first that can be reached."""
        places = await self._places(url)
        client = httpx.AsyncClient(
            headers={"Accept-Encoding": "identity"},
            verify=self._tls,
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )
        async with client:
            response = await self._first_answer(client, url, places)
            try:
                yield response
            finally:
                await response.aclose()

    async def _first_answer(
        self, client: httpx.AsyncClient, url: httpx.URL, places: list[httpx.URL]
    ) -> httpx.Response:
        """Goes by number, with the name for TLS and `Host`."""
        headers = {"Host": url.netloc.decode()}
        if _origin(url) == self._base or _is_one_of(self._proof_hosts, url.host):
            headers |= dict([self._proof])
        for place in places:
            request = client.build_request(
                "GET",
                place,
                headers=headers,
                extensions={"sni_hostname": url.host},
            )
            try:
                return await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == places[-1]:
                    raise
        raise httpx.ConnectError("the name has no address")

    async def _places(self, url: httpx.URL) -> list[httpx.URL]:
        """Where to connect for a URL: judged addresses in the place of its name."""
        if url.userinfo:
            raise _Refused(errors.BLOCKED_ADDRESS, "the address has a user name in it")
        if _origin(url) == self._base:
            return [url]
        if url.scheme != "https" or _origin(url)[2] != 443 or not _is_one_of(self._hosts, url.host):
            raise _Refused(errors.BLOCKED_ADDRESS, f"{url.scheme}://{url.host}"[:200])
        try:
            addresses = await self._resolve(url.host, 443)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from None
        if not all(map(is_public, addresses)):
            raise _Refused(errors.BLOCKED_ADDRESS, f"{url.host} leads to a private network")
        return [url.copy_with(host=address) for address in addresses]


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        parsed.host  # noqa: B018 - an international name is read only now
        return parsed
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise _Refused(errors.BLOCKED_ADDRESS, "the address cannot be read") from None


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
    return url.scheme, url.host, port


def _is_one_of(hosts: tuple[str, ...], host: str) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def _check_answer(response: httpx.Response, max_bytes: int, mime_type: str | None) -> None:
    """Meta answers an expired URL with 404, or with a small page and 200 or 401."""
    if response.status_code != 200:
        raise _Refused(errors.NOT_THE_FILE, f"HTTP {response.status_code}", again=True)
    kind = _bare(response.headers.get("Content-Type"))
    if kind in _PAGES and kind != _bare(mime_type):
        raise _Refused(errors.NOT_THE_FILE, kind, again=True)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _Refused(errors.NOT_THE_FILE, "packed without being asked", again=True)
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise _Refused(errors.TOO_LARGE, f"{length} > {max_bytes}")


def _bare(mime_type: str | None) -> str:
    """A media type without its parameters."""
    return (mime_type or "").partition(";")[0].strip().lower()


async def _write(response: httpx.Response, target: Path, max_bytes: int) -> Fetched:
    """The body to a file beside the target, then under its name; no piece of it stays behind."""
    file, name = await asyncio.to_thread(_create, target)
    digest, size = hashlib.sha256(), 0
    try:
        with file:
            async for chunk in response.aiter_raw(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise _Refused(errors.TOO_LARGE, f"> {max_bytes}")
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_settle, file)
        await asyncio.to_thread(name.replace, target)
    finally:
        await asyncio.to_thread(name.unlink, missing_ok=True)
    kind = response.headers.get("Content-Type")
    return Fetched(sha256=digest.hexdigest(), size=size, mime_type=_bare(kind) or None)


def _create(target: Path) -> tuple[BinaryIO, Path]:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".fetch-", suffix=".part")
    return os.fdopen(handle, "wb"), Path(name)


def _settle(file: BinaryIO) -> None:
    """On the disk, before it gets its name."""
    file.flush()
    os.fsync(file.fileno())
