"""The text of a broadcast: typed with merge fields, and counted where each part of it is paid for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.channels.registry import is_sms
from vchat_tui.i18n import _
from vchat_tui.models import Inbox
from vchat_tui.screens.form import Form, FormRow
from vchat_tui.screens.form_page import FormPage
from vchat_tui.screens.page import line
from vchat_tui.settings import _ as marked
from vchat_tui.settings.field import Field
from vchat_tui.text import clean
from vchat_tui.widgets.sms_count import characters, sms_count


class BroadcastText(FormPage):
    """Asks for the text; `typed` is how it stands, also where the person left.

    Args:
        inbox: that it goes through.
        typed: what stands in it at first.
        people: how many were selected or typed so far; 0 where nobody knows.
        make: takes the text, and refuses it with a DeskError.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "form_page.tcss"]

    def __init__(
        self, inbox: Inbox, typed: str, people: int, make: Callable[[str], Awaitable[None]]
    ) -> None:
        super().__init__()
        self._inbox = inbox
        self._people = people
        self._make = make
        self.typed = typed

    def heading(self) -> str:
        """Through which number."""
        return f"{_('New broadcast')} · {clean(self._inbox.name, one_line=True)}"

    def save_label(self) -> str:
        """Nothing is sent yet."""
        return _("Check")

    def done_text(self) -> str:
        """What comes next."""
        return _("See who gets it, then start it.")

    def compose_buttons(self) -> ComposeResult:
        """What it comes to, beside the button."""
        yield line(self._count(self.typed), id="count")

    async def read_form(self) -> Form:
        """The text."""
        text = Field(
            key="text", label=marked("Text"), kind="letter", required=True,
            help=marked("Merge fields are filled in for each: {recipient_name|customer}; the link to"
                        " their conversation is {conversation_url_parameter}"),
        )  # fmt: skip
        return Form([text], {"text": self.typed})

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Count again."""
        super().on_form_row_changed(event)
        self.typed = str(event.row.typed)
        self.query_one("#count", Static).update(Content(self._count(self.typed)))

    def _count(self, text: str) -> str:
        if is_sms(self._inbox.channel):
            return sms_count(text, self._people)
        return characters(text)

    @work(group="back", exclusive=True, exit_on_error=False)
    async def action_back(self) -> None:
        """Back to the page before; what is typed is kept."""
        self.dismiss(None)

    async def save_values(self, values: dict[str, Any]) -> None:
        """Make the draft; a refusal stands at the text."""
        await self._make(str(values["text"]))
