"""A desk whose clock the test sets, and whose provider answers as it is told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from vchat_tui.channels import registry
from vchat_tui.channels.base import Accepted, CheckResult, Outcome, Outgoing
from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.simulator.account import APP_SECRET, BUSINESS_ACCOUNT_ID, PHONE_NUMBER_ID


class Clock:
    """The one clock of the store and the desk; it counts how often it is asked."""

    def __init__(self) -> None:
        self.jump = timedelta()
        self.asked = 0

    def time_ns(self) -> int:
        """Nanoseconds since 1970, as this clock has it."""
        self.asked += 1
        return time.time_ns() + self.jump // timedelta(microseconds=1) * 1000


class Provider:
    """A channel that answers as it is told, by the text of the message."""

    def __init__(self, outcomes: dict[str, list[Outcome]]) -> None:
        self.capabilities = registry.capabilities("whatsapp_cloud")
        self._outcomes = outcomes
        self.tries: list[str] = []

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        """The next outcome for this text; at the end it is accepted."""
        self.tries.append(message.content.text)
        left = self._outcomes.get(message.content.text)
        return left.pop(0) if left else Accepted(provider_id=f"wamid.{len(self.tries)}")

    async def check(self) -> CheckResult:
        """Nobody asks here."""
        return CheckResult()

    async def aclose(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def desk_with(folder: Path, provider: Provider) -> AsyncIterator[LocalDesk]:
    """A desk with one inbox whose channel is `provider`."""
    home = Home(folder / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, open_channel=lambda *_: provider)
        values = {
            "phone_number_id": PHONE_NUMBER_ID,
            "business_account_id": BUSINESS_ACCOUNT_ID,
            "access_token": "EAA0123456789",
            "app_secret": APP_SECRET,
            "verify_token": "verify-me-please",
        }
        try:
            await desk.call(calls.SaveInbox(name="Ventas", channel="whatsapp_cloud", values=values))
            yield desk
        finally:
            await desk.close()
