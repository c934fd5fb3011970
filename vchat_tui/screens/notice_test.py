"""What a test of the notices needs: which notice or rule, and to whom or about whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from vchat_tui.desk.calls import ListAgents
from vchat_tui.fold import fold_key
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.notice_rules import Audience, Rule, Way
from vchat_tui.screens.assign import fits
from vchat_tui.screens.choose import Choose
from vchat_tui.screens.who_sits import agent_line
from vchat_tui.text import clean
from vchat_tui.widgets.console import console


class ChooseNotice(Choose[tuple[Audience | Rule, Way]]):
    """Dismisses with what is to be tested, or None: a notice to an address that one types, or a
    rule, which decides who gets it."""

    def __init__(self) -> None:
        super().__init__(_("Which notice shall be tested?"))

    async def find(self, text: str) -> list[tuple[tuple[Audience | Rule, Way], Content]]:
        """Those whose name holds what was typed."""
        kinds: dict[tuple[Audience | Rule, Way], str] = {
            (Audience.AGENT, Way.SMS): _("SMS to agents"),
            (Audience.AGENT, Way.EMAIL): _("E-mail to agents"),
            (Audience.USER, Way.SMS): _("SMS to customers"),
            (Audience.USER, Way.EMAIL): _("E-mail to customers"),
        }
        tells = {
            Rule.DEPARTMENT: _("to the agents of its department"),
            Rule.ASSIGNED: _("to the agent to whom it is assigned"),
            Rule.ALL_OFFLINE: _("to all agents who are not online"),
            Rule.LAST_AGENT: _("to the agent who answered last"),
        }
        for rule, whom in tells.items():
            for way, word in ((Way.SMS, "SMS"), (Way.EMAIL, _("E-mail"))):
                kinds[rule, way] = f"{word} {whom}"
        return [(kind, Content(name)) for kind, name in kinds.items() if fits(text, name)]


class About(NamedTuple):
    """What a rule looks at."""

    department: str | None = None
    agent_id: int | None = None


class ChooseAbout(Choose[About]):
    """Dismisses with the department or the agent that a rule is tested with, or None."""

    def __init__(self, rule: Rule, agents: Sequence[Agent]) -> None:
        of_departments = rule is Rule.DEPARTMENT
        super().__init__(_("Which department?") if of_departments else _("Which agent?"))
        self._offered = _departments(agents) if of_departments else _each(agents)

    async def find(self, text: str) -> list[tuple[About, Content]]:
        """Those that fit."""
        return [(about, line) for about, line in self._offered if fits(text, line.plain)]

    def nothing(self, text: str) -> str:
        """Agents, and with them departments, are added elsewhere."""
        return _("Nobody fits. Settings › Agents adds agents and their departments.")


def _departments(agents: Sequence[Agent]) -> list[tuple[About, Content]]:
    members: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for agent in agents:
        if agent.department:
            key = fold_key(agent.department)
            names.setdefault(key, agent.department)
            members.setdefault(key, []).append(agent.name)
    return [
        (About(department=names[key]), _line(names[key], ", ".join(members[key])))
        for key in sorted(names)
    ]


def _each(agents: Sequence[Agent]) -> list[tuple[About, Content]]:
    return [(About(agent_id=agent.id), agent_line(agent)) for agent in agents]


class ChooseAddress(Choose[str]):
    """Dismisses with what was typed, or with an agent's number or e-mail address, or None."""

    def __init__(self, way: Way) -> None:
        hint = _("A number with +, or an agent") if way is Way.SMS else _("An address, or an agent")
        super().__init__(hint)
        self._way = way
        self._agents: tuple[Agent, ...] | None = None

    async def find(self, text: str) -> list[tuple[str, Content]]:
        """What was typed, and the agents whom it fits."""
        if self._agents is None:
            self._agents = await console(self).desk.call(ListAgents())
        sought = text.strip().casefold()
        found = [
            (address, _line(agent.name, address))
            for agent in self._agents
            if (address := agent.phone if self._way is Way.SMS else agent.email)
            and (sought in agent.name.casefold() or sought in address)
        ]
        if sought:
            typed = clean(text.strip(), one_line=True)
            found.append((typed, Content(typed)))
        return found


def _line(name: str, address: str) -> Content:
    return Content.assemble(
        (clean(name, one_line=True), "bold"), (f"  {clean(address, one_line=True)}", "dim")
    )
