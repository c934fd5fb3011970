"""Who sits at this console: a quick question when it opens, or later to change it."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.fold import fold_key
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.screens.choose import Choose
from vchat_tui.text import clean
from vchat_tui.widgets.describe import agent_state


class WhoSits(Choose[Agent | str]):
    """Dismisses with an agent, with the name (perhaps empty) of somebody new, or None.

    Args:
        agents: whom to offer.
        last: the name of who is on top, so that Enter is enough.
    """

    def __init__(self, agents: tuple[Agent, ...], last: str) -> None:
        super().__init__(_("Who are you? Type a few letters of your name"))
        key = fold_key(last)
        self._agents = sorted(agents, key=lambda agent: fold_key(agent.name) != key)

    async def find(self, text: str) -> list[tuple[Agent | str, Content]]:
        """Agents whose names fit, and at the end somebody new."""
        wanted = fold_key(text).split()
        found: list[tuple[Agent | str, Content]] = [
            (agent, agent_line(agent))
            for agent in self._agents
            if all(word in fold_key(f"{agent.name} {agent.department or ''}") for word in wanted)
        ]
        typed = clean(text, one_line=True).strip()
        new = _("+ Somebody new: {name}").format(name=typed) if typed else _("+ Somebody new")
        return [*found, (typed, Content.styled(new, "$text-accent"))]


def agent_line(agent: Agent) -> Content:
    """Name, department, and whether they are online."""
    state = agent_state(agent)
    return Content.assemble(
        (f"{state.glyph} ", state.style),
        (clean(agent.name, one_line=True), "bold"),
        (f"  {clean(agent.department or '', one_line=True)}", "dim"),
    )
