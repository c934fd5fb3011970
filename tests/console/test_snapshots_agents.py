"""How it looks where there are agents: their screen, the question who sits there, whose is what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driving import drawn, until
from msgspec.structs import replace
from stub_desk import StubDesk
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.models import Agent
from vchat_tui.screens.agents import AgentsScreen

AGENTS = (
    Agent(id=1, name="Ana Ruiz", department="Ventas", phone="+34612345678", online=True),
    Agent(id=2, name="José Ángel", email="jose@example.com", away=True, admin=True),
    Agent(id=3, name="Luis", department="Caja", phone="+525512345678", email="luis@example.com"),
    Agent(id=4, name="Tomás", phone="+34612345679", disabled=True),
)


def staffed(desk: StubDesk) -> StubDesk:
    """The usual desk, with agents, who have some of the conversations."""
    desk.agents = {agent.id: agent for agent in AGENTS}
    rows = desk.conversations
    rows[1] = replace(rows[1], agent_id=1, agent="Ana Ruiz", department="Ventas")
    rows[2] = replace(rows[2], department="Caja")
    return desk


def test_the_agents(snap_compare: Any, desk: StubDesk, make_app: Callable[..., VchatApp]) -> None:
    i18n.use("es")

    async def show(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "● Ana Ruiz, en línea" in drawn(pilot))
        await pilot.app.push_screen(AgentsScreen())
        await until(pilot, lambda: "Tomás" in drawn(pilot))

    app = make_app(staffed(desk), sits="Ana Ruiz")
    assert snap_compare(app, terminal_size=(80, 24), run_before=show)


def test_the_question(snap_compare: Any, desk: StubDesk, make_app: Callable[..., VchatApp]) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "+ Somebody new" in drawn(pilot))

    assert snap_compare(make_app(staffed(desk)), terminal_size=(80, 24), run_before=show)


def test_whose_it_is(snap_compare: Any, desk: StubDesk, make_app: Callable[..., VchatApp]) -> None:
    async def show(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "● Ana Ruiz, online" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "→ Ana Ruiz" in drawn(pilot))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "Department" in drawn(pilot))

    app = make_app(staffed(desk), sits="Ana Ruiz")
    assert snap_compare(app, terminal_size=(120, 40), run_before=show)
