"""The least that a Textual program can be: one text, and a footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Static


class Bare(App[None]):
    """One text."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 (as Textual has it)

    def compose(self) -> ComposeResult:
        yield Static("hello")
        yield Footer()


if __name__ == "__main__":
    Bare().run()
