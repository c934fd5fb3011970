"""Who is online: whoever pressed a key at an attached console within the last minutes.

It is known only here, in memory: after a restart every console that comes back says who sits there
and since when no key was pressed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from vchat_tui import settings
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import keep_looking
from vchat_tui.store import agents, inboxes
from vchat_tui.store.changes import AGENTS

_MINUTES = next(field for field in settings.SERVER_FIELDS if field.key == "presence_minutes")


class Seat:
    """An attached console, and who sits there."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self.agent_id: int | None = None
        self.pressed_at = 0.0

    def sit(self, agent_id: int | None, idle: float) -> None:
        """Somebody sits here, whose last key press is `idle` seconds ago; None: nobody known."""
        self.agent_id = agent_id
        self.pressed_at = self._presence.now() - max(0.0, idle)
        self._presence.look_again()

    def press(self) -> None:
        """A key was pressed."""
        self.pressed_at = self._presence.now()
        self._presence.look_again()

    def leave(self) -> None:
        """The console ended, was cut off or died; what it still asks for changes nothing."""
        self._presence.forget(self)


class Presence:
    """Follows who is online.

    Args:
        now: seconds of a clock that never goes back.
    """

    def __init__(self, core: Core, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._core = core
        self._seats: set[Seat] = set()
        self._away: frozenset[int] = frozenset()
        self._seconds = 60.0 * float(_MINUTES.default)
        self._told: frozenset[int] = frozenset()
        self._wake = asyncio.Event()

    def attach(self) -> Seat:
        """A console came."""
        seat = Seat(self)
        self._seats.add(seat)
        return seat

    def forget(self, seat: Seat) -> None:
        """A console is gone."""
        self._seats.discard(seat)
        self.look_again()

    def look_again(self) -> None:
        """Something changed that may change who is online."""
        self._wake.set()

    def online(self) -> frozenset[int]:
        """The ids of the agents who are online and not away by hand."""
        since = self.now() - self._seconds
        here = {seat.agent_id for seat in self._seats if seat.pressed_at > since}
        return frozenset(agent_id for agent_id in here if agent_id is not None) - self._away

    async def reload(self) -> None:
        """Reads again who is away or works here no more, and how long a key press counts."""
        everybody = await self._core.store.read(agents.everybody)
        self._away = frozenset(agent.id for agent in everybody if agent.away or agent.disabled)
        configured = await self._core.store.read(inboxes.server_settings)
        self._seconds = 60.0 * float(configured.get("presence_minutes") or _MINUTES.default)
        known = {agent.id for agent in everybody}
        for seat in self._seats:
            if seat.agent_id not in known:
                seat.agent_id = None
        self.look_again()

    async def run(self) -> None:
        """Tells consoles who comes and goes, until cancelled."""
        await keep_looking(self._tell, self._wake, "consoles cannot be told who is online")

    async def _tell(self) -> float | None:
        """Tells where somebody came or went; answers the seconds until somebody may be gone."""
        online = self.online()
        if online != self._told:
            await self._core.change(lambda db, changes: changes.note(AGENTS))
            self._told = online
        since = self.now() - self._seconds
        ends = [seat.pressed_at - since for seat in self._seats if seat.agent_id in online]
        return min((end for end in ends if end > 0), default=None)
