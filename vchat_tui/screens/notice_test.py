"""What a test of the notices needs: which of the four, and to whom."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.desk.calls import ListAgents
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.notice_rules import Audience, Way
from vchat_tui.screens.choose import Choose
from vchat_tui.text import clean
from vchat_tui.widgets.console import console


class ChooseNotice(Choose[tuple[Audience, Way]]):
    """Dismisses with whom and how, or None."""

    def __init__(self) -> None:
        super().__init__(_("Which notice shall be tested?"))

    async def find(self, text: str) -> list[tuple[tuple[Audience, Way], Content]]:
        """Those whose name holds what was typed."""
        kinds = {
            (Audience.AGENT, Way.SMS): _("SMS to agents"),
            (Audience.AGENT, Way.EMAIL): _("E-mail to agents"),
            (Audience.USER, Way.SMS): _("SMS to customers"),
            (Audience.USER, Way.EMAIL): _("E-mail to customers"),
        }
        sought = text.strip().casefold()
        return [(kind, Content(name)) for kind, name in kinds.items() if sought in name.casefold()]


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
