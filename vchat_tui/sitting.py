"""Who sits at this console: chosen once, told to the server after every cut, remembered for next time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from vchat_tui.desk.calls import ChooseAgent, Desk, Disconnected, Present
from vchat_tui.fold import fold_key
from vchat_tui.models import Agent

FILE = "last-agent"
TELL_EVERY = 30.0  # seconds; the server counts in minutes


class Sitting:
    """The agent of one console.

    Args:
        file: where the name of the last one is kept; None: nowhere.

    Attributes:
        agent: who sits here; None where nobody was chosen.
    """

    def __init__(self, desk: Desk, file: Path | None) -> None:
        self.agent: Agent | None = None
        self._desk = desk
        self._file = file
        self._pressed_at = time.monotonic()
        self._told_at = self._pressed_at

    def last(self) -> str:
        """The name of who sat here last; empty where nobody did."""
        if self._file is not None:
            with suppress(OSError, UnicodeDecodeError):
                return self._file.read_text(encoding="utf-8").strip()
        return ""

    async def sit(self, agent: Agent) -> None:
        """This agent sits here from now on.

        Raises:
            DeskError: they may not.
        """
        self._pressed_at = self._told_at = time.monotonic()
        self.agent = await self._desk.call(ChooseAgent(agent_id=agent.id))
        if self._file is not None:
            with suppress(OSError):  # then nobody is on top of the list the next time
                self._file.write_text(agent.name, encoding="utf-8")

    async def sit_again(self) -> None:
        """The server is back and does not know it any more.

        Raises:
            DeskError: they may not sit here any longer.
        """
        if self.agent is not None:
            idle = time.monotonic() - self._pressed_at
            known = await self._desk.call(ChooseAgent(agent_id=self.agent.id, idle=idle))
            if known is not None and known.id == self.agent.id:  # nobody else sat down meanwhile
                self.agent = known

    def stand_up(self) -> None:
        """Nobody known sits here."""
        self.agent = None

    def pressed(self) -> bool:
        """A key was pressed; answers whether the server should hear of it."""
        self._pressed_at = time.monotonic()
        return self.agent is not None and self._pressed_at - self._told_at >= TELL_EVERY

    async def tell(self) -> None:
        """Tells the server of the key."""
        self._told_at = time.monotonic()
        with suppress(Disconnected):  # it hears of it with `sit_again`
            await self._desk.call(Present())


def named(agents: Iterable[Agent], name: str) -> Agent | None:
    """The agent of that name, however it is written."""
    return next((agent for agent in agents if fold_key(agent.name) == fold_key(name)), None)
