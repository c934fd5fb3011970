"""Webhooks on their way: signed, escaped, batched, repeated until they are answered with 200.

Meta, "Webhooks": the signature is HMAC-SHA256 with the app secret over exactly the bytes sent;
anything but 200 is a failure and is sent again, ever less often; order is not promised.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.callback import Callback
from vchat_tui.simulator.envelope import body
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.meta_json import encode

FIRST_PAUSE = 0.2  # seconds before a failed webhook goes again; doubled each time up to ...
LONGEST_PAUSE = 30.0
SHUFFLE_SECONDS = 0.05  # how long updates are collected before they are shuffled


def signature(secret: str, raw: bytes) -> str:
    """The value of the X-Hub-Signature-256 header for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


class Publisher:
    """Sends updates to the callback, once it is verified.

    An update is a change of a webhook: `{"field": ..., "value": ...}`.

    Args:
        account: whose number it is.
        proof: the headers that prove to the receiver who sends these bytes; None: Meta's signature.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        callback: Callback,
        account: Account,
        controls: Controls,
        chance: random.Random,
        proof: Callable[[bytes], dict[str, str]] | None = None,
    ) -> None:
        self._proof = proof or self._signature
        self._client = client
        self._callback = callback
        self._account = account
        self._controls = controls
        self._chance = chance
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flying: set[asyncio.Task[None]] = set()  # those that count for `parallel`
        self._open = 0  # updates that no 200 has answered yet
        self._idle = asyncio.Event()
        self._idle.set()
        self.counts: Counter[str] = (
            Counter()
        )  # delivered, duplicate, refused, unreachable, unsubscribed

    def publish(self, value: dict[str, Any], field: str = "messages") -> None:
        """Queue one update; without a subscribed app it goes nowhere."""
        if not self._controls.knobs.subscribed:
            self.counts["unsubscribed"] += 1
            return
        self._open += 1
        self._idle.clear()
        self._queue.put_nowait({"field": field, "value": value})

    async def idle(self) -> None:
        """Wait until every update so far was answered with 200."""
        await self._idle.wait()

    async def run(self) -> None:
        """Deliver for ever; cancel to stop."""
        try:
            while True:
                updates = await self._collect()
                size = self._controls.knobs.batch_size
                for start in range(0, len(updates), size):
                    await self._take_turn(updates[start : start + size])
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _collect(self) -> list[dict[str, Any]]:
        updates = [await self._queue.get()]
        knobs = self._controls.knobs
        if knobs.shuffle:
            await asyncio.sleep(SHUFFLE_SECONDS)
        most = self._queue.qsize() + 1 if knobs.shuffle else knobs.batch_size
        while len(updates) < most and not self._queue.empty():
            updates.append(self._queue.get_nowait())
        if knobs.shuffle:
            self._chance.shuffle(updates)
        return updates

    async def _take_turn(self, updates: list[dict[str, Any]]) -> None:
        """Deliver in order, or beside others where the knob `parallel` allows."""
        parallel = self._controls.knobs.parallel
        if parallel == 1:
            await self._deliver(updates)
            return
        flying = self._flying
        task = self._start(self._deliver(updates))
        flying.add(task)
        task.add_done_callback(flying.discard)
        while len(flying) >= parallel:
            await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, updates: list[dict[str, Any]]) -> None:
        raw = encode(body(self._account, updates))
        pause = FIRST_PAUSE
        while (status := await self._post(raw)) is None:  # nobody there: what follows waits too
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if status == 200:
            await self._done(updates, raw)
        else:  # refused: the next ones need not wait for it
            self._start(self._again(updates, raw))

    async def _again(self, updates: list[dict[str, Any]], raw: bytes) -> None:
        pause = FIRST_PAUSE
        status: int | None = None
        while status != 200:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            status = await self._post(raw)
        await self._done(updates, raw)

    async def _done(self, updates: list[dict[str, Any]], raw: bytes) -> None:
        self.counts["delivered"] += len(updates)
        for _copy in range(self._controls.knobs.duplicates):
            await self._post(raw)
            self.counts["duplicate"] += 1
        self._open -= len(updates)
        if not self._open:
            self._idle.set()

    async def _post(self, raw: bytes) -> int | None:
        """The HTTP status, 0 for an answer that did not come whole, None for nobody there."""
        while (url := self._callback.url) is None:
            await self._callback.verified.wait()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            **self._proof(raw),
        }
        try:
            answer = await self._client.post(url, content=raw, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self.counts["unreachable"] += 1
            return None
        except httpx.HTTPError:
            self.counts["refused"] += 1
            return 0
        if answer.status_code != 200:
            self.counts["refused"] += 1
        return answer.status_code

    def _signature(self, raw: bytes) -> dict[str, str]:
        return {"X-Hub-Signature-256": signature(self._account.app_secret, raw)}

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
