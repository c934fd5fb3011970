"""An answer with products of a catalogue in it (`{catalog ...}`): checked, and seen before it goes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, Static

from vchat_tui import models
from vchat_tui.channels.registry import check_content
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import DeskError
from vchat_tui.i18n import _
from vchat_tui.interactive import readable
from vchat_tui.models import Conversation
from vchat_tui.screens.page import Dialog, line
from vchat_tui.shortcodes import Catalog, Parsed
from vchat_tui.text import clean
from vchat_tui.widgets.describe import window_open
from vchat_tui.widgets.interactive import draw_interactive

_AS_IT_IS = "{reason}"


def contents_of(parsed: Parsed, conversation: Conversation, clock: Clock) -> list[models.Content]:
    """The messages that an answer with codes becomes, in order.

    Raises:
        DeskError: a code is wrong, more than WhatsApp takes, or the window is closed.
    """
    if parsed.mistakes:
        first = parsed.mistakes[0]
        raise DeskError(
            _("At character {place}: {reason}"),
            place=str(first.position + 1),
            reason=_(first.message).format(**first.values),
        )
    if not window_open(conversation, clock):
        raise DeskError(_("The window is closed: only a template may be sent now."))
    contents = []
    for part in parsed.parts:
        if isinstance(part, Catalog):
            made = part.interactive
            content = models.Content(type="interactive", interactive=made, text=readable(made))
        else:
            content = models.Content(type="text", text=part)
        problem = check_content(conversation.channel, content)
        if problem is not None:
            reason = _(problem.message).format(**problem.values)
            raise DeskError(_AS_IT_IS, reason=f"{reason} ({problem.field})")
        contents.append(content)
    return contents


class SendPreview(Dialog[bool]):
    """Shows messages before they go; dismisses with True where they shall.

    Args:
        contents: the messages, in order.
        ignored: attributes that mean nothing.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "catalogue_answer.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, contents: list[models.Content], ignored: tuple[str, ...]) -> None:
        super().__init__()
        self._contents = contents
        self._ignored = ignored

    def compose(self) -> ComposeResult:
        """The messages as the customer sees them, and the two answers."""
        with Vertical(id="dialog"):
            yield line(_("Send this?"), classes="title")
            with VerticalScroll(id="messages", can_focus=False):
                for content in self._contents:
                    yield Static(_drawn(content), classes="message")
            if self._ignored:
                names = ", ".join(self._ignored[:5])
                yield line(_("Ignored: {names}").format(names=names), classes="hint")
            with Horizontal(classes="buttons"):
                yield Button(Content(_("Send")), id="yes", variant="primary", compact=True)
                yield Button(Content(_("Cancel")), id="no", compact=True)

    def on_mount(self) -> None:
        """Enter sends: the person typed it on purpose and sees what it is."""
        self.query_one("#yes").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer was chosen."""
        self.action_answer(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Close with an answer."""
        self.dismiss(answer)


def _drawn(content: models.Content) -> Content:
    if content.interactive:
        return Content("\n").join(draw_interactive(content.interactive))
    return Content(clean(content.text or ""))
