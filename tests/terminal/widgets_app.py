"""Draws the corpus in every kind of widget that the console uses. Run on a terminal by a test.

Usage: widgets_app.py clean|raw [NAME]: with `raw`, the text goes to the widgets as it came.
"""

from __future__ import annotations

import asyncio
import sys

from hostile import ALL, Entry
from textual.app import App, ComposeResult
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
    """Shows a few entries after the other."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Vertical Static { width: 1fr; height: 5; border: round white; }
    Vertical { layout: grid; grid-size: 4; height: 10; }
    OptionList, TextArea { height: 8; }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="mark", markup=False)
        with Vertical():
            for place in range(AT_ONCE):
                yield Static("", id=f"text{place}", markup=False)
        yield Input()
        yield TextArea()
        yield OptionList(markup=False)

    def on_ready(self) -> None:
        self._walk = asyncio.create_task(self.walk())

    async def walk(self) -> None:
        """Draw all of them and leave."""
        entries = [entry for entry in ALL if sys.argv[2:] in ([], [entry.name])]
        for start in range(0, len(entries), AT_ONCE):
            self.draw(entries[start : start + AT_ONCE])
            self.query_one("#mark", Static).update(Content(f"batch-{start}."))
            await asyncio.sleep(0.04)
        self.query_one("#mark", Static).update(Content("all-drawn."))
        await asyncio.sleep(0.2)
        self.exit()

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
