"""The hub of the settings: our numbers with their state, the server, and how to begin."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings, key_of
from vchat_tui.channels_shown import shown_name
from vchat_tui.desk.calls import GetDiagnostics, ListAgents, ListInboxes
from vchat_tui.events import AgentsChanged, DiagnosticsChanged, Event, InboxesChanged, ManyChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Agent, Diagnostics, InboxHealth
from vchat_tui.screens.agents import AgentsScreen
from vchat_tui.screens.choose_channel import ChooseChannel
from vchat_tui.screens.health import inbox_state
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.inbox_check import InboxCheckScreen
from vchat_tui.screens.notices import NoticesScreen
from vchat_tui.screens.page import MUTED, Page, heading, line, problem_line, problems
from vchat_tui.screens.server_settings import ServerSettingsScreen
from vchat_tui.screens.setup import SetupScreen
from vchat_tui.settings import ACCOUNT_FIELD
from vchat_tui.setup_check import GUIDED
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

ADD = "add"
SERVER = "server"
NOTICES = "notices"
AGENTS = "agents"


class SettingsScreen(Page[None]):
    """Choose what to set up."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "settings.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("settings")]

    def compose(self) -> ComposeResult:
        """Title, first steps where there is no number, list, keys."""
        yield line(_("Settings"), id="title")
        first = line(first_steps(), id="first")
        first.display = False
        yield first
        yield problem_line()
        yield OptionList(id="hub", compact=True)
        yield KeyBar("settings", "app")

    def on_desk_event(self, event: Event) -> None:
        """A number was added, paused, heard of."""
        if isinstance(event, AgentsChanged | InboxesChanged | DiagnosticsChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the state of everything and draw the list; the mark stays where it was."""
        with problems(self):
            desk = console(self).desk
            self._draw(await desk.call(GetDiagnostics()), await desk.call(ListAgents()))

    def _draw(self, diagnostics: Diagnostics, agents: tuple[Agent, ...]) -> None:
        hub = self.query_one("#hub", OptionList)
        marked = hub.highlighted
        hub.clear_options()
        if diagnostics.inboxes:
            hub.add_option(heading(_("Numbers")))
        for health in diagnostics.inboxes:
            hub.add_option(Option(inbox_row(health), id=str(health.inbox.id)))
        hub.add_option(Option(Content("  + " + _("Add a number")), id=ADD))
        hub.add_option(heading("\n" + _("People")))
        hub.add_option(Option(agents_row(agents), id=AGENTS))
        hub.add_option(Option(notices_row(), id=NOTICES))
        hub.add_option(heading("\n" + _("Server")))
        hub.add_option(Option(server_row(diagnostics), id=SERVER))
        self.query_one("#first").display = not diagnostics.inboxes
        hub.highlighted = marked if marked is not None else int(bool(diagnostics.inboxes))
        hub.focus()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def open(self, option_id: str) -> None:
        """Open the screen of an entry; what was changed there shows on return."""
        screen: Screen[None]
        if option_id == SERVER:
            screen = ServerSettingsScreen()
        elif option_id == ADD:
            channel = await self.app.push_screen_wait(ChooseChannel())
            if channel is None:
                return
            screen = InboxScreen(None, channel)
        elif option_id == NOTICES:
            screen = NoticesScreen()
        elif option_id == AGENTS:
            screen = AgentsScreen()
        else:
            screen = InboxScreen(int(option_id))
        await self.app.push_screen_wait(screen)
        self.load()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on an entry."""
        if event.option_id is not None:
            self.open(event.option_id)

    def action_open(self) -> None:
        """Open the marked entry."""
        self.query_one("#hub", OptionList).action_select()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_guide(self) -> None:
        """Connect the marked number, or a new one, step by step."""
        option = self.query_one("#hub", OptionList).highlighted_option
        marked = option.id if option is not None and option.id is not None else ADD
        inboxes = {str(inbox.id): inbox for inbox in await console(self).desk.call(ListInboxes())}
        if marked in inboxes and inboxes[marked].channel not in GUIDED:
            await self.app.push_screen_wait(InboxCheckScreen(int(marked)))
            self.load()
            return
        await self.app.push_screen_wait(SetupScreen(int(marked) if marked.isdigit() else None))
        self.load()

    def action_add(self) -> None:
        """Connect another number."""
        self.open(ADD)

    def action_back(self) -> None:
        """Back to the conversations."""
        self.dismiss(None)


def first_steps() -> str:
    """What to do where nothing is set up yet."""
    return _(
        "No number is connected yet. {key} opens the guided set-up: it says where to click at Meta, "
        "what to paste, and sees by itself what works."
    ).format(key=key_of("settings-guide"))


def inbox_row(health: InboxHealth) -> Content:
    """Name, state and what Meta calls the number, on two lines."""
    state, style = inbox_state(health)
    account = health.inbox.settings.get(ACCOUNT_FIELD[health.inbox.channel], "")
    channel = shown_name(health.inbox.channel)
    return Content.assemble(
        ("  ", ""),
        (clean(health.inbox.name, one_line=True), "bold"),
        "\n  ",
        (state, style),
        (clean(f"  {channel} · {account}", one_line=True), MUTED),
    )


def notices_row() -> Content:
    """What stands behind the notices."""
    return Content.assemble(
        ("  " + _("Notices"), "bold"),
        "\n  ",
        (_("SMS and e-mail to agents and customers who are offline"), MUTED),
    )


def agents_row(agents: tuple[Agent, ...]) -> Content:
    """How many people answer, and who is there."""
    here = [agent for agent in agents if not agent.disabled]
    if not here:
        state = _("nobody yet: consoles do not ask who sits there")
    else:
        online = ", ".join(agent.name for agent in here if agent.online) or _("nobody")
        count = ngettext("{n} agent", "{n} agents", len(here)).format(n=len(here))
        state = _("{agents} · online: {names}").format(agents=count, names=online)
    return Content.assemble(
        ("  " + _("Agents"), "bold"), ("\n  " + clean(state, one_line=True), MUTED)
    )


def server_row(diagnostics: Diagnostics) -> Content:
    """The server's address, or that it has none."""
    address = (
        (clean(diagnostics.public_url, one_line=True), MUTED)
        if diagnostics.public_url
        else ("▲ " + _("no public URL yet"), "$text-warning")
    )
    return Content.assemble(("  " + _("Server settings"), "bold"), "\n  ", address)
