"""A question before something that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button

from vchat_tui.i18n import _
from vchat_tui.screens.page import Dialog, line
from vchat_tui.text import clean


class ConfirmDialog(Dialog[bool]):
    """Asks; dismisses with True only where the person says so.

    Args:
        question: what is about to happen, and what it means.
        yes_label: the answer that does it, a verb.
        no_label: the harmless answer; None: “Cancel”.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, yes_label: str, *, no_label: str | None = None) -> None:
        super().__init__()
        self._question = question
        self._yes_label = yes_label
        self._no_label = no_label

    def compose(self) -> ComposeResult:
        """The question, and the two answers: the harmless one first."""
        with Vertical(id="dialog"):
            yield line(self._question, id="question")
            with Horizontal(classes="buttons"):
                no_label = clean(self._no_label or _("Cancel"), one_line=True)
                yield Button(Content(no_label), id="no", compact=True)
                yield Button(
                    Content(clean(self._yes_label, one_line=True)),
                    id="yes",
                    variant="warning",
                    compact=True,
                )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer was chosen."""
        self.action_answer(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Close with an answer."""
        self.dismiss(answer)


def leave_question() -> ConfirmDialog:
    """Asked before what was typed is lost."""
    return ConfirmDialog(_("What you typed is not saved. Leave and lose it?"), _("Leave"))
