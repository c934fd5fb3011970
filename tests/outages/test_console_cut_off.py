"""Consoles whose link to the server breaks, stalls and crawls, while everything changes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from console_model import ConsoleModel, Picture, snapshot
from faults_kit import size, text_message, webhook
from line_to_meta import QUIET, Office, office
from link_tools import Pipe

from vchat_tui import events
from vchat_tui.broadcast_models import BroadcastContent
from vchat_tui.consoles import Consoles, Limits
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Disconnected
from vchat_tui.events import AnyEvent
from vchat_tui.models import Content, Folder, Status
from vchat_tui.remote import RemoteDesk, Timing
from vchat_tui.simulator.account import BUSINESS_ACCOUNT_ID
from vchat_tui.store.changes import last_seq

CUSTOMERS = [
    f"52155440{number:05d}" for number in range(24)
]  # few enough messages to each for any pace
# The usual ones, a hundred times faster: a link that is silent for 0.9 s is given up.
HASTY = Timing(
    first_pause=0.01, longest_pause=0.05, open=0.5, wait=30, call=60, ping=0.1, stale=0.45, lost=0.9
)
CUTS = size(40, 200)


class ShakyPipe(Pipe):
    """A pipe that can also crawl, or break in the middle of a message.

    Attributes:
        delay: seconds that every piece waits.
        left: bytes until it breaks; None: it does not.
    """

    delay = 0.0
    left: int | None = None

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                await self.open.wait()
                await asyncio.sleep(self.delay)
                if self.left is not None:
                    data, self.left = data[: self.left], self.left - len(data)
                writer.write(data)
                await writer.drain()
                if self.left is not None and self.left <= 0:
                    self.left = None
                    self.cut()


class Console:
    """A console behind a shaky pipe, and what it shows."""

    def __init__(self, remote: RemoteDesk, pipe: ShakyPipe, watched: int) -> None:
        self.remote = remote
        self.pipe = pipe
        self.model = ConsoleModel(remote, watched)


@asynccontextmanager
async def with_consoles(folder: Path, count: int) -> AsyncIterator[tuple[Office, list[Console]]]:
    """An office, its conversations and some consoles; each has one conversation open."""
    knobs = msgspec.structs.replace(QUIET, statuses=True, status_delay=0.005)
    async with contextlib.AsyncExitStack() as stack:
        here = await stack.enter_async_context(office(folder / "home", knobs))
        await here.customers_write(*CUSTOMERS)
        server = Consoles(here.desk, limits=Limits(per_second=100_000, burst=100_000))
        await server.listen(folder / "server.sock")
        stack.push_async_callback(server.close)
        rows = (await here.call(calls.ListConversations())).rows
        consoles = []
        for number in range(count):
            pipe = ShakyPipe(folder / f"pipe{number}.sock", folder / "server.sock")
            await pipe.start()
            stack.push_async_callback(pipe.close)
            remote = RemoteDesk(pipe.path, timing=HASTY)
            remote.start()
            stack.push_async_callback(remote.close)
            console = Console(remote, pipe, rows[number % len(rows)].id)
            stack.push_async_callback(console.model.stop)
            consoles.append(console)
        yield here, consoles


async def assert_up_to_date(here: Office, console: Console) -> None:
    """What the console shows equals what it would read anew.

    A call whose link broke may still reach the server by and by: what changes while it is read
    anew is waited for, too.
    """
    store = here.desk.services.core.store
    while True:
        shown = plain(await console.model.settle(store))
        seq = console.model.seq
        fresh = plain(await snapshot(here.desk, console.model.watched))
        if await store.read(last_seq) == seq:
            break
    assert shown == fresh


def plain(picture: Picture) -> object:
    """As JSON, which is what arrives over the link."""
    return msgspec.json.decode(msgspec.json.encode(picture))


# ---- faults ---------------------------------------------------------------------------------


async def cut(pipe: ShakyPipe, chance: random.Random) -> None:
    """Breaks at once."""
    pipe.cut()


async def break_within(pipe: ShakyPipe, chance: random.Random) -> None:
    """Breaks in the middle of whatever comes next."""
    pipe.left = chance.randrange(1, 3000)
    await asyncio.sleep(0.1)
    pipe.left = None


async def stall(pipe: ShakyPipe, chance: random.Random) -> None:
    """Nothing passes for a while, short or longer than a console is patient; then all of it."""
    pipe.open.clear()
    await asyncio.sleep(chance.choice([0.05, 0.3, 1.2]))
    pipe.open.set()


async def stall_and_cut(pipe: ShakyPipe, chance: random.Random) -> None:
    """Nothing passes, and what was under way is lost."""
    pipe.open.clear()
    await asyncio.sleep(chance.choice([0.05, 0.3]))
    pipe.cut()
    pipe.open.set()


async def crawl(pipe: ShakyPipe, chance: random.Random) -> None:
    """Every piece takes long."""
    pipe.delay = 0.05
    await asyncio.sleep(0.5)
    pipe.delay = 0.0


FAULTS = (cut, cut, break_within, stall, stall_and_cut, crawl)


async def live(
    here: Office, consoles: list[Console], chance: random.Random, numbers: Iterator[int]
) -> list[str]:
    """Customers write and agents answer, file, read and draft, until cancelled."""
    rows = [row.id for row in (await here.call(calls.ListConversations())).rows]
    texts: list[str] = []
    sending: list[asyncio.Task[object]] = []
    try:
        for number in numbers:
            console = chance.choice(consoles)
            row = chance.choice(rows)
            customer = chance.choice(CUSTOMERS)
            said = text_message(customer, f"wamid.live.{number}", f"question {number}")
            await here.desk.services.gate.append("meta", {}, webhook(said), 1)
            if number % 2:
                text = f"answer {number}"
                texts.append(text)
                call: calls.Call[object] = calls.Reply(  # type: ignore[assignment]
                    conversation_id=row, client_id=text, text=text
                )
            else:
                call = chance.choice(
                    [
                        calls.MarkRead(conversation_id=row),
                        calls.SaveDraft(conversation_id=row, text=f"draft {number}"),
                        calls.MoveConversation(conversation_id=row, folder=Folder.ARCHIVE),
                        calls.MoveConversation(conversation_id=row, folder=Folder.INBOX),
                    ]
                )
            sending.append(asyncio.create_task(console.remote.call(call)))
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        unexpected = [
            outcome
            for outcome in outcomes
            if isinstance(outcome, BaseException) and not isinstance(outcome, Disconnected)
        ]
        assert not unexpected
    return texts


async def test_after_every_fault_consoles_show_what_is(tmp_path: Path) -> None:
    chance = random.Random(5)
    async with with_consoles(tmp_path, 5) as (here, consoles):
        done, numbers = 0, itertools.count(1)
        texts: list[str] = []
        while done < CUTS:
            life = asyncio.create_task(live(here, consoles, chance, numbers))
            await asyncio.sleep(0.05)
            victims = chance.sample(consoles, chance.randrange(1, 4))
            await asyncio.gather(*(chance.choice(FAULTS)(v.pipe, chance) for v in victims))
            done += len(victims)
            life.cancel()
            texts += await life
            await everything_sent(here)
            for console in consoles:
                await assert_up_to_date(here, console)
        rows = await here.rows("SELECT text FROM message WHERE direction = 'out'")
        written = [row[0] for row in rows]
        assert len(set(written)) == len(written), "pressed once, there once"
        assert set(written) <= set(texts)
        assert all(count == 1 for count in here.accepts().values())
        frames = sum(console.model.frames for console in consoles)
        resyncs = sum(console.model.resyncs for console in consoles)
        print(f"{done} faults, {len(written)} sends, {frames} frames, {resyncs} snapshots")


async def everything_sent(here: Office) -> None:
    """Nothing is on its way any more: no send, no status, no webhook."""
    while await here.rows("SELECT 1 FROM outbox"):
        await asyncio.sleep(0.01)
    last = "SELECT count(*) FROM message WHERE direction = 'out' AND status NOT IN ('delivered', 'read')"
    while await here.rows(last) != [(0,)]:
        await asyncio.sleep(0.01)
    await here.simulator.idle()
    await here.call(calls.Settle())


async def test_a_send_pressed_offline_is_there_once(tmp_path: Path) -> None:
    async with with_consoles(tmp_path, 1) as (here, [console]):
        await console.model.settle(here.desk.services.core.store)
        row = console.model.watched
        assert row is not None
        console.pipe.open.clear()
        console.pipe.cut()
        reply = calls.Reply(conversation_id=row, client_id="enter", text="offline")
        pressed = [asyncio.create_task(console.remote.call(reply)) for _ in range(2)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in pressed)
        console.pipe.open.set()
        first, second = await asyncio.gather(*pressed)
        assert first.id == second.id
        await here.reaches(first, Status.DELIVERED, Status.READ)
        await everything_sent(here)
        await assert_up_to_date(here, console)
        assert here.accepts() == {"offline": 1}


# ---- a case for every kind of event ----------------------------------------------------------


async def customer_writes(here: Office) -> None:
    await here.desk.services.gate.append(
        "meta", {}, webhook(text_message(CUSTOMERS[0], "wamid.again", "hello again")), 1
    )


async def archive(here: Office) -> None:
    rows = (await here.call(calls.ListConversations())).rows
    await here.call(calls.MoveConversation(conversation_id=rows[0].id, folder=Folder.ARCHIVE))


async def two_halves_meet(here: Office) -> None:
    """Somebody known by a hidden-number id alone turns out to be a number that we know."""
    value = text_message(CUSTOMERS[1], "wamid.half.1", "who am I?")
    person = {"user_id": "MX.777000777", "profile": {"name": "Nadie"}}
    message = value["messages"][0]
    del message["from"]
    message["from_user_id"] = person["user_id"]
    both = text_message(CUSTOMERS[1], "wamid.half.2", "it is me")
    both["contacts"][0]["user_id"] = both["messages"][0]["from_user_id"] = person["user_id"]
    gate = here.desk.services.gate
    await gate.append("meta", {}, webhook({**value, "contacts": [person]}), 1)
    await gate.append("meta", {}, webhook(both), 1)


async def everybody_writes(here: Office) -> None:
    values = [
        text_message(f"52155990{number:05d}", f"wamid.many.{number}", "hi") for number in range(100)
    ]
    await here.desk.services.gate.append("meta", {}, webhook(*values), 1)


async def rename(here: Office) -> None:
    user = (await here.call(calls.ListUsers())).rows[0]
    await here.call(calls.SaveUser(user_id=user.id, name="Otro Nombre"))


async def change_inbox(here: Office) -> None:
    await here.save_inbox(sends_per_second=20)


async def hold_and_discard(here: Office) -> None:
    row = next(
        row
        for row in (await here.call(calls.ListConversations())).rows
        if row.address == CUSTOMERS[0]
    )
    close = "UPDATE conversation SET window_ends_at = NULL WHERE id = ?"
    await here.desk.services.core.store.write(lambda db: db.execute(close, (row.id,)))
    content = Content(type="text", text="later")
    held = await here.call(calls.Hold(conversation_id=row.id, client_id="h", content=content))
    await here.call(calls.DiscardHeld(message_id=held.id))
    await here.desk.services.gate.append(
        "meta", {}, webhook(text_message(CUSTOMERS[0], "wamid.then", "and then")), 1
    )  # its window was closed by hand: this tells of it


async def template_is_paused(here: Office) -> None:
    told = {
        "event": "PAUSED",
        "message_template_name": "order_confirmation",
        "message_template_language": "en_US",
    }
    change = {"field": "message_template_status_update", "value": told}
    entry = {"id": BUSINESS_ACCOUNT_ID, "changes": [change]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    await here.desk.services.gate.append("meta", {}, body, 1)


async def garbage_arrives(here: Office) -> None:
    await here.desk.services.gate.append("meta", {}, b"no json", 1)


async def make_broadcast(here: Office) -> None:
    (inbox,) = await here.call(calls.ListInboxes())
    content = BroadcastContent(text="¡Hola!")
    await here.call(
        calls.CreateBroadcast(client_id="b", inbox_id=inbox.id, name="Navidad", content=content)
    )


async def agent_sits_down(here: Office) -> None:
    agent = await here.call(calls.SaveAgent(name="Lucía"))
    await here.call(calls.ChooseAgent(agent_id=agent.id))


CASES: dict[type[events.Event], Callable[[Office], Awaitable[None]]] = {
    events.MessageChanged: customer_writes,
    events.MessageGone: hold_and_discard,
    events.ConversationChanged: archive,
    events.ConversationGone: two_halves_meet,
    events.ManyChanged: everybody_writes,
    events.UserChanged: rename,
    events.InboxesChanged: change_inbox,
    events.TemplatesChanged: template_is_paused,
    events.DiagnosticsChanged: garbage_arrives,
    events.CountsChanged: customer_writes,
    events.BroadcastsChanged: make_broadcast,
    events.AgentsChanged: agent_sits_down,
}


def test_every_kind_of_event_has_a_case() -> None:
    assert set(CASES) == set(ConsoleModel.HANDLERS) == set(get_args(AnyEvent))


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
async def test_every_event_brings_the_console_up_to_date(
    kind: type[events.Event], tmp_path: Path
) -> None:
    async with with_consoles(tmp_path, 1) as (here, [console]):
        rows = (await here.call(calls.ListConversations())).rows
        console.model.watched = next(row.id for row in rows if row.address == CUSTOMERS[0])
        await console.remote.watch(console.model.watched)
        await assert_up_to_date_after_watch(here, console)
        before = console.model.resyncs
        await CASES[kind](here)
        await here.call(calls.Settle())
        await assert_up_to_date(here, console)
        assert kind in console.model.seen
        assert console.model.resyncs == before, "by its event, not by a snapshot"


async def assert_up_to_date_after_watch(here: Office, console: Console) -> None:
    """The first snapshot, taken of the conversation that is watched now."""
    await console.model.settle(here.desk.services.core.store)
    console.model.picture = await snapshot(console.remote, console.model.watched)
    await assert_up_to_date(here, console)
