"""A list of any length: rows of fixed height, fetched a page at a time as they come into view.

Only what is on screen is drawn, so 100,000 rows cost what ten do. The marked row is kept by its
id: when the list is fetched again, the mark stays on the same thing wherever it went.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from vchat_tui.widgets.row_pages import PAGE, RowPages

Row = TypeVar("Row")

REFRESH_SECONDS = 0.06  # a burst of changes becomes so many refreshes; one change alone never waits


@dataclass(frozen=True)
class Fetched(Generic[Row]):
    """Rows from an offset on, and how many there are in all."""

    rows: Sequence[Row]
    total: int


class PagedList(ScrollView, Generic[Row], can_focus=True):
    """A list whose rows come from an asynchronous callback.

    Subclasses give `row_id` and `draw_row`; `fetch` is passed in. `locate` finds the place of an
    id that is not on a loaded page (None: it is gone).
    """

    DEFAULT_CSS = """
    PagedList { overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-background: $background; }
    PagedList > .paged-list--marked { background: $foreground 10%; }
    PagedList:focus > .paged-list--marked { background: $primary 45%; }
    PagedList:ansi > .paged-list--marked { text-style: underline; }
    PagedList:focus:ansi > .paged-list--marked { background: transparent; text-style: reverse; }
    PagedList > .paged-list--hover { background: $foreground 5%; }
    PagedList > .paged-list--skeleton { color: $foreground 20%; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "paged-list--marked",
        "paged-list--hover",
        "paged-list--skeleton",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "edge(False)", show=False),
        Binding("end", "edge(True)", show=False),
        Binding("enter", "select", show=False),
    ]
    row_height: ClassVar[int] = 2

    class Selected(Message):
        """Enter, or a click on a row."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    class Loaded(Message):
        """Rows arrived; `total` is how many there are in all."""

        def __init__(self, total: int) -> None:
            super().__init__()
            self.total = total

    def __init__(
        self,
        fetch: Callable[[int, int], Awaitable[Fetched[Row]]],
        *,
        locate: Callable[[int], Awaitable[int | None]] | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """
        Args:
            fetch: called with (offset, limit).
            locate: called with the id of the marked row.
        """
        super().__init__(id=id, classes=classes)
        self._fetch = fetch
        self._locate = locate
        self._pages: RowPages[Row] = RowPages(self.row_id)
        self._wanted: set[int] = set()
        self._strips: dict[tuple[int, str], list[Strip]] = {}
        self._total: int | None = None
        self._hover: int | None = None
        self._refresh_due = False
        self._refreshed_at = 0.0  # monotonic
        self._version = 0
        self.cursor = 0
        self.marked_id: int | None = None

    # ---- for subclasses -----------------------------------------------------------------

    def row_id(self, row: Row) -> int:
        """What stays the same when the row moves."""
        raise NotImplementedError

    def draw_row(self, row: Row, width: int) -> list[Content]:
        """The lines of a row, `row_height` of them, at most `width` cells each."""
        raise NotImplementedError

    # ---- reading ------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many rows there are, as far as we know."""
        return self._total or 0

    @property
    def marked_row(self) -> Row | None:
        """The row under the mark, where it is loaded."""
        return self._pages.at(self.cursor)

    def find(self, row_id: int) -> Row | None:
        """A loaded row by its id."""
        return self._pages.find(row_id)

    # ---- fetching -----------------------------------------------------------------------

    def on_mount(self) -> None:
        self._want_visible()

    def reload(self, *, keep_mark: bool = True) -> None:
        """Start over, for another filter; the old rows go at once unless the mark is kept."""
        self._version += 1
        self._pages.age()
        self._wanted.clear()
        if not keep_mark:
            self._pages.clear()
            self._strips.clear()
            self._total = None
            self.cursor = 0
            self.marked_id = None
            self.scroll_to(y=0, animate=False)
        self._want_visible()
        self.refresh()

    def refresh_rows(self) -> None:
        """Something changed: fetch what is in view again, soon. Bursts are gathered."""
        if not self._refresh_due:
            self._refresh_due = True
            wait = self._refreshed_at + REFRESH_SECONDS - time.monotonic()
            self.set_timer(max(wait, 0.001), self._refresh_now)

    def _refresh_now(self) -> None:
        if self._wanted:  # else a slow line would be asked for ever, and its answers never shown
            self.set_timer(REFRESH_SECONDS, self._refresh_now)
            return
        self._refresh_due = False
        self._refreshed_at = time.monotonic()
        self.reload()

    def replace_row(self, row: Row) -> None:
        """Draw a loaded row anew; its place does not change."""
        index = self._pages.replace(row)
        if index is not None:
            self._redraw(index)

    def _want_visible(self) -> None:
        top = int(self.scroll_y) // self.row_height
        bottom = top + max(self.size.height, 1) // self.row_height + 1
        for number in {top // PAGE, max(0, min(bottom, self.total - 1)) // PAGE}:
            self._want(number)

    def _want(self, number: int) -> None:
        if number in self._wanted or self._pages.is_fresh(number):
            return
        self._wanted.add(number)
        self._load(number, self._version)

    @work(group="pages", exit_on_error=False)
    async def _load(self, number: int, version: int) -> None:
        try:
            fetched = await self._fetch(number * PAGE, PAGE)
        finally:
            if version == self._version:
                self._wanted.discard(number)
        if version != self._version:
            return
        self._pages.put(number, fetched.rows)
        self._strips.clear()
        self._total = fetched.total
        self.virtual_size = Size(1, fetched.total * self.row_height)
        await self._keep_mark(version)
        self.refresh()
        self.post_message(self.Loaded(fetched.total))

    async def _keep_mark(self, version: int) -> None:
        """Put the mark back on the row that it was on, and that row where it was on screen."""
        row = self.marked_row
        if self.marked_id is None:
            if row is not None:
                self._mark(self.cursor)
            return
        if row is not None and self.row_id(row) == self.marked_id:
            return
        place = self._pages.index_of(self.marked_id, fresh=True)
        if place is None and self._locate is not None:
            place = await self._locate(self.marked_id)
        if version != self._version:
            return
        before = self.cursor
        if place is None:  # it left the list: its neighbour takes over
            self._mark(min(before, self.total - 1))
            return
        self.cursor = place
        if self.scroll_y > 0:
            shift = (place - before) * self.row_height
            self.scroll_to(y=self.scroll_y + shift, animate=False)

    # ---- the mark -----------------------------------------------------------------------

    def mark(self, row_id: int, place: int) -> None:
        """Put the mark on a row whose place the caller knows."""
        self.marked_id = row_id
        self._move_to(place, row_id)

    def _mark(self, index: int) -> None:
        self._move_to(index, None)

    def _move_to(self, index: int, row_id: int | None) -> None:
        old, self.cursor = self.cursor, max(0, min(index, max(self.total - 1, 0)))
        row = self.marked_row
        if row is not None:
            self.marked_id = self.row_id(row)
        else:
            self.marked_id = row_id
        self._redraw(old)
        self._redraw(self.cursor)
        top = self.cursor * self.row_height
        self.scroll_to_region(
            Region(0, top, 1, self.row_height), animate=False, force=True, immediate=True
        )
        self._want(self.cursor // PAGE)

    def action_move(self, rows: int) -> None:
        """Move the mark by some rows."""
        if self.total:
            self._mark(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the mark by screenfuls."""
        self.action_move(pages * max(1, self.size.height // self.row_height - 1))

    def action_edge(self, last: bool) -> None:
        """Move the mark to the first or last row."""
        if self.total:
            self._mark(self.total - 1 if last else 0)

    def action_select(self) -> None:
        """Choose the marked row."""
        row = self.marked_row
        if row is not None:
            self.post_message(self.Selected(row))

    # ---- mouse --------------------------------------------------------------------------

    def _index_at(self, event: events.MouseEvent) -> int | None:
        index = (int(event.y) + int(self.scroll_y)) // self.row_height
        return index if 0 <= index < self.total else None

    def on_click(self, event: events.Click) -> None:
        index = self._index_at(event)
        if index is not None:
            self._mark(index)
            self.action_select()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._set_hover(self._index_at(event))

    def on_leave(self) -> None:
        self._set_hover(None)

    def _set_hover(self, index: int | None) -> None:
        if index != self._hover:
            old, self._hover = self._hover, index
            for changed in (old, index):
                if changed is not None:
                    self._redraw(changed)

    # ---- drawing ------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        """The cells that rows have: what the scrollbar leaves."""
        return self.scrollable_content_region.width

    def _redraw(self, index: int) -> None:
        for state in ("", "marked", "hover"):
            self._strips.pop((index, state), None)
        top = index * self.row_height - int(self.scroll_y)
        self.refresh(Region(0, top, self._width, self.row_height))  # not the scrollbar beside it

    def notify_style_update(self) -> None:
        """The theme or the focus changed: every strip is drawn anew."""
        super().notify_style_update()
        self._strips.clear()

    def redraw_row(self, row_id: int | None) -> None:
        """What one loaded row looks like changed, though its data did not."""
        index = None if row_id is None else self._pages.index_of(row_id)
        if index is not None:
            self._redraw(index)

    def redraw_all(self) -> None:
        """What rows look like changed (language, what is open), though their data did not."""
        self._strips.clear()
        self.refresh()

    def redraw_aged(self) -> None:
        """Time passed: draw those rows in view whose text is another now, and only those."""
        top = int(self.scroll_y) // self.row_height
        for index in range(top, min(self.total, top + self.size.height // self.row_height + 1)):
            row = self._pages.at(index)
            for state in ("", "marked", "hover"):
                strips = self._strips.get((index, state))
                if row is None or strips is None:
                    continue
                now = [line.plain.rstrip() for line in self.draw_row(row, self._width)]
                if now != [strip.text.rstrip() for strip in strips]:
                    self._redraw(index)
                    break

    def on_resize(self) -> None:
        self._strips.clear()
        self.virtual_size = Size(1, self.total * self.row_height)
        self._want_visible()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._want_visible()

    def render_line(self, y: int) -> Strip:
        line = y + int(self.scroll_y)
        index, part = divmod(line, self.row_height)
        if index >= self.total:
            return Strip.blank(self.size.width, self.rich_style)
        state = "marked" if index == self.cursor else "hover" if index == self._hover else ""
        strips = self._strips.get((index, state))
        if strips is None:
            strips = self._strips[(index, state)] = self._draw(index, state)
        return strips[part]

    def _draw(self, index: int, state: str) -> list[Strip]:
        row = self._pages.at(index)
        width = self._width
        if row is None:
            classes = ["paged-list--skeleton"]
            lines = [Content(" " + "░" * max(0, width // 2))] * self.row_height
        else:
            classes = [f"paged-list--{state}"] if state else []
            lines = self.draw_row(row, width)
        style = self.get_visual_style(*classes) if classes else self.visual_style
        strips = [
            Visual.to_strips(self, line, width, 1, style, apply_selection=False, pad=True)[0]
            for line in lines
        ]
        if classes and self.get_component_styles(*classes).text_style.reverse:
            # visual styles drop "reverse", which marks rows in the terminal's own colours
            return [strip.apply_style(Style(reverse=True)) for strip in strips]
        return strips
