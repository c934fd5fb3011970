"""Forms for WhatsApp's interactive messages, each with a preview as wide as a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content as Drawn
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui import interactive, questions
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import DeskError
from vchat_tui.i18n import _
from vchat_tui.interactive import InteractiveError
from vchat_tui.models import Content, Conversation
from vchat_tui.screens.form import Form, FormRow
from vchat_tui.screens.interactive_kinds import Kind
from vchat_tui.screens.send_form import SendForm
from vchat_tui.text import clean
from vchat_tui.widgets.interactive import draw_interactive


class InteractiveForm(SendForm):
    """Makes an interactive message and sends it.

    Args:
        conversation: to whom.
        kind: what it is.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [
        "page.tcss", "form_page.tcss", "interactive_form.tcss",
    ]  # fmt: skip

    def __init__(self, conversation: Conversation, kind: Kind) -> None:
        super().__init__(conversation)
        self._kind = kind
        self._as_text = bool(capabilities(conversation.channel).interactive_as_text)

    def kind_label(self) -> str:
        """Buttons, a list ..."""
        return _(self._kind.label)

    def row_of(self, path: str) -> str | None:
        """As the table of kinds says."""
        return self._kind.row_of(path)

    def compose_beside(self) -> ComposeResult:
        """The message as a phone shows it."""
        box = VerticalScroll(Static(id="preview", markup=False), id="preview-box", can_focus=False)
        box.border_title = _("Preview")
        yield box

    async def read_form(self) -> Form:
        """An empty form."""
        return Form(self._kind.fields, {})

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Show what it would be."""
        super().on_form_row_changed(event)
        typed = {key: str(value) for key, value in self.form.values().items()}
        try:
            made = self._kind.build(typed)
        except InteractiveError:
            return  # said where it belongs, once the person leaves the row
        self.query_one("#preview", Static).update(self._drawn(made))

    def _drawn(self, made: Mapping[str, Any]) -> Drawn:
        """As a phone shows it; where it goes as text, that text."""
        if self._as_text:
            return Drawn(clean(questions.as_text(made, self._conversation.language)))
        return Drawn("\n").join(draw_interactive(made))

    def make(self, values: Mapping[str, str]) -> Content:
        """The message, with the text that people read in it."""
        try:
            made = self._kind.build(values)
        except InteractiveError as error:
            raise DeskError(error.message, field=error.field, **error.values) from None
        text = (
            questions.as_text(made, self._conversation.language)
            if self._as_text
            else interactive.readable(made)
        )
        return Content(type="interactive", interactive=made, text=text)
