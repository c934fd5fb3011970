"""Who asks for pages and files, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_LOCAL = ("127.0.0.1", "::1")


class Askers:
    """Counts requests by address, minute by minute.

    Args:
        per_minute: requests of one address that are answered.
        peers: addresses that are counted apart; more begin the count anew.
        clock: seconds that only go forward.
    """

    def __init__(self, per_minute: int, peers: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._peers = peers
        self._clock = clock
        self._minute = 0
        self._asked: dict[str, int] = {}  # in this minute, by address

    def too_many(self, scope: dict[str, Any]) -> bool:
        """Counts a request; whether its sender asks too often."""
        minute = int(self._clock() // 60)
        if minute != self._minute or len(self._asked) > self._peers:
            self._minute = minute
            self._asked = {}
        peer = _sender(scope)
        self._asked[peer] = self._asked.get(peer, 0) + 1
        return self._asked[peer] > self._per_minute


def _sender(scope: dict[str, Any]) -> str:
    """Who asks: the address that a proxy on this machine names last, else the one that called."""
    peer = str(scope["client"][0]) if scope["client"] else ""
    if peer in _LOCAL:
        named = header(scope, b"x-forwarded-for").rpartition(",")[2].strip()
        return named[:64] or peer
    return peer


def header(scope: dict[str, Any], wanted: bytes) -> str:
    """A request's header field; several of one name are joined."""
    return "; ".join(v.decode("latin-1") for name, v in scope["headers"] if name == wanted)
