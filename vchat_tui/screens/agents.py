"""The people who answer: who they are, who is online; add, change, remove."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings, key_of
from vchat_tui.desk.calls import DeleteAgent, ListAgents
from vchat_tui.events import AgentsChanged, Event
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.phones import pretty
from vchat_tui.screens.agent import AgentScreen
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import agent_state
from vchat_tui.widgets.key_bar import KeyBar


class AgentsScreen(Page[None]):
    """All agents."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "agents.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("agents")]

    def __init__(self) -> None:
        super().__init__()
        self._agents: dict[str, Agent] = {}

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        yield line(_("Agents"), id="title")
        yield problem_line()
        text = _(
            "Nobody yet: consoles do not ask who sits there. {key} adds an agent; then every console"
            " asks once, messages bear the name, and notices can reach who is away."
        )
        empty = line(text.format(key=key_of("agents-new")), id="empty")
        empty.display = False
        yield empty
        yield MarkingList(id="agents", compact=True)
        yield KeyBar("agents", "app")

    def on_desk_event(self, event: Event) -> None:
        """Somebody is new, changed, came or went."""
        if isinstance(event, AgentsChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the list and draw it; the mark stays on its agent."""
        with problems(self):
            agents = await console(self).desk.call(ListAgents())
            self._agents = {str(agent.id): agent for agent in agents}
            self._draw()

    def _draw(self) -> None:
        options = self.query_one("#agents", MarkingList)
        options.show(
            [Option(agent_row(agent), id=agent_id) for agent_id, agent in self._agents.items()]
        )
        self.query_one("#empty").display = not self._agents
        if self._agents:
            options.focus()

    @property
    def _marked(self) -> Agent | None:
        option = self.query_one("#agents", OptionList).highlighted_option
        return self._agents.get(option.id or "") if option is not None else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change them."""
        self.action_open()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """Change the marked agent."""
        if (agent := self._marked) is not None:
            await self.app.push_screen_wait(AgentScreen(agent))
            self.load()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """Add an agent."""
        await self.app.push_screen_wait(AgentScreen(None))
        self.load()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_delete(self) -> None:
        """Remove the marked agent, after a question."""
        agent = self._marked
        if agent is None:
            return
        question = _(
            "Remove {name}? Their conversations will be nobody's. Whoever wrote messages is only"
            " disabled, and can be enabled again."
        ).format(name=agent.name)
        if not await self.app.push_screen_wait(ConfirmDialog(question, _("Remove"))):
            return
        with problems(self):
            gone = await console(self).desk.call(DeleteAgent(agent_id=agent.id))
            text = (
                _("{name} is removed") if gone else _("{name} wrote messages and is disabled now")
            )
            console(self).say(text.format(name=agent.name))
            self.load()

    def action_back(self) -> None:
        """Back to the settings."""
        self.dismiss(None)


def agent_row(agent: Agent) -> Content:
    """Name and state; below, where they work and how they can be reached."""
    state = agent_state(agent)
    reached = [
        agent.department,
        pretty(agent.phone) if agent.phone else _("no phone"),
        agent.email or _("no e-mail"),
    ]
    head: list[tuple[str, str]] = [
        (f"{state.glyph} ", state.style),
        (clean(agent.name, one_line=True), "bold"),
        (f"  {state.word}", state.style),
    ]
    if agent.admin:
        head.append(("  " + _("administrator"), MUTED))
    facts = clean(" · ".join(part for part in reached if part), one_line=True)
    return Content.assemble(*head, ("\n  " + facts, MUTED), "\n")
