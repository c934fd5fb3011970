"""Draws the corpus in every kind of widget that the console uses. Run on a terminal by a test.

Usage: widgets_app.py clean|raw [NAME]: with `raw`, the text goes to the widgets as it came.
"""

from __future__ import annotations

import sys
from typing import ClassVar

from hostile import ALL, Entry
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static, TextArea

from vchat_tui.text import clean, fold

AT_ONCE = 8


def prepared(text: str, *, one_line: bool = False) -> str:
    """The text as the console would give it to a widget."""
    if sys.argv[1] == "raw":
        return text
    return fold(clean(text, one_line=one_line), lines=3, cells=400)[0]


class Corpus(App[None]):
    """Shows a few entries each time that F5 is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "more", priority=True)]

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Vertical Static { width: 1fr; height: 5; border: round white; }
    Vertical { layout: grid; grid-size: 4; height: 10; }
    OptionList, TextArea { height: 8; }
    """

    def compose(self) -> ComposeResult:
        with Vertical():
            for place in range(AT_ONCE):
                yield Static("", id=f"text{place}", markup=False)
        yield Input()
        yield TextArea()
        yield OptionList(markup=False)
        yield Static("ready", id="mark", markup=False)

    def on_mount(self) -> None:
        names = sys.argv[2:]
        self._left = [entry for entry in ALL if not names or entry.name in names]
        self._batch = 0

    def action_more(self) -> None:
        """Draw the next entries; leave after the last."""
        if not self._left:
            self.exit()
            return
        self.draw(self._left[:AT_ONCE])
        del self._left[:AT_ONCE]
        self._batch += 1
        # last, so that all of the others are drawn by the time it is
        self.query_one("#mark", Static).update(Content(f"batch {self._batch} drawn"))

    def draw(self, entries: list[Entry]) -> None:
        """One entry a row, and all of them in the widgets that hold several."""
        lines = [prepared(entry.text, one_line=True) for entry in entries]
        for place, entry in enumerate(entries):
            row = self.query_one(f"#text{place}", Static)
            row.update(Content(prepared(entry.text)))
            row.border_title = Content(lines[place])  # type: ignore[assignment]
        self.query_one(Input).value = "".join(lines)[:400]
        self.query_one(TextArea).text = "\n".join(lines)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Content(line) for line in lines])
        self.notify(lines[0], title=lines[-1], markup=False, timeout=0.1)


if __name__ == "__main__":
    Corpus().run()
