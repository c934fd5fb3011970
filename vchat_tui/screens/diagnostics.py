"""Is everything connected and well? The server, every inbox, and what could not be applied."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings
from vchat_tui.desk.calls import GetDiagnostics, ListWebhooks, ResumeInbox
from vchat_tui.events import DiagnosticsChanged, Event, InboxesChanged, ManyChanged
from vchat_tui.i18n import _
from vchat_tui.models import Diagnostics, Webhook, WebhookState
from vchat_tui.screens.health import inbox_report, server_report, webhook_row
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.page import MUTED, Page, heading, line, problem_line, problems, show_problem
from vchat_tui.screens.webhook import WebhookScreen
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

SHOWN_DEAD = 200


class DiagnosticsScreen(Page[tuple[int, int] | None]):
    """The state of the server, live. Dismisses with a message to jump to, or None."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "diagnostics.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("diagnostics")]

    def __init__(self) -> None:
        super().__init__()
        self._diagnostics: Diagnostics | None = None
        self._dead: tuple[Webhook, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, server, then inboxes and dead letters in one list, keys."""
        yield line(_("Diagnostics"), id="title")
        yield line("…", id="server")
        yield problem_line()
        yield MarkingList(id="parts", compact=True)
        yield KeyBar("diagnostics", "app")

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        if self._diagnostics is not None:
            self._draw(self._diagnostics, self._dead)

    def on_desk_event(self, event: Event) -> None:
        """Something for this screen happened."""
        if isinstance(event, DiagnosticsChanged | InboxesChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read everything and draw it; the mark stays on its row."""
        with problems(self):
            desk = console(self).desk
            self._diagnostics = await desk.call(GetDiagnostics())
            self._dead = await desk.call(ListWebhooks(state=WebhookState.DEAD, limit=SHOWN_DEAD))
            self._draw(self._diagnostics, self._dead)

    def _draw(self, diagnostics: Diagnostics, dead: tuple[Webhook, ...]) -> None:
        clock = console(self).clock
        self.query_one("#server", Static).update(server_report(diagnostics, clock))
        options = self.query_one("#parts", OptionList)
        marked = self._marked
        options.clear_options()
        options.add_option(heading(_("Numbers")))
        for health in diagnostics.inboxes:
            content = inbox_report(health, clock, options.scrollable_content_region.width)
            options.add_option(Option(content, id=f"inbox-{health.inbox.id}"))
        if not diagnostics.inboxes:
            options.add_option(_remark(_("None yet: add one in Settings.")))
        options.add_option(heading(_("Webhooks that could not be applied")))
        for webhook in dead:
            options.add_option(Option(webhook_row(webhook, clock), id=f"webhook-{webhook.id}"))
        if not dead:
            options.add_option(_remark(_("None: everything that came was understood.")))
        self._mark_again(options, marked)

    def _mark_again(self, options: OptionList, marked: str | None) -> None:
        ids = [option.id for option in options.options if option.id is not None]
        if ids:
            there = marked if marked in ids else ids[0]
            options.highlighted = options.get_option_index(there)
        options.focus()

    @property
    def _marked(self) -> str | None:
        option = self.query_one("#parts", OptionList).highlighted_option
        return option.id if option is not None else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on a row."""
        if event.option_id is not None:
            self.open(event.option_id)

    def action_open(self) -> None:
        """Open the marked row."""
        self.query_one("#parts", OptionList).action_select()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def open(self, option_id: str) -> None:
        """The inbox's settings, or the webhook; what was done there shows on return."""
        kind, number = option_id.split("-")
        if kind == "inbox":
            await self.app.push_screen_wait(InboxScreen(int(number)))
        else:
            await self.app.push_screen_wait(WebhookScreen(int(number)))
        self.load()

    @work(group="resume", exclusive=True, exit_on_error=False)
    async def action_resume(self) -> None:
        """Send again on the marked inbox; with one inbox paused, on that one."""
        inboxes = self._diagnostics.inboxes if self._diagnostics is not None else ()
        paused = [health.inbox.id for health in inboxes if health.inbox.paused is not None]
        marked = [number for number in paused if self._marked == f"inbox-{number}"]
        chosen = marked or paused
        if len(chosen) != 1:
            show_problem(
                self,
                _("Mark the number to resume.") if chosen else _("No number is paused."),
            )
            return
        show_problem(self, "")
        with problems(self):
            await console(self).desk.call(ResumeInbox(inbox_id=chosen[0]))
            self.load()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_orders(self) -> None:
        """Orders on their way to the shop; one of them may be where to go."""
        from vchat_tui.screens.order_deliveries import OrderDeliveriesScreen  # only when asked for

        place = await self.app.push_screen_wait(OrderDeliveriesScreen())
        if place is not None:
            self.dismiss(place)

    def action_refresh_now(self) -> None:
        """Read everything again."""
        self.load()

    def action_back(self) -> None:
        """Back to the conversations."""
        self.dismiss(None)


def _remark(text: str) -> Option:
    return Option(Content.styled(f"  {text}\n", MUTED), disabled=True)
