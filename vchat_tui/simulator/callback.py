"""Where webhooks go: a loopback address that has proven itself with Meta's handshake.

Handshake: Meta, "Webhooks › Verification requests": GET with hub.mode, hub.challenge and
hub.verify_token; the answer is 200 and the challenge itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import ssl
from urllib.parse import urlsplit

import httpx

FIRST_PAUSE = 0.1  # seconds between two tries; doubled each time up to ...
LONGEST_PAUSE = 3.0


class NotLoopback(ValueError):
    """The address is not on this machine; nothing is ever sent there."""


def loopback(url: str) -> str:
    """The URL, when it is plain http to this machine.

    Raises:
        NotLoopback: it is anything else.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
        parts = urlsplit("")
    if not here or parts.scheme != "http" or parts.username is not None:
        raise NotLoopback(f"webhooks go to http addresses of this machine only, not to {url!r}")
    return url


def loopback_client() -> httpx.AsyncClient:
    """A client for loopback addresses. They are http, so it loads no certificates: that takes 20 ms."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=20, verify=nobody)


class Callback:
    """The subscribed address, and whether it has passed the handshake.

    Args:
        client: for every request; it must follow no redirects.
        verify_token: what the address must accept.
    """

    def __init__(self, client: httpx.AsyncClient, verify_token: str) -> None:
        self._client = client
        self._verify_token = verify_token
        self.url: str | None = None
        self.verified = asyncio.Event()

    async def subscribe(self, url: str, verify_token: str | None = None) -> bool:
        """Try the handshake once; on success webhooks go there from now on.

        Raises:
            NotLoopback: the address is not on this machine.
        """
        if not await self._shake_hands(loopback(url), verify_token or self._verify_token):
            return False
        self.url = url
        self.verified.set()
        return True

    async def keep_trying(self, url: str) -> None:
        """Repeat the handshake, ever more slowly, until it succeeds: the server may start later."""
        pause = FIRST_PAUSE
        while not self.verified.is_set() and not await self.subscribe(url):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def accept(self, url: str) -> None:
        """Send webhooks there from now on, without a handshake.

        Raises:
            NotLoopback: the address is not on this machine.
        """
        self.url = loopback(url)
        self.verified.set()

    def unsubscribe(self) -> None:
        """Send nothing until the next handshake."""
        self.url = None
        self.verified.clear()

    async def _shake_hands(self, url: str, verify_token: str) -> bool:
        challenge = str(secrets.randbelow(10**10))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        try:
            answer = await self._client.get(url, params=query)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.text == challenge
