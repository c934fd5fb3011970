"""Forms for WhatsApp's interactive messages, each with a preview as wide as a phone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui import interactive
from vchat_tui.channels.registry import check_content
from vchat_tui.desk.calls import DeskError, Send
from vchat_tui.i18n import _
from vchat_tui.interactive import InteractiveError
from vchat_tui.models import Content, Conversation
from vchat_tui.screens.form import Form, FormRow
from vchat_tui.screens.form_page import FormPage
from vchat_tui.screens.interactive_kinds import Kind
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.interactive import draw_interactive

SNIPPET = 40  # characters of a refused value that are shown with the refusal
_AS_IT_IS = "{reason}"


class InteractiveForm(FormPage):
    """Makes an interactive message and sends it.

    Args:
        conversation: to whom.
        kind: what it is.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [
        "page.tcss", "form_page.tcss", "interactive_form.tcss",
    ]  # fmt: skip

    def __init__(self, conversation: Conversation, kind: Kind) -> None:
        super().__init__()
        self._conversation = conversation
        self._kind = kind
        self._handed: Content | None = None  # what the desk was asked to send, and under which id
        self._client_id = ""

    def heading(self) -> str:
        """The kind and the customer."""
        return f"{_(self._kind.label)} · {clean(self._conversation.title, one_line=True)}"

    def save_label(self) -> str:
        """Nothing is saved here."""
        return _("Send")

    def done_text(self) -> str:
        """It is in the timeline now."""
        return _("On its way")

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
        try:
            made = self._kind.build(self._typed())
        except InteractiveError:
            return  # said where it belongs, once the person leaves the row
        lines = draw_interactive(made)
        self.query_one("#preview", Static).update(type(lines[0])("\n").join(lines))

    def _typed(self) -> dict[str, str]:
        return {key: str(value) for key, value in self.form.values().items()}

    async def save_values(self, values: dict[str, Any]) -> None:
        """Check it as the channel would, then queue it."""
        content = self._content(values)
        problem = check_content(self._conversation.channel, content)
        if problem is not None:
            reason = _quoted(content, problem.field) + _(problem.message).format(**problem.values)
            raise DeskError(_AS_IT_IS, reason=reason, field=self._kind.row_of(problem.field))
        if content != self._handed:  # the same again after a lost answer is one message
            self._handed, self._client_id = content, str(uuid.uuid4())
        try:
            await console(self).desk.call(
                Send(
                    conversation_id=self._conversation.id,
                    client_id=self._client_id,
                    content=content,
                    author=console(self).author,
                )
            )
        except DeskError as error:
            row = self._kind.row_of(error.field or "")
            raise DeskError(error.message, field=row, **error.values) from None

    def _content(self, values: Mapping[str, Any]) -> Content:
        try:
            made = self._kind.build({key: str(value) for key, value in values.items()})
        except InteractiveError as error:
            raise DeskError(error.message, field=error.field, **error.values) from None
        return Content(type="interactive", interactive=made, text=interactive.readable(made))


def _quoted(content: Content, path: str) -> str:
    """The text that is meant, where one row of the form holds many: `“Very long title”: `."""
    value: Any = msgspec.to_builtins(content)
    keys = path.split(".")
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ""
    if not isinstance(value, str) or not value or not any(key.isdigit() for key in keys):
        return ""
    return f"“{clean(value, one_line=True, limit=SNIPPET)}”: "
