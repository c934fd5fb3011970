"""The access token expires while five hundred messages wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

import pytest
from chaos import Exchange, meta_error, passes
from faults_kit import size
from line_to_meta import Office, brisk_channel, office

from vchat_tui.desk import calls
from vchat_tui.desk.outbound import MAX_IN_FLIGHT, Sender
from vchat_tui.events import InboxesChanged
from vchat_tui.models import Message, Status
from vchat_tui.simulator.account import ACCESS_TOKEN

WAITING = size(500, 2000)
CUSTOMERS = [f"52155440{number:05d}" for number in range(300)]
OLD_TOKEN = "EAAExpiresInTheMiddle"
GOOD_BEFORE = 40  # requests that the old token is still good for
EXPIRED = meta_error(401, 190)


class Tokens:
    """Meta, as far as tokens go: the old one is good for a while, the new one from then on.

    While `hold` is set, refusals wait until `let_go`.
    """

    def __init__(self) -> None:
        self.good_left = GOOD_BEFORE
        self.new_works = False
        self.refused = 0
        self.held = 0
        self.first = asyncio.Event()
        self.others = asyncio.Event()

    async def answer(self, exchange: Exchange) -> None:
        """Treats a request by its token."""
        if not exchange.request.startswith(b"POST"):
            await exchange.answer(EXPIRED)  # not a message: the templates are read, too
            return
        if OLD_TOKEN.encode() in exchange.request:
            if self.good_left > 0:
                self.good_left -= 1
                exchange.request = exchange.request.replace(
                    OLD_TOKEN.encode(), ACCESS_TOKEN.encode()
                )
                await passes(exchange)
                return
            await self._refuse(exchange)
            return
        assert self.new_works
        await passes(exchange)

    async def _refuse(self, exchange: Exchange) -> None:
        self.held += 1
        number, gate = self.held, self.first if self.held == 1 else self.others
        await gate.wait()
        assert number == 1 or self.first.is_set()
        self.refused += 1
        await exchange.answer(EXPIRED)


async def queue(here: Office) -> list[Message]:
    """Messages to all customers in turn, so that each conversation has several waiting."""
    return [
        await here.send(CUSTOMERS[number % len(CUSTOMERS)], f"message {number}")
        for number in range(WAITING)
    ]


def sends(here: Office) -> int:
    """How many messages were asked to be sent so far."""
    return sum(request.startswith(b"POST") for request in here.proxy.requests)


async def quiet(here: Office) -> None:
    """Returns once nothing is under way."""
    while await here.rows("SELECT 1 FROM outbox WHERE state = 'sending'"):
        await asyncio.sleep(0.01)


async def test_the_queue_stops_at_once_and_loses_nothing(tmp_path: Path) -> None:
    tokens = Tokens()
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(access_token=OLD_TOKEN)
        await here.customers_write(*CUSTOMERS)
        here.proxy.fault = tokens.answer
        banners = Banners(here)
        await queue(here)

        while tokens.held < MAX_IN_FLIGHT:
            await asyncio.sleep(0.01)
        before_first_answer = sends(here)
        tokens.first.set()
        while (await here.inbox()).paused is None:
            await asyncio.sleep(0.01)
        tokens.others.set()
        await quiet(here)
        # What was under way when the first refusal came cannot be called back.
        assert sends(here) - before_first_answer <= 3
        assert tokens.refused <= MAX_IN_FLIGHT + 3
        paused = (await here.inbox()).paused
        assert paused is not None
        assert paused.code == "190"
        states = dict(await here.rows("SELECT status, count(*) FROM message"
                                      " WHERE direction = 'out' GROUP BY status"))  # fmt: skip
        assert states == {"accepted": GOOD_BEFORE, "queued": WAITING - GOOD_BEFORE}
        diagnostics = await here.call(calls.GetDiagnostics())
        assert (diagnostics.outbox_queued, diagnostics.outbox_failed) == (
            WAITING - GOOD_BEFORE,
            0,
        )
        assert await banners.seen(here) == ["190"], "one banner, shown once"

        tokens.new_works = True
        await here.save_inbox(access_token=ACCESS_TOKEN)
        while await here.rows("SELECT 1 FROM outbox"):
            await asyncio.sleep(0.02)
        await banners.stop()
        assert here.accepts() == {f"message {number}": 1 for number in range(WAITING)}
        assert in_order(here)
        assert (await here.inbox()).paused is None
        print(f"{WAITING} waiting, {tokens.refused} calls refused, all sent once")


def in_order(here: Office) -> bool:
    """Each customer got their messages in the order in which they were written."""
    got: dict[str, list[int]] = defaultdict(list)
    for entry in here.simulator.ledger.messages():
        got[entry.recipient].append(int(entry.body["text"]["body"].split()[1]))
    return len(got) == len(CUSTOMERS) and all(
        numbers == sorted(numbers) for numbers in got.values()
    )


class Banners:
    """What a console would show: the pause of the inbox, each time it looks different."""

    def __init__(self, here: Office) -> None:
        self._here = here
        self._shown: list[str] = []
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        now: str | None = None
        async for frame in self._here.desk.follow():
            if not any(isinstance(event, InboxesChanged) for event in frame.events):
                continue
            paused = (await self._here.inbox()).paused
            if paused is not None and paused.code != now:
                self._shown.append(paused.code)
            now = paused.code if paused else None

    async def seen(self, here: Office) -> list[str]:
        """The banners so far, in order."""
        while not self._shown:
            await asyncio.sleep(0.01)
        return list(self._shown)

    async def stop(self) -> None:
        """Looks no longer."""
        self._task.cancel()
        await asyncio.wait({self._task})


async def test_a_late_refusal_of_the_old_token_does_not_stop_the_new_one(tmp_path: Path) -> None:
    """A send was under way with the old token when the new one was saved."""
    tokens = Tokens()
    tokens.good_left, tokens.new_works = 0, True
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(access_token=OLD_TOKEN)
        await here.customers_write(*CUSTOMERS[:2])
        here.proxy.fault = tokens.answer
        late = await here.send(CUSTOMERS[0], "under way")
        while not tokens.held:
            await asyncio.sleep(0.01)
        await here.save_inbox(access_token=ACCESS_TOKEN)
        tokens.first.set()
        await here.reaches(late, Status.ACCEPTED)
        assert (await here.inbox()).paused is None
        assert here.accepts() == {"under way": 1}


async def test_a_pause_outlives_a_restart(tmp_path: Path) -> None:
    tokens = Tokens()
    tokens.good_left = 0
    tokens.first.set()
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(access_token=OLD_TOKEN)
        await here.customers_write(*CUSTOMERS[:2])
        here.proxy.fault = tokens.answer
        await here.send(CUSTOMERS[0], "before")
        while (await here.inbox()).paused is None:
            await asyncio.sleep(0.01)
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(api_base_url=here.proxy.url)
        await here.customers_write(*CUSTOMERS[:2])  # this simulator has not heard of them
        waiting = await here.send(CUSTOMERS[1], "after")
        await asyncio.sleep(0.3)  # long enough for a send that should not be
        assert not sends(here)
        await here.save_inbox(access_token=ACCESS_TOKEN)
        await here.reaches(waiting, Status.ACCEPTED)
        while here.accepts() != {"before": 1, "after": 1}:
            await asyncio.sleep(0.01)


async def test_what_the_old_token_meets_while_the_new_one_is_saved_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart nobody in this process was refused yet; the line still has the old token."""
    tokens = Tokens()
    tokens.good_left, tokens.new_works = 0, True
    tokens.first.set()
    tokens.others.set()
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(access_token=OLD_TOKEN)
        await here.customers_write(*CUSTOMERS[:1])
        here.proxy.fault = tokens.answer
        await here.send(CUSTOMERS[0], "waits")
        while (await here.inbox()).paused is None:
            await asyncio.sleep(0.01)
        await quiet(here)
    refused_before = tokens.refused
    async with office(tmp_path / "home", open_channel=brisk_channel) as here:
        await here.save_inbox(api_base_url=here.proxy.url)
        await here.customers_write(*CUSTOMERS[:1])  # this simulator has not heard of them
        here.proxy.fault = tokens.answer
        opens, let = asyncio.Event(), asyncio.Event()
        reload = Sender.reload

        async def slow_reload(sender: Sender) -> None:
            opens.set()
            await let.wait()
            await reload(sender)

        monkeypatch.setattr(Sender, "reload", slow_reload)
        saving = asyncio.create_task(here.save_inbox(access_token=ACCESS_TOKEN))
        await opens.wait()
        await asyncio.sleep(0.2)  # long enough for a send that should not be
        let.set()
        await saving
        while here.accepts() != {"waits": 1}:
            await asyncio.sleep(0.01)
        assert tokens.refused == refused_before
        assert (await here.inbox()).paused is None
