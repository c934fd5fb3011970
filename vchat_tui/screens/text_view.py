"""A long text, whole: a few hundred lines at a time, so that its layout never stops the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from vchat_tui.i18n import _
from vchat_tui.text import clean

LINES = 200
CHARACTERS = 8000


def pages(text: str) -> list[str]:
    """The text in parts of at most LINES lines and CHARACTERS characters."""
    parts: list[str] = []
    rest = text
    while rest:
        part = "\n".join(rest[:CHARACTERS].split("\n")[:LINES])
        parts.append(part)
        rest = rest[len(part) :].removeprefix("\n") if len(part) < CHARACTERS else rest[len(part) :]
    return parts or [""]


class TextView(ModalScreen[None]):
    """Shows foreign text to the end, page by page."""

    CSS_PATH = "text_view.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", show=False),
        Binding("right,n,space", "turn(1)", show=False),
        Binding("left,p", "turn(-1)", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._pages = pages(text)
        self._page = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="text-box"):
            yield Static(id="text-title", markup=False)
            with VerticalScroll(id="text-scroll"):
                yield Static(id="text-body", markup=False)
            yield Static(Content(_("← → turn pages · Esc closes")), id="text-hint")

    def on_mount(self) -> None:
        self._draw()
        self.query_one("#text-scroll").focus()

    def _draw(self) -> None:
        place = f"{self._page + 1} / {len(self._pages)}"
        self.query_one("#text-title", Static).update(
            Content.assemble((f"{place}  ", "dim"), (clean(self._title), "bold"))
        )
        self.query_one("#text-body", Static).update(Content(clean(self._pages[self._page])))
        self.query_one("#text-scroll").scroll_home(animate=False)

    def action_turn(self, step: int) -> None:
        """Another page."""
        self._page = max(0, min(self._page + step, len(self._pages) - 1))
        self._draw()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
