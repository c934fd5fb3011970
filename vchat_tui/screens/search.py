"""Search in all messages, newest first, while the person types."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings
from vchat_tui.desk.calls import SearchMessages
from vchat_tui.i18n import _
from vchat_tui.models import Direction, SearchHit
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems, show_problem
from vchat_tui.screens.snippet import snippet
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

PAUSE = 0.15  # seconds without a key before the desk is asked
PAGE = 50
AHEAD = 10  # rows before the end at which the next page is asked for


class SearchScreen(Page[tuple[int, int] | None]):
    """Dismisses with (conversation id, message id) of the chosen hit."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "search.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._hits: list[SearchHit] = []
        self._more = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, words, hits, keys."""
        yield line(_("Search"), id="title")
        with Horizontal(id="filter-row"):
            yield line("⌕", id="filter-sign")
            yield CleanInput(
                self._text, placeholder=_("Words in any message"), id="words", compact=True
            )
        yield problem_line()
        yield line(_("Type a few words; accents and capitals do not matter."), id="empty")
        yield OptionList(id="hits", compact=True)
        yield KeyBar("search", "app")

    def begin(self) -> None:
        """Type at once."""
        self.load()
        self.action_focus_words()

    def on_input_changed(self, event: CleanInput.Changed) -> None:
        """Ask once the person pauses."""
        self._text = event.value.strip()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self.load)

    @work(group="search", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Ask for the newest hits; an older answer that comes late is dropped with its worker."""
        self._hits, self._more = [], False
        if self._text:
            await self._ask(None)
        self._draw()

    @work(group="search", exclusive=True, exit_on_error=False)
    async def search_on(self) -> None:
        """Ask for the hits before the last one, and put them under the others."""
        known = len(self._hits)
        await self._ask(self._hits[-1].order)
        self.hits.add_options(self._option(hit) for hit in self._hits[known:])

    async def _ask(self, before: tuple[int, int] | None) -> None:
        with problems(self):
            page = await console(self).desk.call(
                SearchMessages(text=self._text, before=before, limit=PAGE)
            )
            self._hits += page.hits
            self._more = page.more
            show_problem(self, "")

    def _draw(self) -> None:
        self.hits.clear_options()
        self.hits.add_options(self._option(hit) for hit in self._hits)
        if self._hits:
            self.hits.highlighted = 0
        empty = self.query_one("#empty", Static)
        empty.display = not self._hits
        if self._text:
            empty.update(Content(_("Nothing found. Try fewer words, or only their beginnings.")))
        else:
            empty.update(Content(_("Type a few words; accents and capitals do not matter.")))

    def _option(self, hit: SearchHit) -> Option:
        """Two lines: where and when, then the words."""
        message = hit.message
        moment = message.sent_at or message.received_at
        when = console(self).clock.short(moment) if moment else ""
        arrow = "←" if message.direction is Direction.IN else "→"
        files = [media.filename for media in message.media if media.filename]
        text = message.text or " ".join(files) or message.type
        return Option(
            Content.assemble(
                (f"{when:>8} {arrow} ", MUTED),
                (clean(hit.conversation.title, one_line=True), "bold"),
                "\n           ",
                snippet(text, self._text, "bold $text-warning on $warning-muted"),
            )
        )

    @property
    def hits(self) -> OptionList:
        """The list of hits."""
        return self.query_one("#hits", OptionList)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Near the end, ask for more."""
        if self._more and event.option_index >= len(self._hits) - AHEAD:
            self._more = False
            self.search_on()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the hit."""
        message = self._hits[event.option_index].message
        self.dismiss((message.conversation_id, message.id))

    def on_input_submitted(self) -> None:
        """Enter in the words opens the marked hit."""
        self.action_open()

    def action_open(self) -> None:
        """Open the marked hit."""
        self.hits.action_select()

    def action_focus_words(self) -> None:
        """Change what is searched for."""
        self.query_one("#words").focus()

    def action_focus_list(self) -> None:
        """Go from the words to the hits."""
        self.hits.focus()

    def action_back(self) -> None:
        """Leave without opening anything."""
        self.dismiss(None)
