"""uvicorn's HTTP protocol with what it lacks: deadlines and caps on what a request may cost.

uvicorn waits for ever for a slow request and takes a body of any size. Here every connection has a
clock that the listener looks at several times a second, and every byte is counted before anybody
keeps it. What is over a limit gets a short refusal, and its connection is closed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from http import HTTPStatus

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from vchat_tui.listener.limits import Limits

_REFUSALS = {
    status: (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ).encode()
    for status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
}


class Load:
    """What all connections of a listener have in common."""

    def __init__(self) -> None:
        self.held = 0  # bytes of bodies whose requests are not answered yet
        self.stopping = False


class _Refused(Exception):
    """Stops the parser; the refusal is on its way already."""


class CappedProtocol(HttpToolsProtocol):
    """One connection.

    Args:
        config: uvicorn's.
        state: uvicorn's; knows all connections.
        limits: what is too much.
        load: shared by all connections.
    """

    def __init__(self, config: Config, state: ServerState, limits: Limits, load: Load) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self.access_log = False  # addresses hold verify tokens
        self.limits = limits
        self.load = load
        self.refused = False
        self.receiving = False  # some of a request is here, but not all
        self.began = False  # its first line has begun
        self.in_body = False
        self.head_size = 0  # bytes of the address and the header fields
        self.body_size = 0
        self.wire_size = 0  # bytes read for this request, after those that it began with
        self.unanswered: deque[int] = deque()  # a body size for each request, oldest first
        self.since = self.loop.time()
        self.patience = limits.request_seconds

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection, if there is room."""
        full = len(self.connections) >= self.limits.connections
        if self.load.stopping or (full and not self._make_room()):
            self.transport = transport
            self.refused = True
            transport.write(_REFUSALS[HTTPStatus.SERVICE_UNAVAILABLE])
            transport.close()
            return
        super().connection_made(transport)

    def _make_room(self) -> bool:
        """Close the connection that has kept us waiting longest, if one has at all: otherwise a few
        hundred silent connections would lock everybody else out."""
        waiting = [
            other
            for other in self.connections
            if isinstance(other, CappedProtocol) and not other._busy()
        ]
        slowest = min(waiting, key=lambda other: other.since, default=None)
        if slowest is None or self.loop.time() - slowest.since < self.limits.spare_seconds:
            return False
        self.connections.discard(slowest)
        slowest.transport.abort()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; so is what it held."""
        self.load.held -= sum(self.unanswered)
        self.unanswered.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the sender: the clock runs from a request's first."""
        if self.refused:
            return
        self._unset_keepalive_if_required()
        if not self.receiving:
            self.receiving = True
            self._restart_clock()
        elif self.began:
            self.wire_size += len(data)
        try:
            self.parser.feed_data(data)
            self._check_wire_size()
        except _Refused:
            return
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(HTTPStatus.BAD_REQUEST)

    def _check_wire_size(self) -> None:
        """Count what the parser swallows without telling us: a header field without end, the
        extensions of chunks."""
        if self.receiving and not self.in_body and self.wire_size > self.limits.header_bytes:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if self.wire_size > 2 * self.limits.body_bytes + self.limits.header_bytes:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    # The request, as the parser meets it

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.head_size = self.body_size = self.wire_size = 0
        self.began = True
        if not self.receiving:  # it came in one packet with the one before
            self.receiving = True
            self._restart_clock()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self.head_size += len(url)
        if self.head_size > self.limits.header_bytes:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field; those after the body are ignored."""
        if self.in_body:
            return
        name = name.lower()
        headers = self.headers
        headers.append((name, value))
        self.head_size += len(name) + len(value)
        limits = self.limits
        if self.head_size > limits.header_bytes or len(headers) > limits.header_fields:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if name == b"content-length":
            if int(value) > limits.body_bytes:
                self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif name == b"content-encoding":  # a small body could unpack to a huge one
            self._stop(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True

    def on_headers_complete(self) -> None:
        """All but the body is here: the application starts."""
        if self.parser.should_upgrade():
            self._stop(HTTPStatus.BAD_REQUEST)
        if len(self.unanswered) >= self.limits.pipelined:
            self._stop(HTTPStatus.SERVICE_UNAVAILABLE)
        super().on_headers_complete()
        self.in_body = True
        self.unanswered.append(0)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        size = len(body)
        self.body_size += size
        if self.body_size > self.limits.body_bytes:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self.cycle.response_complete:
            self.unanswered[-1] += size
            self.load.held += size
            if self.load.held > self.limits.held_bytes:
                self._stop(HTTPStatus.SERVICE_UNAVAILABLE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self.receiving = self.began = self.in_body = False
        self._restart_clock()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The oldest request is answered."""
        if self.unanswered:
            self.load.held -= self.unanswered.popleft()
        self._restart_clock()
        if self.refused:  # a later request of this connection was bad
            self.transport.close()
        super().on_response_complete()

    # The clock

    def resume_writing(self) -> None:
        """The other side has taken what we wrote: a file may take longer than one answer."""
        super().resume_writing()
        self.since = self.loop.time()

    def _body_awaited(self) -> bool:
        """Whether the newest request is still coming in, and not answered in advance."""
        return self.in_body and not self.cycle.response_complete

    def _busy(self) -> bool:
        """Whether a request that is here in full waits for us."""
        return len(self.unanswered) > self._body_awaited()

    def _restart_clock(self) -> None:
        """Something new is awaited from now on."""
        self.since = self.loop.time()
        if self._busy():
            self.patience = self.limits.answer_seconds
        elif self.receiving:
            self.patience = self.limits.request_seconds
        else:
            self.patience = self.limits.idle_seconds

    def close_if_overdue(self, now: float) -> None:
        """Part with a sender that takes too long; called again and again by the listener.

        Args:
            now: the loop's time.
        """
        if now - self.since < self.patience:
            return
        if self.refused or self._busy():
            self.transport.abort()  # it does not take what we write
        elif self.receiving:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    # Refusals

    def _stop(self, status: HTTPStatus) -> None:
        """Refuse from inside the parser."""
        self._refuse(status)
        raise _Refused

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer the request that is coming in with a refusal, and take nothing more.

        Requests before it that are answered right now get their answer first, and no refusal
        follows: the connection just closes.
        """
        if self.refused:
            return
        self.refused = True
        self.pipeline.clear()
        if self._busy():
            return
        answered = self.in_body  # in advance, or it has begun
        if self._body_awaited():
            answered = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if answered:
            self.transport.close()
            return
        self.transport.write(_REFUSALS[status])
        self.transport.write_eof()
        self.since = self.loop.time()
        self.patience = self.limits.linger_seconds
