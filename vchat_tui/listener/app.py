"""What each path of the public listener means, as one bare ASGI callable.

No framework stands in the way: this is the path that every webhook takes, and its speed is the
speed of uvicorn and the journal.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from vchat_tui import file_links
from vchat_tui.listener import dialog360, files, twilio
from vchat_tui.listener.askers import Askers
from vchat_tui.listener.files import Files, Served
from vchat_tui.listener.gate import Gate, JournalUnavailable
from vchat_tui.listener.limits import Limits
from vchat_tui.listener.meta import Handshake, signing_inbox
from vchat_tui.listener.page import PREFIX, ConversationPage, Pages

logger = logging.getLogger(__name__)

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

_EVIDENCE = frozenset(
    {b"x-hub-signature-256", b"x-twilio-signature", b"content-type", b"user-agent"}
)


class Answer(NamedTuple):
    """The two ASGI events of an answer."""

    start: Event
    body: Event


def _answer(status: int, text: bytes = b"", *more: tuple[bytes, bytes]) -> Answer:
    """An answer of plain text, or of nothing."""
    headers = [(b"content-length", b"%d" % len(text)), *more]
    if text:
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
        headers.append((b"x-content-type-options", b"nosniff"))
    return Answer(
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": text},
    )


Handler = Callable[[Event, Receive], Awaitable[Answer | Served | None]]

KEPT = _answer(200)
# Anything else that is text Twilio would send to the customer as an answer.
NO_REPLY = Answer(
    {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-length", b"11"), (b"content-type", b"text/xml")],
    },
    {"type": "http.response.body", "body": b"<Response/>"},
)
HEALTHY = _answer(200, b"ok")
FORBIDDEN = _answer(403)
NOT_FOUND = _answer(404)
GET_ONLY = _answer(405, b"", (b"allow", b"GET"))
GET_OR_HEAD = _answer(405, b"", (b"allow", b"GET, HEAD"))
GET_OR_POST = _answer(405, b"", (b"allow", b"GET, POST"))
TOO_MANY = _answer(429, b"", (b"retry-after", b"60"))
BROKEN = _answer(500)
UNAVAILABLE = _answer(503)


async def _read(receive: Receive) -> bytes | None:
    """The raw body, or None if the sender left before its end. Its size was capped on the way."""
    event = await receive()
    if event["type"] == "http.request" and not event["more_body"]:
        return bytes(event["body"])  # all at once, as nearly always
    pieces: list[bytes] = []
    while event["type"] == "http.request":
        pieces.append(event["body"])
        if not event["more_body"]:
            return b"".join(pieces)
        event = await receive()
    return None


class App:
    """The ASGI application of the public listener.

    Args:
        gate: the desk.
        limits: what is too much.
        clock: seconds that only go forward.
        pages: the desk's pages for customers; None: there are none.
        links: the desk's files for providers; None: there are none.
    """

    def __init__(
        self,
        gate: Gate,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        pages: Pages | None = None,
        links: Files | None = None,
    ) -> None:
        self._gate = gate
        self._limits = limits
        self._handshake = Handshake(limits, clock)
        self._page = ConversationPage(pages, limits, clock) if pages else None
        self._links = links
        self._askers = Askers(limits.file_requests_per_minute, limits.page_peers, clock)
        self._in_flight = 0
        self._journal_down = False
        self._handlers: dict[str, Handler] = {
            "/webhooks/meta": self._meta,
            "/webhooks/twilio": self._twilio,
            "/webhooks/twilio/status": self._twilio,
            "/healthz": self._health,
        }

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request; everything that is not ours gets the same 404."""
        handler = self._handlers.get(scope["path"]) or self._handler_below(scope["path"])
        try:
            answer = NOT_FOUND if handler is None else await handler(scope, receive)
        except Exception as error:  # noqa: BLE001 - whatever broke, the provider must come back
            _log_without_values(error)
            answer = BROKEN
        except asyncio.CancelledError:
            answer = UNAVAILABLE  # the server stops and cannot wait longer
        if isinstance(answer, Served):
            await _stream(answer, scope["method"] == "HEAD", send)
        elif answer is not None:
            await send(answer.start)
            await send(answer.body)

    def _handler_below(self, path: str) -> Handler | None:
        """What answers an address with a token in it."""
        if path.startswith(dialog360.PREFIX):
            return self._dialog360
        if self._page is not None and path.startswith(PREFIX):
            return self._show_page
        return self._give_file if path.startswith(file_links.PREFIX) else None

    async def _health(self, scope: Event, receive: Receive) -> Answer:
        if scope["method"] != "GET":
            return GET_ONLY
        return HEALTHY if self._gate.healthy() else UNAVAILABLE

    async def _give_file(self, scope: Event, receive: Receive) -> Answer | Served:
        """A file of ours, for who has its link."""
        if self._links is None:
            return NOT_FOUND
        if self._askers.too_many(scope):
            return TOO_MANY
        if scope["method"] not in ("GET", "HEAD"):
            return GET_OR_HEAD
        return await files.find(self._links, scope) or NOT_FOUND

    async def _show_page(self, scope: Event, receive: Receive) -> Answer | None:
        """A customer's browser; a token that is not ours is as unknown as any other address."""
        assert self._page is not None
        if self._page.too_many(scope):
            return TOO_MANY
        if scope["method"] not in ("GET", "POST"):
            return GET_OR_POST
        if await _read(receive) is None:
            return None
        found = await self._page.answer(scope)
        if found is None:
            return NOT_FOUND
        headers = [(b"content-length", b"%d" % len(found.body)), *found.headers]
        return Answer(
            {"type": "http.response.start", "status": found.status, "headers": headers},
            {"type": "http.response.body", "body": found.body},
        )

    async def _meta(self, scope: Event, receive: Receive) -> Answer | None:
        method = scope["method"]
        if method == "POST":
            body = await _read(receive)
            return None if body is None else await self._keep_meta(scope, body)
        return self._verify_meta(scope) if method == "GET" else GET_OR_POST

    def _verify_meta(self, scope: Event) -> Answer:
        """Meta's handshake: the challenge goes back to who knows the verify token."""
        peer = _peer(scope)
        if self._handshake.too_many(peer):
            return TOO_MANY
        tokens = self._gate.verify_tokens()
        token, challenge = self._handshake.answer(scope["query_string"], tokens, peer)
        if not token:
            return FORBIDDEN
        self._gate.handshake(token)
        return _answer(200, challenge)

    async def _keep_meta(self, scope: Event, body: bytes) -> Answer:
        """A webhook of Meta: signature, journal, and only then 200."""
        signatures = [
            value.strip() for name, value in scope["headers"] if name == b"x-hub-signature-256"
        ]
        signed_by = signing_inbox(self._gate.app_secrets(), body, signatures)
        if isinstance(signed_by, str):
            self._gate.bad_signature(signed_by, _peer(scope))
            return FORBIDDEN
        return await self._keep("meta", _evidence(scope), body, signed_by)

    async def _twilio(self, scope: Event, receive: Receive) -> Answer | None:
        """A message or a status from Twilio: signature, journal, and only then an empty answer."""
        if scope["method"] not in ("POST", "GET"):
            return GET_OR_POST
        body = await _read(receive)
        if body is None:
            return None
        query: bytes = scope["query_string"]
        public_url = self._gate.public_url()
        address = None
        if public_url is not None:
            asked = f"?{query.decode('latin-1')}" if query else ""
            address = public_url + scope["raw_path"].decode("latin-1") + asked
        headers = dict(scope["headers"])
        signed_by = twilio.signing_inbox(
            self._gate.twilio_tokens(),
            address,
            body,
            headers.get(b"content-type", b"").decode("latin-1"),
            [value for name, value in scope["headers"] if name == b"x-twilio-signature"],
        )
        if isinstance(signed_by, str):
            self._gate.bad_signature(signed_by, _peer(scope))
            return FORBIDDEN
        answer = await self._keep("twilio", _evidence(scope), query + b"\n" + body, signed_by)
        return NO_REPLY if answer is KEPT else answer

    async def _dialog360(self, scope: Event, receive: Receive) -> Answer | None:
        """A webhook of 360dialog: the secret in its address, journal, and only then 200. An
        address with a wrong secret is as unknown as any other."""
        secrets = self._gate.webhook_secrets()
        if scope["method"] != "POST" or not secrets:
            return NOT_FOUND
        body = await _read(receive)
        if body is None:
            return None
        given = scope["path"].removeprefix(dialog360.PREFIX)
        proofs = [value.strip() for name, value in scope["headers"] if name == b"authorization"]
        inbox_id = dialog360.named_inbox(secrets, given, proofs)
        if isinstance(inbox_id, str):
            self._gate.bad_signature(inbox_id, _peer(scope))
            return NOT_FOUND if inbox_id == dialog360.WRONG_ADDRESS else FORBIDDEN
        return await self._keep("360dialog", _evidence(scope), body, inbox_id)

    async def _keep(
        self, source: str, headers: dict[str, str], body: bytes, inbox_id: int
    ) -> Answer:
        """Into the journal, if it can take more now. 200 is a promise: only after the commit."""
        if self._in_flight >= self._limits.in_flight:
            return UNAVAILABLE
        self._in_flight += 1
        try:
            await self._gate.append(source, headers, body, inbox_id)
        except (JournalUnavailable, OSError, sqlite3.Error) as error:
            if not self._journal_down:  # once, not for every webhook of an outage
                logger.error("the journal cannot be written: %s", type(error).__name__)
            self._journal_down = True
            return UNAVAILABLE
        finally:
            self._in_flight -= 1
        if self._journal_down:
            logger.warning("the journal can be written again")
            self._journal_down = False
        return KEPT


def _evidence(scope: Event) -> dict[str, str]:
    """The headers that are worth keeping."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _EVIDENCE
    }


async def _stream(served: Served, head_only: bool, send: Send) -> None:
    """Sends a file. One that breaks off is cut off: the receiver misses what was announced."""
    start = {"type": "http.response.start", "status": 200, "headers": list(served.headers)}
    await send(start)
    if not head_only:
        async for piece in files.pieces(served.path):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _peer(scope: Event) -> str:
    """The address that the request came from; the proxy's, where there is one."""
    client = scope["client"]
    return str(client[0]) if client else ""


def _log_without_values(error: Exception) -> None:
    """Log where it broke. The message is left out: it may hold a piece of the body."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("a request failed: %s\n%s", type(error).__name__, where)
