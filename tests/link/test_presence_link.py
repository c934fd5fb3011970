"""Who is online follows the link: a console that leaves, is cut off or dies is no longer there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from link_tools import Pipe, wait_for_state

from vchat_tui.consoles import Consoles, Limits
from vchat_tui.desk.calls import ChooseAgent, ListAgents, Present, SaveAgent
from vchat_tui.desk.local import LocalDesk
from vchat_tui.events import AgentsChanged
from vchat_tui.home import Home
from vchat_tui.remote import LinkState, RemoteDesk


@pytest.fixture
async def real_desk(tmp_path: Path, socket_path: Path) -> AsyncIterator[LocalDesk]:
    """A desk over databases, and its consoles' socket."""
    home = Home(tmp_path / "home")
    home.prepare()
    with home.acquire():
        desk = await LocalDesk.open(home, working=False)
        consoles = Consoles(desk, limits=Limits(finish=0.2))
        await consoles.listen(socket_path)
        yield desk
        await consoles.close()
        await desk.close()


async def online(remote: RemoteDesk) -> list[str]:
    return [agent.name for agent in await remote.call(ListAgents()) if agent.online]


async def until_online(remote: RemoteDesk, names: list[str]) -> None:
    """Waits for the word that somebody came or went, until these are there."""
    if await online(remote) == names:
        return
    async for frame in remote.follow():
        told = any(isinstance(event, AgentsChanged) for event in frame.events)
        if (told or frame.resync) and await online(remote) == names:
            return


async def test_who_is_cut_off_is_gone_and_back_with_the_link(
    real_desk: LocalDesk, attach, pipe: Pipe
) -> None:
    here, there = await attach(), await attach(pipe.path)
    ana = await here.call(SaveAgent(name="Ana"))
    ben = await here.call(SaveAgent(name="Ben"))
    await here.call(ChooseAgent(agent_id=ana.id))
    await there.call(ChooseAgent(agent_id=ben.id))
    await until_online(here, ["Ana", "Ben"])
    pipe.cut()
    await until_online(here, ["Ana"])
    await wait_for_state(there, LinkState.ONLINE)
    await there.call(Present())
    assert await online(here) == ["Ana"], "a new line knows nobody until it says who sits there"
    await there.call(ChooseAgent(agent_id=ben.id, idle=10))
    await until_online(here, ["Ana", "Ben"])
    await there.close()
    await until_online(here, ["Ana"])


async def test_a_console_that_dies_while_its_call_runs_leaves_nobody_behind(
    real_desk: LocalDesk, attach, pipe: Pipe
) -> None:
    here, there = await attach(), await attach(pipe.path)
    ana = await here.call(SaveAgent(name="Ana"))
    await there.call(ChooseAgent(agent_id=ana.id))
    await until_online(here, ["Ana"])
    seat = next(seat for seat in real_desk.services.presence._seats if seat.agent_id == ana.id)
    pipe.cut()
    await until_online(here, [])
    seat.sit(ana.id, 0)  # its last call was still under way
    assert await online(here) == []
