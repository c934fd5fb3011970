"""Customers who write on their own: steady but calm, one after the other, and not for ever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from vchat_tui.simulator.customers import Customer
from vchat_tui.simulator.dialogue import Brain
from vchat_tui.simulator.said import Said

MOST = 2_000  # messages of their own accord in one run; then they only answer


class Crowd:
    """The cast, one brain each.

    Args:
        seed: the same seed tells the same stories in the same order.
        say: sends what a customer says.
        busy_start: how many messages come at once, so that nobody looks at an empty screen.
    """

    def __init__(
        self,
        cast: tuple[Customer, ...],
        seed: int,
        say: Callable[[Customer, Said], object],
        *,
        busy_start: int = 5,
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - play, not secrets
        self._say = say
        self._talkers = [customer for customer in cast if customer.stories]
        self._seed = seed
        self._busy_start = busy_start
        self._brains = {customer.key: Brain(customer, seed) for customer in cast}

    def brain(self, customer: Customer) -> Brain:
        """The customer's brain; strangers get one when they are first written to."""
        return self._brains.setdefault(customer.key, Brain(customer, self._seed))

    async def write(self, pace: float) -> None:
        """Have customers write.

        Args:
            pace: seconds between two messages, on average.
        """
        written = 0
        waiting: list[Customer] = []
        while written < MOST:
            if not waiting:  # everyone once, then everyone again: they go quiet and return
                waiting = self._chance.sample(self._talkers, len(self._talkers))
            customer = waiting.pop()
            for said in self.brain(customer).tell():
                pause = pace * self._chance.uniform(0.4, 1.6)
                await asyncio.sleep(min(pause, 0.3) if written < self._busy_start else pause)
                self._say(customer, said)
                written += 1
