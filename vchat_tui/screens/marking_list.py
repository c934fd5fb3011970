"""A list for people with a mouse: the first click marks a row, the second opens it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class MarkingList(OptionList):
    """For lists whose rows can do more than open: the key bar's entries act on the marked row. Its rows
    are wrapped for a width, which the scroll bar does not change."""

    DEFAULT_CSS = "MarkingList { scrollbar-gutter: stable; }"

    def show(self, options: Sequence[Option]) -> None:
        """Other rows, each with an id: the mark stays on its row, or near where that was."""
        marked = self.highlighted_option.id if self.highlighted_option else None
        place = self.highlighted or 0
        self.clear_options()
        self.add_options(options)
        ids = [option.id for option in options]
        if ids:
            self.highlighted = ids.index(marked) if marked in ids else min(place, len(ids) - 1)

    def on_click(self, event: events.Click) -> None:
        """Mark a row that was not marked; else Textual's own handler opens it."""
        place = event.style.meta.get("option")
        if place is None or place == self.highlighted:
            return
        if not self.get_option_at_index(place).disabled:
            self.highlighted = place
            event.prevent_default()
