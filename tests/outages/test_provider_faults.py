"""Everything that can go wrong between us and the provider, and where each message then stands.

What certainly did not reach the provider goes again, and arrives once. What may have reached it is
of unknown fate and is never repeated by itself. What was refused says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from chaos import Exchange, Fault, http, meta_error, passes
from line_to_meta import QUIET, Office, office

from vchat_tui.channels.http import MAX_ANSWER
from vchat_tui.desk import calls
from vchat_tui.desk.outbound import MAX_ATTEMPTS
from vchat_tui.models import Status

CUSTOMER, OTHER = "5215555550101", "12025550143"

# ---- faults on the way there: the request never left ----------------------------------------

NO_SUCH_HOST = "graph.provider.invalid"


@contextlib.asynccontextmanager
async def name_unknown(here: Office) -> AsyncIterator[str]:
    """The name of the provider cannot be looked up; nobody outside is asked for it."""
    look_up = socket.getaddrinfo

    def refuse(host: str | bytes | None, *args: object, **more: object) -> object:
        if host in (NO_SUCH_HOST, NO_SUCH_HOST.encode()):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        yield f"https://{NO_SUCH_HOST}"


@contextlib.asynccontextmanager
async def refused(here: Office) -> AsyncIterator[str]:
    """Nobody listens."""
    with socket.socket() as taken:  # bound, so that nobody else gets the port; not listening
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.asynccontextmanager
async def tls_failure(here: Office) -> AsyncIterator[str]:
    """What answers there does not speak TLS."""
    yield here.proxy.url.replace("http:", "https:")


@contextlib.asynccontextmanager
async def connect_timeout(here: Office) -> AsyncIterator[str]:
    """The queue of connections is full, so that no handshake is answered."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


UNREACHABLE = [name_unknown, refused, tls_failure, connect_timeout]


@pytest.mark.parametrize("broken", UNREACHABLE, ids=lambda broken: broken.__name__)
async def test_what_never_left_goes_again(
    broken: Callable[[Office], contextlib.AbstractAsyncContextManager[str]], tmp_path: Path
) -> None:
    async with office(tmp_path / "home") as here:
        async with broken(here) as url:
            await here.customers_write(CUSTOMER)
            await here.save_inbox(api_base_url=url)
            message = await here.send(CUSTOMER, "hello")
            item = await here.after_attempt(message, 1)
            assert item.message.status == Status.QUEUED
            assert item.message.error is not None
            assert item.message.error.code == "not_sent"
            assert not here.accepts()
        await here.save_inbox(api_base_url=here.proxy.url)
        await here.let_time_pass()
        await here.reaches(message, Status.ACCEPTED)
        assert here.accepts() == {"hello": 1}


