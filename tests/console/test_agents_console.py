"""Who sits at the console: asked when it opens, shown, changed; agents kept; conversations given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, open_screen, type_text, until
from stub_desk import StubDesk
from textual import events

from vchat_tui import sitting
from vchat_tui.app import VchatApp
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.events import AgentsChanged
from vchat_tui.models import Agent
from vchat_tui.screens.agents import AgentsScreen

QUESTION = "Who are you?"
MakeApp = Callable[..., VchatApp]


def add_agents(desk: StubDesk) -> None:
    """Three of them, one of whom works there no more."""
    desk.agents = {
        1: Agent(id=1, name="Ana Ruiz", department="Ventas", phone="+34612345678"),
        2: Agent(id=2, name="Íñigo", email="inigo@example.com"),
        3: Agent(id=3, name="Old Tom", disabled=True),
    }


# ---- who sits here -------------------------------------------------------------------------------


async def test_where_there_are_no_agents_nothing_is_asked(
    desk: StubDesk, make_app: MakeApp
) -> None:
    app = make_app(desk, author="root")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot) and desk.of(calls.ListAgents))
        assert QUESTION not in drawn(pilot)
        assert app.author == "root"


async def test_the_question_is_answered_by_a_few_letters(
    desk: StubDesk, make_app: MakeApp, tmp_path: Path
) -> None:
    add_agents(desk)
    app = make_app(desk, author="root")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: QUESTION in drawn(pilot) and "Íñigo" in drawn(pilot))
        assert "Old Tom" not in drawn(pilot)
        await type_text(pilot, "ini")
        await until(pilot, lambda: "Ana Ruiz" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "● Íñigo, online" in drawn(pilot))
        assert app.author == "Íñigo"
        assert desk.of(calls.ChooseAgent) == [calls.ChooseAgent(agent_id=2)]
    assert (tmp_path / sitting.FILE).read_text() == "Íñigo"


async def test_the_last_one_is_on_top_so_that_enter_is_enough(
    desk: StubDesk, make_app: MakeApp, tmp_path: Path
) -> None:
    add_agents(desk)
    (tmp_path / sitting.FILE).write_text("Íñigo")
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: QUESTION in drawn(pilot) and "Íñigo" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "● Íñigo, online" in drawn(pilot))


async def test_a_name_that_nobody_has_is_told_and_asked_for(
    desk: StubDesk, make_app: MakeApp
) -> None:
    add_agents(desk)
    assert sitting.named(desk.agents.values(), "IÑIGO") == desk.agents[2]
    app = make_app(desk, sits="Nobody Known")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "There is no agent “Nobody Known”" in drawn(pilot))
        await until(pilot, lambda: QUESTION in drawn(pilot))


async def test_a_change_that_comes_at_once_does_not_swallow_the_question(
    desk: StubDesk, make_app: MakeApp
) -> None:
    add_agents(desk)
    desk.hold[calls.ListAgents] = asyncio.Event()
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(desk.of(calls.ListAgents)) == 1)
        desk.push(AgentsChanged())
        await until(pilot, lambda: len(desk.of(calls.ListAgents)) == 2)
        desk.hold[calls.ListAgents].set()
        await until(pilot, lambda: QUESTION in drawn(pilot))


async def test_somebody_new_is_added_from_the_question(desk: StubDesk, make_app: MakeApp) -> None:
    add_agents(desk)
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: QUESTION in drawn(pilot) and "Íñigo" in drawn(pilot))
        await type_text(pilot, "Eva")
        await until(pilot, lambda: "+ Somebody new: Eva" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "New agent" in drawn(pilot) and "Phone" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "● Eva, online" in drawn(pilot))
        assert app.author == "Eva"


async def test_after_a_cut_the_server_is_told_again_and_of_changes(
    desk: StubDesk, make_app: MakeApp
) -> None:
    add_agents(desk)
    app = make_app(desk, sits="Ana Ruiz", author="root")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "● Ana Ruiz, online" in drawn(pilot))
        desk.push(resync=True)
        await until(pilot, lambda: len(desk.of(calls.ChooseAgent)) == 2)
        assert desk.of(calls.ChooseAgent)[1].idle > 0
        desk.agents[1] = Agent(id=1, name="Ana María")
        desk.push(AgentsChanged())
        await until(pilot, lambda: "○ Ana María, offline" in drawn(pilot))
        assert app.author == "Ana María"
        desk.agents[1] = Agent(id=1, name="Ana María", disabled=True)
        desk.push(AgentsChanged())
        await until(pilot, lambda: "◉ online" in drawn(pilot))
        assert app.author == "root"


async def test_keys_are_told_twice_a_minute_at_most(
    desk: StubDesk, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_agents(desk)
    app = make_app(desk, sits="Ana Ruiz")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "● Ana Ruiz, online" in drawn(pilot))
        await pilot.press("down", "up")
        assert desk.of(calls.Present) == []
        monkeypatch.setattr(sitting, "TELL_EVERY", 0.0)
        await pilot.press("down")
        monkeypatch.undo()
        await pilot.press("up")
        await until(pilot, lambda: len(desk.of(calls.Present)) == 1)


async def test_away_and_back_by_one_key(desk: StubDesk, make_app: MakeApp) -> None:
    add_agents(desk)
    app = make_app(desk, sits="Ana Ruiz")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "● Ana Ruiz, online" in drawn(pilot))
        await pilot.press("f9")
        await until(pilot, lambda: "◑ Ana Ruiz, away" in drawn(pilot))
        await pilot.press("f9")
        await until(pilot, lambda: "● Ana Ruiz, online" in drawn(pilot))
        await pilot.press("f8")
        await until(pilot, lambda: QUESTION in drawn(pilot) and "Íñigo" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: QUESTION not in drawn(pilot))
        assert app.author == "Ana Ruiz"


# ---- whose a conversation is ---------------------------------------------------------------------


async def test_a_conversation_is_given_by_one_key(desk: StubDesk, make_app: MakeApp) -> None:
    add_agents(desk)
    app = make_app(desk, sits="Íñigo")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(
            pilot, lambda: "● Íñigo, online" in drawn(pilot) and "Ana Belén" in drawn(pilot)
        )
        await pilot.press("g")
        await until(pilot, lambda: "To whom?" in drawn(pilot) and "● Íñigo" in drawn(pilot))
        await pilot.press("enter")  # who sits here is on top
        await until(pilot, lambda: "→ Íñigo" in drawn(pilot))
        assert desk.of(calls.AssignAgent)[-1].agent_id == 2
        await pilot.press("m")
        await until(pilot, lambda: "▽ mine" in drawn(pilot) and drawn(pilot).count("⊘") == 0)
        given = desk.conversations[desk.of(calls.AssignAgent)[-1].conversation_id]
        assert given.title in drawn(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "Which department?" in drawn(pilot) and "Ventas" in drawn(pilot))
        await type_text(pilot, "Caja")
        await until(pilot, lambda: "+ New: Caja" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: bool(desk.of(calls.AssignDepartment)))
        await pilot.press("enter")
        await until(pilot, lambda: "Caja" in drawn(pilot) and "→ Íñigo" in drawn(pilot))
        await pilot.press("alt+g")
        await until(pilot, lambda: "– Nobody" in drawn(pilot))
        await type_text(pilot, "nob")
        await until(pilot, lambda: "Ana Ruiz" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: desk.of(calls.AssignAgent)[-1].agent_id is None)


# ---- the screen in the settings ------------------------------------------------------------------


async def test_agents_are_added_changed_and_removed(desk: StubDesk, make_app: MakeApp) -> None:
    app = make_app(desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_screen(pilot, AgentsScreen(), "n adds an agent")
        await pilot.press("n")
        await until(pilot, lambda: "New agent" in drawn(pilot) and "Department" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ is required" in drawn(pilot))
        await type_text(pilot, "Ana")
        await pilot.press("tab")
        pilot.app.post_message(events.Paste("612345678"))
        await pilot.press("tab")
        await until(pilot, lambda: "✗ Start with + and the country code" in drawn(pilot))
        await pilot.press("shift+tab")
        await pilot.press("home")
        await type_text(pilot, "+34")
        desk.refuse[calls.SaveAgent] = DeskError("This is taken.", field="email")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ This is taken." in drawn(pilot))
        desk.refuse.clear()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "+34 612 345 678 · no e-mail" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Agent Ana" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "no e-mail" in drawn(pilot))
        await pilot.press("d")
        await until(pilot, lambda: "Remove Ana?" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "Nobody yet" in drawn(pilot))
        assert desk.agents == {}


async def test_hostile_names_are_drawn_harmless(desk: StubDesk, make_app: MakeApp) -> None:
    evil = "[bold red]x[/]\x1b[31m\u202e"
    desk.agents = {1: Agent(id=1, name=evil, department=evil, email=evil)}
    app: Any = make_app(desk, sits=evil)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "● [bold red]x[/]" in drawn(pilot))
        await open_screen(pilot, AgentsScreen(), "no phone")
        assert "\x1b" not in drawn(pilot) and "\u202e" not in drawn(pilot)
        await pilot.press("escape", "g")
        await until(pilot, lambda: "To whom?" in drawn(pilot) and "[bold red]" in drawn(pilot))
