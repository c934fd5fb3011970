"""Everything that can go wrong between us and the provider, and where each message then stands.

What certainly did not reach the provider goes again, and arrives once. What may have reached it is
of unknown fate and is never repeated by itself. What was refused says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from chaos import Exchange, Fault, passes
from every_line import Line, line_of
from fault_kinds import (
    GOES_AGAIN,
    META,
    UNKNOWN,
    Kind,
    Then,
    black_hole,
    kinds_of,
    reset_after,
    reset_before,
)
from line_to_meta import QUIET, BehindProxy, office

from vchat_tui.desk import calls
from vchat_tui.desk.outbound import MAX_ATTEMPTS
from vchat_tui.models import Message, Status, TimelineItem

CUSTOMER = "5215555550101"

# ---- faults on the way there: the request never left ----------------------------------------

NO_SUCH_HOST = "graph.provider.invalid"


@contextlib.asynccontextmanager
async def name_unknown(here: BehindProxy) -> AsyncIterator[str]:
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
async def refused(here: BehindProxy) -> AsyncIterator[str]:
    """Nobody listens."""
    with socket.socket() as taken:  # bound, so that nobody else gets the port; not listening
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.asynccontextmanager
async def tls_failure(here: BehindProxy) -> AsyncIterator[str]:
    """What answers there does not speak TLS."""
    yield here.proxy.url.replace("http:", "https:")


@contextlib.asynccontextmanager
async def connect_timeout(here: BehindProxy) -> AsyncIterator[str]:
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


# ---- faults of the answer, and all of them at every provider ----------------------------------

PLACES = [
    ("whatsapp_cloud", "text"),
    ("whatsapp_cloud", "template"),
    ("whatsapp_cloud", "media"),
    ("whatsapp_360dialog", "text"),
    ("whatsapp_360dialog", "template"),
    ("whatsapp_360dialog", "media"),
    ("sms_twilio", "text"),
    ("sms_twilio", "media"),
    ("whatsapp_twilio", "text"),
    ("whatsapp_twilio", "template"),
    ("whatsapp_twilio", "media"),
]
NEVER_LEFT = {broken.__name__: broken for broken in UNREACHABLE}
KINDS = kinds_of(META)
NAMES = [*(kind.name for kind in KINDS), *NEVER_LEFT]


class Stood(NamedTuple):
    """Where a message stood after its fault and, once everything was well again, in the end."""

    then: Then
    at_once: TimelineItem
    wait: float
    paused: bool
    in_the_end: TimelineItem
    taken: int


class Trial:
    """Every kind of fault at one line, each with a customer of its own."""

    def __init__(self, here: Line, what: str) -> None:
        self.here = here
        self.what = what
        self.kinds = kinds_of(here.words)
        self.faults: dict[str, Fault] = {}
        self.messages: dict[str, Message] = {}
        self.seen: dict[str, tuple[Then, TimelineItem, float, bool]] = {}
        here.proxy.fault = self.treat

    async def treat(self, exchange: Exchange) -> None:
        """The fault of the message that is in a request; all else passes."""
        for name, fault in self.faults.items():
            if word(name).encode() in exchange.request:
                return await fault(exchange)
        return await passes(exchange)

    async def meet(self, *kinds: Kind) -> None:
        """A message for each of these, all at once, and what became of it at first."""
        self.faults = {kind.name: kind.fault for kind in kinds}
        for kind in kinds:
            sent = await self.here.queue(number_of(kind.name), word(kind.name), self.what)
            self.messages[kind.name] = sent
        for kind in kinds:
            item = await self.here.after_attempt(self.messages[kind.name], 1)
            sql = "SELECT next_at, changed_at FROM outbox WHERE message_id = ?"
            rows = await self.here.rows(sql, item.message.id)
            wait = max(0, rows[0][0] - rows[0][1]) / 1000 if rows else 0
            paused = (await self.here.inbox()).paused is not None
            self.seen[kind.name] = kind.then, item, wait, paused

    async def recover(self, *kinds: Kind) -> None:
        """All is well again: what waits goes."""
        self.faults = {}
        inbox = await self.here.inbox()
        if inbox.paused is not None:
            await self.here.call(calls.ResumeInbox(inbox_id=inbox.id))
        await self.here.let_time_pass()
        for kind in kinds:
            if kind.then.status == Status.QUEUED:
                await self.here.reaches(self.messages[kind.name], Status.ACCEPTED)

    async def run(self) -> dict[str, Stood]:
        """What became of each."""
        await self.here.begin([number_of(name) for name in (*NAMES, "beside")], self.what)
        again = [kind for kind in self.kinds if kind.then.wait and not kind.then.paused]
        ended = [kind for kind in self.kinds if kind.then.wait is None]
        for kind in again:  # one by one: each is looked at before it goes again
            await self.meet(kind)
        await self.recover(*again)
        await self.meet(*ended)
        await self.recover()
        for kind in self.kinds:
            if kind.then.paused:
                await self.meet(kind)
                await self.recover(kind)
        for name, broken in NEVER_LEFT.items():
            kind = Kind(name, passes, GOES_AGAIN)
            async with broken(self.here) as url:
                await self.here.save_inbox(api_base_url=url)
                await self.meet(kind)
            await self.here.save_inbox(api_base_url=self.here.base_url)
            await self.recover(kind)
        # once this went, everything due has gone
        beside = await self.here.queue(number_of("beside"), word("beside"), self.what)
        await self.here.reaches(beside, Status.ACCEPTED)
        return {name: await self.stood(name) for name in self.messages}

    async def stood(self, name: str) -> Stood:
        """What became of one, now that all is over."""
        item = await self.here.item(self.messages[name])
        return Stood(*self.seen[name], item, self.here.taken(word(name)))


def number_of(name: str) -> str:
    """The customer for a kind of fault."""
    return f"1415555{2000 + [*NAMES, 'beside'].index(name)}"


def word(name: str) -> str:
    """What stands in the message for a kind of fault."""
    return f"w{number_of(name)[-4:]}w"


@pytest.fixture(scope="module", params=PLACES, ids="-".join)
def stood(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Stood]:
    """Where everything stands after every fault, at one provider, for one kind of message."""
    channel, what = request.param

    async def trial() -> dict[str, Stood]:
        async with line_of(channel, tmp_path_factory.mktemp("home") / "home") as here:
            return await Trial(here, what).run()

    return asyncio.run(trial())


@pytest.mark.parametrize("name", NAMES)
def test_where_a_message_stands(stood: dict[str, Stood], name: str) -> None:
    then, at_once, wait, paused, in_the_end, taken = stood[name]
    assert at_once.message.status == then.status
    assert at_once.message.error is not None, "a person must see why"
    if name in NEVER_LEFT:
        assert at_once.message.error.code == "not_sent"
    if then.wait is not None:
        assert then.wait[0] <= wait <= then.wait[1]
    assert paused == then.paused
    if then.status == Status.QUEUED:
        assert (in_the_end.message.status, taken) == (Status.ACCEPTED, 1)
    else:
        assert (in_the_end.message.status, in_the_end.attempts) == (then.status, 1)
        assert taken <= 1


async def test_a_connection_that_breaks_at_once(tmp_path: Path) -> None:
    async with office(tmp_path / "home") as here:
        await here.customers_write(CUSTOMER)
        here.proxy.resets_new = True
        message = await here.send(CUSTOMER, "hello")
        assert (await here.after_attempt(message, 1)).message.status == Status.UNKNOWN
        assert not here.accepts()


DOUBTFUL = [
    kind for kind in KINDS if kind.then is UNKNOWN and kind.fault not in (reset_before, black_hole)
]


@pytest.mark.parametrize("fault", [k.fault for k in DOUBTFUL], ids=[k.name for k in DOUBTFUL])
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