async def test_in_the_end_it_fails_and_a_person_can_try_again(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here, refused(here) as url:
        await here.customers_write(CUSTOMER)
        await here.save_inbox(api_base_url=url)
        message = await here.send(CUSTOMER, "hello")
        for number in range(1, MAX_ATTEMPTS + 1):
            await here.after_attempt(message, number)
            await here.let_time_pass()
        item = await here.reaches(message, Status.FAILED)
        assert item.attempts == MAX_ATTEMPTS
        assert item.message.error is not None
        assert item.message.error.code == "not_sent"
        await here.save_inbox(api_base_url=here.proxy.url)
        await here.call(calls.Retry(message_id=message.id))
        await here.reaches(message, Status.ACCEPTED)
        assert here.accepts() == {"hello": 1}


# ---- faults of the answer --------------------------------------------------------------------


def replies(data: bytes) -> Fault:
    """The provider never sees the request; this comes back."""

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(data)

    return fault


def accepts_but(data: bytes) -> Fault:
    """The provider takes the message in, and this comes back in the place of its answer."""

    async def fault(exchange: Exchange) -> None:
        await exchange.ask_provider()
        await exchange.answer(data)

    return fault


async def reset_before(exchange: Exchange) -> None:
    """The connection breaks; the provider saw nothing, which we cannot know."""
    exchange.reset()


async def reset_after(exchange: Exchange) -> None:
    """The provider takes the message in, and the connection breaks."""
    await exchange.ask_provider()
    exchange.reset()


async def black_hole(exchange: Exchange) -> None:
    """Nobody ever answers; the provider saw nothing."""
    await exchange.gone()


async def black_hole_after(exchange: Exchange) -> None:
    """The provider takes the message in, and nobody ever answers."""
    await exchange.ask_provider()
    await exchange.gone()


async def truncated(exchange: Exchange) -> None:
    """The answer ends in the middle."""
    answer = await exchange.ask_provider()
    await exchange.answer(answer[:-20])
    exchange.reset()


async def trickle(exchange: Exchange) -> None:
    """The answer comes a byte at a time, faster than any time-out between two bytes."""
    for byte in await exchange.ask_provider() + b" " * 1000:
        if not exchange.is_open():
            return
        await exchange.answer(bytes([byte]))
        await asyncio.sleep(0.02)


async def endless(exchange: Exchange) -> None:
    """The answer never ends."""
    await exchange.ask_provider()
    await exchange.answer(http(200, b"")[:-2].replace(b"Content-Length: 0\r\n", b"") + b"\r\n")
    for _ in range(2 * MAX_ANSWER // 65_536):
        if exchange.is_open():
            await exchange.answer(b"[" * 65_536)


def retry_after(value: str) -> bytes:
    """A 429 of Meta's with this header."""
    return meta_error(429, 130429, f"Retry-After: {value}")


NO_ID = http(200, json.dumps({"messaging_product": "whatsapp"}).encode())
HTML = http(200, b"<html>Sign in to the network</html>", "Content-Type: text/html")
IN_HALF_AN_HOUR = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)


class Then(NamedTuple):
    """Where a message stands after a fault.

    `status`: at once. `paused`: nothing of the inbox goes until an admin acts. `wait`: seconds
    until it goes again, at least and at most; None: it does not.
    """

    status: Status
    paused: bool = False
    wait: tuple[float, float] | None = None


GOES_AGAIN = Then(Status.QUEUED, wait=(0, 300))
UNKNOWN = Then(Status.UNKNOWN)
FAILED = Then(Status.FAILED)
PAUSED = Then(Status.QUEUED, paused=True, wait=(0, 0))

KINDS: list[tuple[str, Fault, Then]] = [
    # nobody can know whether it was sent
    ("reset before", reset_before, UNKNOWN),
    ("reset after the request", reset_after, UNKNOWN),
    ("black hole", black_hole, UNKNOWN),
    ("black hole after the request", black_hole_after, UNKNOWN),
    ("truncated answer", truncated, UNKNOWN),
    ("trickle", trickle, UNKNOWN),
    ("endless answer", endless, UNKNOWN),
    ("not HTTP", accepts_but(b"220 mail.example ESMTP\r\n\r\n"), UNKNOWN),
    ("200 with HTML", accepts_but(HTML), UNKNOWN),
    ("200 without id", accepts_but(NO_ID), UNKNOWN),
    ("500 of a gateway", accepts_but(meta_error(500, None)), UNKNOWN),
    ("502 of a gateway", accepts_but(meta_error(502, None)), UNKNOWN),
    ("503 of a gateway", accepts_but(meta_error(503, None)), UNKNOWN),
    ("504 of a gateway", accepts_but(meta_error(504, None)), UNKNOWN),
    # Meta says with a code that it did not send it, whatever the HTTP status
    ("200 with an error object", replies(meta_error(200, 131000)), GOES_AGAIN),
    ("500 with a code", replies(meta_error(500, 131016)), GOES_AGAIN),
    ("503 with a code", replies(meta_error(503, 2)), GOES_AGAIN),
    ("408", replies(meta_error(408, None)), GOES_AGAIN),
    ("429", replies(meta_error(429, 130429)), GOES_AGAIN),
    ("429 without a code", replies(meta_error(429, None)), GOES_AGAIN),
    ("429, 7 seconds", replies(retry_after("7")), Then(Status.QUEUED, wait=(5, 7.5))),
    (
        "429, a date",
        replies(retry_after(IN_HALF_AN_HOUR)),
        Then(Status.QUEUED, wait=(1, 1800.5)),  # the date was made when the tests were collected
    ),
    ("429, negative", replies(retry_after("-5")), Then(Status.QUEUED, wait=(0, 1.5))),
    ("429, 1e9", replies(retry_after("1000000000")), Then(Status.QUEUED, wait=(3500, 3600.5))),
    ("429, nonsense", replies(retry_after("1e9 soon")), GOES_AGAIN),
    # nothing of this inbox can go before an admin acts; the message is as good as ever
    ("401", replies(meta_error(401, 190)), PAUSED),
    ("401 without a code", replies(meta_error(401, None)), PAUSED),
    ("403", replies(meta_error(403, 10)), PAUSED),
    ("404", replies(meta_error(404, None)), PAUSED),
    ("a redirect", replies(http(302, b"", "Location: http://127.0.0.1:9/")), PAUSED),
    # refused: trying again by itself is no use
    ("400", replies(meta_error(400, 131009)), FAILED),
    ("400 without a code", replies(meta_error(400, None)), FAILED),
    ("409", replies(meta_error(409, None)), FAILED),
    ("413", replies(meta_error(413, None)), FAILED),
]


async def seconds_to_wait(here: Office) -> float:
    """How long the only message in the outbox was told to wait."""
    ((next_at, changed_at),) = await here.rows("SELECT next_at, changed_at FROM outbox")
    return max(0.0, (next_at - changed_at) / 1000)


@pytest.mark.parametrize(("fault", "then"), [kind[1:] for kind in KINDS], ids=[k[0] for k in KINDS])
async def test_where_a_message_stands(fault: Fault, then: Then, tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER, OTHER)
        here.proxy.fault = fault
        message = await here.send(CUSTOMER, "hello")
        item = await here.after_attempt(message, 1)
        assert item.message.status == then.status
        assert item.message.error is not None, "a person must see why"
        if then.wait is not None:
            assert then.wait[0] <= await seconds_to_wait(here) <= then.wait[1]
        assert ((await here.inbox()).paused is not None) == then.paused

        here.proxy.fault = passes
        if then.paused:
            await here.call(calls.ResumeInbox(inbox_id=(await here.inbox()).id))
        await here.let_time_pass()
        if then.status == Status.QUEUED:
            await here.reaches(message, Status.ACCEPTED)
        # another conversation is held up by nothing; once it went, everything due has gone
        await here.reaches(await here.send(OTHER, "beside it"), Status.ACCEPTED)
        if then.status != Status.QUEUED:
            after = await here.item(message)
            assert (after.message.status, after.attempts) == (then.status, 1)
        assert here.accepts()["hello"] <= 1


async def test_a_connection_that_breaks_at_once(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        here.proxy.resets_new = True
        message = await here.send(CUSTOMER, "hello")
        assert (await here.after_attempt(message, 1)).message.status == Status.UNKNOWN
        assert not here.accepts()


DOUBTFUL = [
    kind for kind in KINDS if kind[2] is UNKNOWN and kind[1] not in (reset_before, black_hole)
]


@pytest.mark.parametrize("fault", [kind[1] for kind in DOUBTFUL], ids=[k[0] for k in DOUBTFUL])
async def test_statuses_settle_what_arrived(fault: Fault, tmp_path: Path) -> None:
    """The provider had it after all: its statuses carry our data, and nothing is sent again."""
    knobs = msgspec.structs.replace(QUIET, statuses=True, status_delay=0.02)
    async with office(tmp_path / "home", knobs) as here:
        await here.customers_write(CUSTOMER)
        here.proxy.fault = fault
        first = await here.send(CUSTOMER, "hello")
        behind = await here.send(CUSTOMER, "and this")
        item = await here.reaches(first, Status.DELIVERED, Status.READ)
        assert item.message.provider_id == here.simulator.ledger.messages()[0].id
        here.proxy.fault = passes
        await here.reaches(behind, Status.DELIVERED, Status.READ, Status.UNKNOWN)
        assert here.accepts() == {"hello": 1, "and this": 1}
        assert [entry.body["text"]["body"] for entry in here.simulator.ledger.messages()] == [
            "hello",
            "and this",
        ]


async def test_only_a_person_sends_what_is_in_doubt_again(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        here.proxy.fault = reset_after
        message = await here.send(CUSTOMER, "hello")
        await here.reaches(message, Status.UNKNOWN)
        here.proxy.fault = passes
        with pytest.raises(calls.DeskError):
            await here.call(calls.Retry(message_id=message.id))
        assert here.accepts() == {"hello": 1}
        await here.call(calls.Retry(message_id=message.id, may_double=True))
        await here.reaches(message, Status.ACCEPTED)
        assert here.accepts() == {"hello": 2}
        sent = [entry.callback_data for entry in here.simulator.ledger.messages()]
        assert len(set(sent)) == 2, "each attempt has a name of its own"
