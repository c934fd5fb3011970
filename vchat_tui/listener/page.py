"""`/c/<token>`: the page on which a customer reads their conversation.

The address alone shows nothing: programs that make link previews open it too. A press of the
button (a POST) gives the link to the browser that pressed it, by a cookie; any other browser is
told so. The token is in no log, and no word of the page tells a forged one from nothing at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from vchat_tui.desk.page_links import Access, Page
from vchat_tui.listener.askers import Askers, header
from vchat_tui.listener.limits import Limits
from vchat_tui.listener.page_html import HEADERS, choose_language, render

PREFIX = "/c/"
_STATUS = {Access.OPEN: 200, Access.UNOPENED: 200, Access.TAKEN: 410, Access.EXPIRED: 410}


class Pages(Protocol):
    """The desk, as the page sees it."""

    async def look(self, token: str, cookie: str | None) -> Page:
        """What a token shows to the browser with this cookie."""
        ...

    async def open(self, token: str) -> str | None:
        """Gives the link to a browser: its cookie; None where it cannot have it (any more)."""
        ...


class Found(NamedTuple):
    """An answer: status, header fields, body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class ConversationPage:
    """Answers browsers.

    Args:
        pages: the desk.
        limits: how often one address may ask.
        clock: seconds that only go forward.
    """

    def __init__(self, pages: Pages, limits: Limits, clock: Callable[[], float]) -> None:
        self._pages = pages
        askers = Askers(limits.page_requests_per_minute, limits.page_peers, clock)
        self.too_many = askers.too_many

    async def answer(self, scope: dict[str, Any]) -> Found | None:
        """The answer to GET or POST; None where there is nothing at this address."""
        token = scope["path"].removeprefix(PREFIX)
        name = f"vchat-{hashlib.sha256(token.encode()).hexdigest()[:16]}"
        page = await self._pages.look(token, _cookie(scope, name))
        if page.access is Access.UNKNOWN:
            return None
        if scope["method"] == "POST":
            if page.access is Access.OPEN:
                return _see_again(token)
            if page.access is Access.UNOPENED:
                cookie = await self._pages.open(token)
                if cookie is not None:
                    return _see_again(token, _set_cookie(name, cookie, page.seconds_left))
                page = await self._pages.look(token, None)  # another one was faster
        language = choose_language(page.language, header(scope, b"accept-language"))
        headers = (*HEADERS, (b"vary", b"Accept-Language, Cookie"))
        return Found(_STATUS[page.access], headers, render(page, language))


def _see_again(token: str, *more: tuple[bytes, bytes]) -> Found:
    """Back to the same address, so that reloading does not ask to send the form again."""
    keep_out = ((b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"))
    return Found(303, ((b"location", token.encode()), *keep_out, *more), b"")


def _set_cookie(name: str, value: str, seconds: int) -> tuple[bytes, bytes]:
    # Without a path it is for the folder of the page, wherever a proxy puts that.
    flags = f"Max-Age={seconds}; HttpOnly; SameSite=Strict; Secure"
    return b"set-cookie", f"{name}={value}; {flags}".encode()


def _cookie(scope: dict[str, Any], name: str) -> str | None:
    for part in header(scope, b"cookie").split(";"):
        given, _equals, value = part.strip().partition("=")
        if given == name:
            return value
    return None
