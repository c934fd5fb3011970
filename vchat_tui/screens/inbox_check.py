"""The check of an inbox: what was found, and what to do, for channels without a guided set-up."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings, key_of
from vchat_tui.channels_shown import CHANNELS, shown_name
from vchat_tui.desk.calls import InboxInspection, InspectInbox, SubscribeApp
from vchat_tui.events import DiagnosticsChanged, Event, InboxesChanged, ManyChanged
from vchat_tui.i18n import _
from vchat_tui.inbox_check import check
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems
from vchat_tui.screens.setup_steps import state
from vchat_tui.setup_check import configuration_url
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

FRESH = 60.0  # seconds that the provider's last word counts when the screen opens


class InboxCheckScreen(Page[None]):
    """Shows the findings; it follows what happens.

    Args:
        inbox_id: whose.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "inbox_check.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("inbox_check")]

    def __init__(self, inbox_id: int) -> None:
        super().__init__()
        self._inbox_id = inbox_id
        self._url = ""

    def compose(self) -> ComposeResult:
        """Title, what to paste, findings, keys."""
        yield line(_("Check"), id="title")
        yield problem_line()
        with VerticalScroll(id="findings"):
            yield Static(id="paste", markup=False)
            yield Static(id="found", markup=False)
        yield KeyBar("inbox_check", "app")

    def begin(self) -> None:
        """Ask the provider unless it was asked just now; the keys scroll."""
        self.query_one("#findings").focus()
        self.look(FRESH)

    def on_desk_event(self, event: Event) -> None:
        """A webhook came, a message arrived, a setting was changed."""
        if isinstance(event, InboxesChanged | DiagnosticsChanged | ManyChanged):
            self.load_soon()

    def load(self) -> object:
        """Draw what is known now; the provider is not asked."""
        return self.look(None)

    @work(group="load", exclusive=True, exit_on_error=False)
    async def look(self, max_age: float | None) -> None:
        """Read the facts and draw what they mean."""
        with problems(self):
            desk = console(self).desk
            self._draw(await desk.call(InspectInbox(inbox_id=self._inbox_id, max_age=max_age)))

    def _draw(self, seen: InboxInspection) -> None:
        inbox = seen.health.inbox
        title = f"{_('Check')} · {shown_name(inbox.channel)} · {clean(inbox.name, one_line=True)}"
        self.query_one("#title", Static).update(Content(title))
        paste = CHANNELS[inbox.channel].paste
        self._url = configuration_url(seen.public_url, inbox.channel) if paste else ""
        self.query_one("#paste", Static).update(self._to_paste(paste))
        self.query_one("#paste").display = bool(paste)
        parts = []
        for found in check(seen, console(self).clock.now()):
            parts.append(Content.styled(clean(found.title), "bold"))
            parts.append(state(found.finding) + Content("\n"))
        self.query_one("#found", Static).update(Content("\n").join(parts))

    def _to_paste(self, paste: str) -> Content:
        copies = _("({key} copies)").format(key=key_of("inbox-check-copy"))
        return Content.assemble(
            (_("Configuration URL"), "bold"),
            (f" {copies}\n" if self._url else "\n", MUTED),
            (clean(self._url, one_line=True) or _("no public URL yet")),
            (f"\n{_(paste)}" if paste else "", MUTED),
        )

    def action_check(self) -> None:
        """Ask the provider now."""
        self.look(0.0)

    @work(group="register", exclusive=True, exit_on_error=False)
    async def action_register(self) -> None:
        """Have the provider send messages to this server."""
        with problems(self):
            self._draw(await console(self).desk.call(SubscribeApp(inbox_id=self._inbox_id)))
            console(self).say(_("Registered"))

    def action_copy_url(self) -> None:
        """The Configuration URL, to paste at the provider."""
        if self._url:
            self.app.copy_to_clipboard(clean(self._url, one_line=True))
            console(self).say(_("Copied"))

    def action_back(self) -> None:
        """Back to the settings."""
        self.dismiss(None)
