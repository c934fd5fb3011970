"""All broadcasts: how each stands; open one, or begin a new one."""

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
from vchat_tui.broadcast_models import Broadcast
from vchat_tui.desk.calls import ListBroadcasts
from vchat_tui.events import BroadcastsChanged, Event, ManyChanged
from vchat_tui.i18n import _
from vchat_tui.screens.broadcast import BroadcastScreen
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.new_broadcast import Audience, make_broadcast
from vchat_tui.screens.page import MUTED, Page, block, line, problem_line, problems
from vchat_tui.text import clean
from vchat_tui.widgets.broadcast_progress import bar, state_word
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar


class BroadcastsScreen(Page[int | None]):
    """Dismisses with the id of a conversation to open."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "broadcasts.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("broadcasts")]

    def __init__(self) -> None:
        super().__init__()
        self._broadcasts: tuple[Broadcast, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        yield line(_("Broadcasts"), id="title")
        yield problem_line()
        text = _("One message to many customers. Select them in the users screen, or press {key}.")
        empty = line(text.format(key=key_of("broadcasts-new")), id="empty")
        empty.display = False
        yield empty
        yield MarkingList(id="broadcasts", compact=True)
        yield KeyBar("broadcasts", "app")

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        if self._broadcasts:
            self._draw()

    def on_desk_event(self, event: Event) -> None:
        """One is new or went on."""
        if isinstance(event, BroadcastsChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the list and draw it; the mark stays on its broadcast."""
        with problems(self):
            self._broadcasts = await console(self).desk.call(ListBroadcasts())
            self._draw()

    def _draw(self) -> None:
        options = self.query_one("#broadcasts", MarkingList)
        width = options.scrollable_content_region.width
        options.show(
            [
                Option(self._row(broadcast, width), id=str(broadcast.id))
                for broadcast in self._broadcasts
            ]
        )
        self.query_one("#empty").display = not self._broadcasts
        if self._broadcasts:
            options.focus()

    def _row(self, broadcast: Broadcast, width: int) -> Content:
        clock = console(self).clock
        when = broadcast.scheduled_at or broadcast.started_at or broadcast.created_at
        facts = f"  {clock.short(when)}  " if when else "  "
        head = Content.assemble(
            state_word(broadcast), (facts, MUTED), (clean(broadcast.name, one_line=True), "bold")
        )
        count = f" {broadcast.settled:,} / {broadcast.total:,}  "
        below = Content.assemble(
            bar(broadcast, 20), count, (clean(broadcast.inbox, one_line=True), MUTED)
        )
        return block(head, [below], width) + Content("\n")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open it."""
        self.action_open()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """The marked broadcast."""
        option = self.query_one("#broadcasts", OptionList).highlighted_option
        if option is not None and option.id is not None:
            self._leave_with(await self.app.push_screen_wait(BroadcastScreen(int(option.id))))

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """A new one, to numbers that are typed or pasted."""
        self._leave_with(await make_broadcast(self.app, Audience()))

    def _leave_with(self, conversation_id: int | None) -> None:
        if conversation_id is not None:
            self.dismiss(conversation_id)

    def action_back(self) -> None:
        """Back to the conversations."""
        self.dismiss(None)
