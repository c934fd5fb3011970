"""The part of the console that knows who sits here: it asks, tells the server, and shows it."""

from __future__ import annotations

from pathlib import Path

from textual import events, work
from textual.app import App

from vchat_tui.actions import key_of
from vchat_tui.desk.calls import Desk, ListAgents, SetAway
from vchat_tui.i18n import _
from vchat_tui.models import Agent
from vchat_tui.sitting import Sitting, named
from vchat_tui.widgets.console import Severity


class SeatedApp(App[None]):
    """An app over a desk, at which an agent sits.

    Args:
        desk: the server's own, or one across the link.
        file: keeps the name of who sat here last; None: nowhere.
        author: the name that messages bear while nobody was chosen.
        sits: the name of the agent who sits here, where it is known already.
    """

    def __init__(self, desk: Desk, file: Path | None, author: str | None, sits: str | None) -> None:
        super().__init__()
        self.desk = desk
        self._login_name = author
        self._sits = sits
        self._sitting = Sitting(desk, file)
        self._who_was_asked = False
        self._server_is_new = False  # it does not know yet who sits here

    def say(self, text: str, *, severity: Severity = "information") -> None:
        """A toast."""
        raise NotImplementedError

    def agent_changed(self) -> None:
        """Somebody else sits here, or they changed."""
        raise NotImplementedError

    @property
    def agent(self) -> Agent | None:
        """Who sits here; None where nobody was chosen."""
        return self._sitting.agent

    @property
    def author(self) -> str | None:
        """The name that messages bear."""
        return self.agent.name if self.agent else self._login_name

    async def on_event(self, event: events.Event) -> None:
        """A key, a click or a paste shows that somebody is here."""
        here = isinstance(event, events.Key | events.MouseDown | events.Paste)
        if here and not event.is_forwarded and self._sitting.pressed():
            self._tell_of_key()
        await super().on_event(event)

    @work(group="key", exclusive=True, exit_on_error=False)
    async def _tell_of_key(self) -> None:
        await self._sitting.tell()

    def look_who_sits(self, *, server_is_new: bool) -> None:
        """An agent changed, or (`server_is_new`) the link is new: the server must be told who sits
        here, and the person asked where nobody has said so yet."""
        self._server_is_new |= server_is_new
        self._look_who_sits()

    @work(group="seat", exclusive=True, exit_on_error=False)
    async def _look_who_sits(self) -> None:
        agents = await self.desk.call(ListAgents())
        here = {agent.id: agent for agent in agents if not agent.disabled}
        if self.agent is None:
            if self._server_is_new and here and not self._who_was_asked:
                self._who_was_asked = True
                self._find_out_who(tuple(here.values()))
        elif self.agent.id not in here:
            self._sitting.stand_up()
            self.agent_changed()
            text = _("This agent was disabled: messages bear your log-in name now")
            self.say(text, severity="warning")
        else:
            self._sitting.agent = here[self.agent.id]
            if self._server_is_new:
                await self._sitting.sit_again()
            self.agent_changed()
        self._server_is_new = False

    @work(group="who", exclusive=True, exit_on_error=False)
    async def _find_out_who(self, agents: tuple[Agent, ...]) -> None:
        """Who sits here: as the command line says, else the person is asked."""
        known = named(agents, self._sits) if self._sits else None
        if known is not None:
            await self._sit_down(known)
            return
        if self._sits:
            text = _("There is no agent “{name}”").format(name=self._sits)
            self.say(text, severity="warning")
        await self._ask_who(agents)

    @work(group="who", exclusive=True, exit_on_error=False)
    async def action_choose_agent(self) -> None:
        """Somebody else sits down here."""
        agents = await self.desk.call(ListAgents())
        await self._ask_who(tuple(agent for agent in agents if not agent.disabled))

    async def _ask_who(self, agents: tuple[Agent, ...]) -> None:
        from vchat_tui.screens.agent import AgentScreen  # only where there are agents
        from vchat_tui.screens.who_sits import WhoSits

        chosen = await self.push_screen_wait(WhoSits(agents, self._sitting.last()))
        if isinstance(chosen, str):
            form = AgentScreen(None, chosen)
            await self.push_screen_wait(form)
            chosen = form.saved
        if chosen is not None:
            await self._sit_down(chosen)

    async def _sit_down(self, agent: Agent) -> None:
        await self._sitting.sit(agent)
        self.agent_changed()
        if agent.away:
            self.say(_("You are away: {key} says that you are back").format(key=key_of("away")),
                     severity="warning")  # fmt: skip

    @work(group="away", exclusive=True, exit_on_error=False)
    async def action_toggle_away(self) -> None:
        """Away by hand, or back."""
        if self.agent is None:
            self.say(_("Choose first who sits here: {key}").format(key=key_of("choose-agent")))
            return
        away = not self.agent.away
        self._sitting.agent = await self.desk.call(SetAway(agent_id=self.agent.id, away=away))
        self.agent_changed()
        self.say(_("You are away: notices go to your phone and e-mail") if away
                 else _("You are back"))  # fmt: skip
