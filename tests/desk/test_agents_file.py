"""Agents in the settings file and on the command line."""

from __future__ import annotations

import json
import tomllib
from argparse import Namespace

import pytest
import tomli_w
from desk_kit import Office

from vchat_tui.agent_commands import list_agents, shown_agent
from vchat_tui.config_file import ConfigError, ConfigFile
from vchat_tui.desk import calls

TWO = """
[[agent]]
name = "Ana Ruiz"
phone = "+34 612 345 678"
email = "ana@example.com"
department = "Ventas"
language = "es"
admin = true
[[agent]]
name = "Luis"
"""


async def apply(office: Office, toml: str) -> None:
    await ConfigFile("agents.toml", tomllib.loads(toml)).apply(office.desk)


async def test_agents_are_applied_by_name_and_shown_as_they_are_applied(office: Office) -> None:
    await apply(office, TWO)
    first = await office.call(calls.ListAgents())
    assert (first[0].name, first[0].phone, first[0].admin) == ("Ana Ruiz", "+34612345678", True)
    shown = tomli_w.dumps({"agent": [shown_agent(agent) for agent in first]})
    events = await office.rows("SELECT max(seq) FROM event")
    await apply(office, shown)
    await apply(office, TWO)
    assert await office.call(calls.ListAgents()) == first
    assert await office.rows("SELECT max(seq) FROM event") == events, "nothing changed"
    await apply(office, "[[agent]]\nname = 'ANA  RUIZ'\nphone = ''\ndisabled = true")
    ana, luis = await office.call(calls.ListAgents())
    assert (ana.id, ana.name, ana.phone, ana.disabled) == (first[0].id, "ANA  RUIZ", None, True)
    assert (ana.email, luis) == ("ana@example.com", first[1]), "what is not named stays"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[agent]\nname = 'x'", "an agent begins with [[agent]]"),
        ("[[agent]]\nphone = '+34612345678'", "agent 1: “name” is needed"),
        ("[[agent]]\nname = 'Luis'\n[[agent]]\nname = 'LUÍS'", "the agent “LUÍS” is there twice"),
        ("[[agent]]\nname = 'Luis'\ncolour = 1", "agent “Luis”: colour: is not a setting"),
        ("[[agent]]\nname = 'Luis'\nphone = '612'", "agent “Luis”: phone: Start with +"),
        ("[[agent]]\nname = 'Luis'\nphone = 612", "agent “Luis”: phone: must be text"),
        ("[[agent]]\nname = 'Luis'\nemail = 'x'", "agent “Luis”: email: must look like"),
        ("[[agent]]\nname = 'Luis'\nadmin = 'x'", "agent “Luis”: admin: must be true or false"),
    ],
)
async def test_a_mistake_is_named_and_nobody_is_changed(
    office: Office, toml: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        await apply(office, "[[agent]]\nname = 'Eva'\n" * toml.startswith("[[") + toml)
    assert said.replace("agent 1", "agent 2") in str(refused.value)
    assert await office.call(calls.ListAgents()) == ()


async def test_agents_are_listed(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    await apply(office, TWO)
    ana, luis = await office.call(calls.ListAgents())
    await office.call(calls.ChooseAgent(agent_id=luis.id))
    await office.call(calls.SetAway(agent_id=ana.id, away=True))
    assert await list_agents(office.desk, Namespace(json=False)) == 0
    assert capsys.readouterr().out.split("\n") == [
        "Ana Ruiz  away  Ventas  +34612345678  ana@example.com",
        "Luis  online  -  -  -",
        "",
    ]
    await list_agents(office.desk, Namespace(json=True))
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[1] == {"id": luis.id, "name": "Luis", "online": True}
