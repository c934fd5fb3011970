"""A form that makes a message: checked as its channel would, sent once, nothing typed is lost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from textual.binding import BindingType

from vchat_tui.actions import bindings
from vchat_tui.channels.registry import check_content
from vchat_tui.desk.calls import DeskError, Send
from vchat_tui.i18n import _
from vchat_tui.models import Content, Conversation
from vchat_tui.screens.form_page import FormPage
from vchat_tui.text import clean
from vchat_tui.widgets.console import console

SNIPPET = 40  # characters of a refused value that are shown with the refusal
_AS_IT_IS = "{reason}"


class SendForm(FormPage):
    """Makes a message of what is typed and sends it. Subclasses say what it is.

    Args:
        conversation: to whom.

    Attributes:
        reply_to: the message that it answers, set by whoever opens it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("send_form")]

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        self._conversation = conversation
        self.reply_to: int | None = None
        self._handed: Content | None = None  # what the desk was asked to send, and under which id
        self._client_id = ""

    def kind_label(self) -> str:
        """What is made here, for the title line."""
        raise NotImplementedError

    def make(self, values: Mapping[str, str]) -> Content:
        """The message.

        Raises:
            DeskError: it cannot be made of this; `field` names the row.
        """
        raise NotImplementedError

    def row_of(self, path: str) -> str | None:
        """The row that shows a problem at a path of the content."""
        raise NotImplementedError

    def scopes(self) -> tuple[str, ...]:
        """What is typed here is sent."""
        return ("send_form",)

    def heading(self) -> str:
        """The kind and the customer."""
        return f"{self.kind_label()} · {clean(self._conversation.title, one_line=True)}"

    def save_label(self) -> str:
        """Nothing is saved here."""
        return _("Send")

    def done_text(self) -> str:
        """It is in the timeline now."""
        return _("On its way")

    async def save_values(self, values: dict[str, Any]) -> None:
        """Check it as the channel would, then queue it."""
        content = self.make({key: str(value) for key, value in values.items()})
        problem = check_content(self._conversation.channel, content)
        if problem is not None:
            reason = _quoted(content, problem.field) + _(problem.message).format(**problem.values)
            raise DeskError(_AS_IT_IS, reason=reason, field=self.row_of(problem.field))
        if content != self._handed:  # the same again after a lost answer is one message
            self._handed, self._client_id = content, str(uuid.uuid4())
        try:
            await console(self).desk.call(
                Send(
                    conversation_id=self._conversation.id,
                    client_id=self._client_id,
                    content=content,
                    reply_to=self.reply_to,
                    author=console(self).author,
                )
            )
        except DeskError as error:
            row = self.row_of(error.field or "")
            raise DeskError(error.message, field=row, **error.values) from None


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
