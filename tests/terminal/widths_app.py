"""Draws every Unicode entry in a bubble and in a row of the list, each with a right border.

Run on a terminal by a test, which resizes it. The last line says which size was drawn.
"""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from hostile import UNICODE
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

sys.path.insert(0, str(Path(__file__).parent.parent / "console"))

from stub_desk import StubDesk
from stub_samples import NOW, make_conversation, make_item

from vchat_tui.app import VchatApp
from vchat_tui.clock import Clock
from vchat_tui.widgets.conversation_list import ConversationList
from vchat_tui.widgets.message_view import MessageView

CLOCK = Clock(now=lambda: NOW, zone=UTC)


class Row(Static):
    """A conversation as the list draws it."""

    def __init__(self, number: int, text: str, rows: ConversationList) -> None:
        super().__init__(markup=False)
        row = make_conversation(number, text, "+5215555550101", text, 1, number)
        self._row = replace(row, draft=None)
        self._rows = rows

    def on_resize(self) -> None:
        self.update(Content("\n").join(self._rows.draw_row(self._row, self.size.width)))


class Both(Screen[None]):
    """Bubbles above rows."""

    def compose(self) -> ComposeResult:
        rows = ConversationList(self._none, self._none)  # it draws rows, and is not shown
        with Vertical(id="all"):
            for number, entry in enumerate(UNICODE):
                yield MessageView(make_item(number, entry.text), CLOCK, "Ana")
            for number, entry in enumerate(UNICODE):
                yield Row(number, entry.text, rows)
        yield Static("", id="mark")

    async def _none(self, *_: int) -> Any:
        return None

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._say, f"{event.size.width} columns")

    def _say(self, text: str) -> None:
        self.query_one("#mark", Static).update(text)


class Widths(VchatApp):
    """Draws as the console does."""

    CSS = """
    Both { overflow: hidden; }
    #all { height: 1fr; border-right: heavy white; margin-right: 2; }
    Row { height: 2; }
    """

    def get_default_screen(self) -> Screen[Any]:
        return Both()


if __name__ == "__main__":
    Widths(StubDesk(), clock=CLOCK).run()
