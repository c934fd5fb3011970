"""The agents on the command line and in the settings file."""

from __future__ import annotations

import argparse
from typing import Any

from vchat_tui.desk.calls import Desk, ListAgents
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.printing import print_json, print_row
from vchat_tui.settings.agent_fields import AGENT_FIELDS


async def list_agents(desk: Desk, options: argparse.Namespace) -> int:
    """All agents: name, whether they are there, department, phone, e-mail."""
    agents = await desk.call(ListAgents())
    if options.json:
        print_json(agents)
        return 0
    for agent in agents:
        print_row(
            agent.name, _state(agent), agent.department or "-", agent.phone or "-",
            agent.email or "-",
        )  # fmt: skip
    return 0


def _state(agent: Agent) -> str:
    if agent.disabled:
        return _("disabled")
    if agent.away:
        return _("away")
    return _("online") if agent.online else _("offline")


def shown_agent(agent: Agent) -> dict[str, Any]:
    """An agent as TOML has it."""
    values = {field.key: getattr(agent, field.key) for field in AGENT_FIELDS}
    return {key: value for key, value in values.items() if value not in (None, False)}
