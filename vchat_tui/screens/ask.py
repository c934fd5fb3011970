"""A question with one line to type as its answer."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.types import CSSPathType

from vchat_tui.i18n import _
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import Dialog, line


class Ask(Dialog[str | None]):
    """Dismisses with what was typed; None where the person left.

    Args:
        question: what is wanted.
        hint: what it looks like.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, question: str, hint: str) -> None:
        super().__init__()
        self._question = question
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The question, the line, what Enter does."""
        with Vertical(id="dialog"):
            yield line(self._question, classes="title")
            yield CleanInput(placeholder=self._hint, id="answer", compact=True)
            yield line(_("Enter goes on · Esc leaves"), classes="hint")

    def on_input_submitted(self, event: CleanInput.Submitted) -> None:
        """Enter."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """Esc."""
        self.dismiss(None)
