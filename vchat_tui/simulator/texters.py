"""Customers who send SMS to the make-believe café, at the simulated Twilio.

Daniel is in the cast on WhatsApp, too, under the same number: one person in two conversations.
"""

from __future__ import annotations

import asyncio

from vchat_tui.simulator.crowd import Crowd
from vchat_tui.simulator.customers import Customer
from vchat_tui.simulator.said import Said, image, text
from vchat_tui.simulator.twilio import Text, TwilioSimulator

PACE = 5  # they write that much more seldom than the cast on WhatsApp

TEXTERS: tuple[Customer, ...] = (
    Customer(
        key="+12025550143", name="Daniel", language="en",
        wa_id="12025550143", user_id="US.1349000000000102",
        stories=(
            (text("Daniel again, no data here so I'm texting. Is my order ready?"),),
            (text("Running late, be there by 6"),),
        ),
    ),
    Customer(
        key="+525555550103", name="Rosa", language="es",
        wa_id="5215555550103", user_id="MX.1349000000000113",
        stories=(
            (text("Buenas tardes, ¿tienen pastel de tres leches para el sábado?"),),
            (image("pastel", "Como este de la foto"),),
        ),
    ),
)  # fmt: skip


class Texters:
    """They write, and answer what is texted to them.

    Args:
        webhook_url: where their messages go, on this machine.
        pace: seconds between two messages of the cast, on average; 0: nobody writes or answers.
        seed: the same one tells the same stories.

    Raises:
        NotLoopback: the webhook is not on this machine.
    """

    def __init__(self, webhook_url: str, pace: float, seed: int) -> None:
        self._pace = pace
        self._twilio = TwilioSimulator(webhook_url, taken=self._answer)
        self._twilio.sms_url = webhook_url
        self._crowd = Crowd(TEXTERS, seed, self._say, busy_start=1)
        self._by_number = {customer.key: customer for customer in TEXTERS}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen on 127.0.0.1; answers the base URL."""
        return await self._twilio.start()

    async def write(self) -> None:
        """Have them write of their own accord."""
        if self._pace:
            await self._crowd.write(self._pace * PACE)

    async def stop(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._twilio.stop()

    def _answer(self, sent: Text) -> None:
        customer = self._by_number.get(sent.to)
        if customer is None or not self._pace:
            return
        words = {"type": "text", "text": {"body": sent.body}}
        said = self._crowd.brain(customer).answer(sent.sid, words)
        if said is not None:
            self._say(customer, said, after=self._pace * 0.5)

    def _say(self, customer: Customer, said: Said, after: float = 0) -> None:
        task = asyncio.create_task(self._send(customer, said, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, customer: Customer, said: Said, after: float) -> None:
        """What a phone sends by SMS: words and files, nothing else."""
        await asyncio.sleep(after)
        if said.file is not None:
            file = (said.content["mime_type"], said.file)
            words = said.content.get("caption", "")
            await self._twilio.customer_sends(customer.key, words, media=(file,))
        elif said.type == "text":
            await self._twilio.customer_sends(customer.key, said.content["body"])
