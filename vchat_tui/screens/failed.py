"""Messages that failed, or of which nobody knows whether they arrived: why, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings, key_of
from vchat_tui.channels.errors import advice
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import ConfirmArrived, DeskError, GetConversation, ListFailed, Retry
from vchat_tui.events import DiagnosticsChanged, Event, ManyChanged, MessageChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Message, Status, TimelineItem
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.marking_list import MarkingList
from vchat_tui.screens.page import (
    INDENT,
    MUTED,
    Page,
    block,
    line,
    problem_line,
    problems,
    show_problem,
)
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar


class FailedScreen(Page[tuple[int, int] | None]):
    """Dismisses with (conversation id, message id) of the message to jump to."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "failed.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("failed")]

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[TimelineItem, ...] = ()
        self._titles: dict[int, str] = {}

    def compose(self) -> ComposeResult:
        """Title, messages, keys."""
        yield line(_("Failed and unknown"), id="title")
        yield problem_line()
        empty = line(
            _("All is well: no message failed, none is in doubt. Esc goes back."), id="empty"
        )
        empty.display = False
        yield empty
        yield MarkingList(id="failed", compact=True)
        yield KeyBar("failed", "app")

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        if self._items:
            self._draw()

    def on_desk_event(self, event: Event) -> None:
        """A message failed, or was settled."""
        if isinstance(event, DiagnosticsChanged | MessageChanged | ManyChanged):
            self.load_soon()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the list and the names that go with it, and draw; the mark stays on its message."""
        with problems(self):
            self._items = await console(self).desk.call(ListFailed())
            for item in self._items:
                await self._learn_title(item.message)
            self._draw()

    async def _learn_title(self, message: Message) -> None:
        """The conversation's title, asked for once each."""
        number = message.conversation_id
        if number not in self._titles:
            try:
                row = await console(self).desk.call(GetConversation(conversation_id=number))
                self._titles[number] = row.title
            except DeskError:  # merged or deleted meanwhile: the address still says who
                self._titles[number] = message.to or "?"

    def _draw(self) -> None:
        options = self.query_one("#failed", MarkingList)
        options.show([self._option(item) for item in self._items])
        self.query_one("#empty", Static).display = not self._items
        if self._items:
            options.focus()

    def _option(self, item: TimelineItem) -> Option:
        title = self._titles.get(item.message.conversation_id, "?")
        width = self.query_one("#failed").scrollable_content_region.width
        row = failed_row(item, title, console(self).clock, width)
        return Option(row, id=str(item.message.id))

    @property
    def _marked(self) -> TimelineItem | None:
        option = self.query_one("#failed", OptionList).highlighted_option
        for item in self._items:
            if option is not None and option.id == str(item.message.id):
                return item
        return None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Jump to the message."""
        self.action_open()

    def action_open(self) -> None:
        """Jump to the marked message."""
        item = self._marked
        if item is not None:
            self.dismiss((item.message.conversation_id, item.message.id))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_retry(self) -> None:
        """Send a failed message again; one in doubt needs the key that says so."""
        item = self._marked
        if item is None:
            return
        if item.message.status is Status.UNKNOWN:
            show_problem(
                self,
                _(
                    "It may have arrived. Press {arrived} if you know that it did, {again} to send "
                    "it again."
                ).format(arrived=key_of("failed-arrived"), again=key_of("failed-again")),
            )
            return
        await self._act(Retry(message_id=item.message.id))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_arrived(self) -> None:
        """A person knows that the customer has it."""
        item = self._marked
        if item is None:
            return
        if item.message.status is not Status.UNKNOWN:
            text = _("This one certainly failed. Press {key} to try again.")
            show_problem(self, text.format(key=key_of("failed-retry")))
            return
        await self._act(ConfirmArrived(message_id=item.message.id))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_send_again(self) -> None:
        """Send a message in doubt once more: the customer may get it twice, so ask first."""
        item = self._marked
        if item is None:
            return
        doubt = item.message.status is Status.UNKNOWN
        if doubt:
            question = _("The customer may already have it and would get it twice. Send it again?")
            if not await self.app.push_screen_wait(ConfirmDialog(question, _("Send again"))):
                return
        await self._act(Retry(message_id=item.message.id, may_double=doubt))

    async def _act(self, call: Retry | ConfirmArrived) -> None:
        show_problem(self, "")
        with problems(self):
            await console(self).desk.call(call)
            self.load()

    def action_back(self) -> None:
        """Back to the conversations."""
        self.dismiss(None)


def failed_row(item: TimelineItem, title: str, clock: Clock, width: int) -> Content:
    """State, time and whom; what it says; what to do; code and attempts.

    Args:
        item: the message.
        title: the name of its conversation.
        clock: says when.
        width: of the row, in cells.
    """
    message = item.message
    doubt = message.status is Status.UNKNOWN
    state = "? " + _("may have arrived") if doubt else "✗ " + _("failed")
    moment = message.sent_at or message.received_at
    when = clock.short(moment) if moment else ""
    head = Content.assemble(
        (state, "bold $text-warning" if doubt else "bold $text-error"),
        (f"  {when}  {clean(message.inbox, one_line=True)}  ", MUTED),
        (clean(title, one_line=True), "bold"),
    )
    said = Content(clean(message.text or message.type, one_line=True))
    lines = [
        said.truncate(width - INDENT, ellipsis=True),
        Content.styled(_remedy(message), "$text-accent"),
        Content.styled(_facts(item), MUTED),
    ]
    return block(head, lines, width) + Content("\n")


def _remedy(message: Message) -> str:
    """What happened and what to do, in the reader's language where we know the error."""
    if message.status is Status.UNKNOWN:
        return _("No answer came in time: it may or may not have arrived.")
    if message.error is None:
        return _("The provider gave no reason.")
    return clean(advice(message.channel, message.error), one_line=True)


def _facts(item: TimelineItem) -> str:
    """The provider's code, and how often it was tried."""
    facts = []
    if item.message.error is not None:
        code = clean(item.message.error.code, one_line=True)
        facts.append(_("code {code}").format(code=code))
    if item.attempts:
        count = ngettext("{n} attempt", "{n} attempts", item.attempts)
        facts.append(count.format(n=item.attempts))
    return " · ".join(facts)
