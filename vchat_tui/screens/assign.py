"""Whose a conversation is: an agent or a department, chosen from a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.content import Content

from vchat_tui.desk.calls import AssignAgent, AssignDepartment, ListAgents, ListInboxes
from vchat_tui.fold import fold_key
from vchat_tui.i18n import _
from vchat_tui.models import Agent, Conversation
from vchat_tui.screens.choose import Choose
from vchat_tui.screens.who_sits import agent_line
from vchat_tui.text import clean
from vchat_tui.widgets.console import console


class ChooseAssignee(Choose[int]):
    """Dismisses with the id of an agent, 0 for nobody, or None.

    Args:
        agents: whom to offer, in this order.
        conversation: which is given away.
    """

    def __init__(self, agents: list[Agent], conversation: Conversation) -> None:
        super().__init__(_("To whom? Type a few letters"))
        self._agents = agents
        self._conversation = conversation

    async def find(self, text: str) -> list[tuple[int, Content]]:
        """Agents whose name or department fits; nobody at the end."""
        found = [
            (agent.id, agent_line(agent))
            for agent in self._agents
            if fits(text, f"{agent.name} {agent.department or ''}")
        ]
        if self._conversation.agent_id is not None and fits(text, _("Nobody")):
            found.append((0, Content(f"– {_('Nobody')}")))
        return found


class ChooseDepartment(Choose[str]):
    """Dismisses with a department, an empty text for none, or None.

    Args:
        departments: those that are known.
        conversation: which is given away.
    """

    def __init__(self, departments: Sequence[str], conversation: Conversation) -> None:
        super().__init__(_("Which department? Type its name"))
        self._departments = departments
        self._conversation = conversation

    async def find(self, text: str) -> list[tuple[str, Content]]:
        """Departments that fit, then what was typed as a new one, then none."""
        found = [(name, Content(name)) for name in self._departments if fits(text, name)]
        typed = clean(text, one_line=True).strip()
        if typed and all(fold_key(typed) != fold_key(name) for name in self._departments):
            new = Content.styled(_("+ New: {name}").format(name=typed), "$text-accent")
            found.append((typed, new))
        if self._conversation.department is not None and fits(text, _("No department")):
            found.append(("", Content(f"– {_('No department')}")))
        return found

    def nothing(self, text: str) -> str:
        """There is no department yet: the first is made by typing it."""
        return _("No department yet. Type its name and press Enter.")


def fits(text: str, words: str) -> bool:
    """Whether all that was typed is in some words."""
    return all(part in fold_key(words) for part in fold_key(text).split())


async def assign_agent(app: App[None], conversation: Conversation) -> None:
    """Asks to which agent a conversation goes, and gives it. Only from a worker."""
    here = console(app)
    agents = [agent for agent in await here.desk.call(ListAgents()) if not agent.disabled]
    if not agents:
        here.say(_("There are no agents yet: Settings › Agents adds them"), severity="warning")
        return
    own = here.agent.id if here.agent else None
    agents.sort(key=lambda agent: (agent.id != own, not agent.online))
    chosen = await app.push_screen_wait(ChooseAssignee(agents, conversation))
    if chosen is not None:
        row = await here.desk.call(
            AssignAgent(conversation_id=conversation.id, agent_id=chosen or None)
        )
        name = clean(row.title, one_line=True)
        text = _("{name} is {agent}'s now") if row.agent else _("{name} is nobody's now")
        here.say(text.format(name=name, agent=clean(row.agent or "", one_line=True)))


async def assign_department(app: App[None], conversation: Conversation) -> None:
    """Asks to which department a conversation goes, and gives it. Only from a worker."""
    here = console(app)
    known = [agent.department for agent in await here.desk.call(ListAgents())]
    known += [
        inbox.settings.get("default_department") for inbox in await here.desk.call(ListInboxes())
    ]
    names = {fold_key(name): clean(name, one_line=True) for name in known if name}
    departments = [names[key] for key in sorted(names)]
    chosen = await app.push_screen_wait(ChooseDepartment(departments, conversation))
    if chosen is not None:
        row = await here.desk.call(
            AssignDepartment(conversation_id=conversation.id, department=chosen)
        )
        name = clean(row.title, one_line=True)
        label = clean(row.department or "", one_line=True)
        text = _("{name} → {department}") if row.department else _("{name}: no department")
        here.say(text.format(name=name, department=label))
