"""One agent: who they are and how notices reach them."""

from __future__ import annotations

from typing import Any

from vchat_tui.desk.calls import SaveAgent
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.screens.form import Form
from vchat_tui.screens.form_page import FormPage
from vchat_tui.settings.agent_fields import AGENT_FIELDS
from vchat_tui.text import clean
from vchat_tui.widgets.console import console


class AgentScreen(FormPage):
    """Add or change an agent.

    Args:
        agent: as the desk knows them; None: a new one.
        name: of the new one, where it was typed already.

    Attributes:
        saved: the agent once they were saved.
    """

    def __init__(self, agent: Agent | None, name: str = "") -> None:
        super().__init__()
        self._agent = agent
        self._name = name
        self.saved: Agent | None = None

    def heading(self) -> str:
        """The title line."""
        if self._agent is None:
            return _("New agent")
        return _("Agent {name}").format(name=clean(self._agent.name, one_line=True))

    async def read_form(self) -> Form:
        """What is known of the agent."""
        if self._agent is None:
            fields = [field for field in AGENT_FIELDS if field.key != "disabled"]
            return Form(fields, {"name": self._name or None})
        return Form(AGENT_FIELDS, {f.key: getattr(self._agent, f.key) for f in AGENT_FIELDS})

    async def save_values(self, values: dict[str, Any]) -> None:
        """Save all of them."""
        agent_id = self._agent.id if self._agent else None
        self.saved = await console(self).desk.call(SaveAgent(agent_id=agent_id, **values))
