"""The list of conversations: two lines a row, what varies in width always last on its line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content

from vchat_tui.actions import bindings, key_of
from vchat_tui.clock import Clock
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, Direction, Status
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import inbox_name, preview, status_label, whose, window_label
from vchat_tui.widgets.paged_list import Fetched, PagedList

TIME_CELLS = 9
INBOX_CELLS = 10
NARROW_INBOX_CELLS = 6
WHOSE_CELLS = 14
WIDE = 60
PREVIEW_CHARACTERS = 300  # more than fits on any screen; a giant message costs nothing here
SPOKEN = (Status.READ, Status.PLAYED, Status.FAILED, Status.UNKNOWN)


class ConversationList(PagedList[Conversation]):
    """Conversations, newest activity first.

    `several_inboxes`: each row says which number it belongs to. `open_id`: the one on display.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]
    DEFAULT_CSS = """
    ConversationList { height: 1fr; }
    """

    def __init__(
        self,
        fetch: Callable[[int, int], Awaitable[Fetched[Conversation]]],
        locate: Callable[[int], Awaitable[int | None]],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(fetch, locate=locate, id=id)
        self.several_inboxes = False
        self.open_id: int | None = None

    def row_id(self, row: Conversation) -> int:
        return row.id

    def draw_row(self, row: Conversation, width: int) -> list[Content]:
        clock = console(self).clock
        top = Content.assemble(
            self._edge(row), _unread(row), (_time(row, clock), "dim"), " ",
            (clean(row.title, one_line=True), "bold" if row.unread else ""),
        )  # fmt: skip
        bottom = Content.assemble(
            self._edge(row),
            ("    ", "dim"),
            _window(row, clock),
            (" ", "dim"),
            self._inbox(row),
            self._whose(row),
            *_last(row),
        )
        return [line.truncate(width - 1, ellipsis=True) for line in (top, bottom)]

    def _edge(self, row: Conversation) -> tuple[str, str]:
        return ("▌", "$accent") if row.id == self.open_id else (" ", "dim")

    def _inbox(self, row: Conversation) -> tuple[str, str]:
        if not self.several_inboxes:
            return ("", "")
        cells = INBOX_CELLS if self.size.width >= WIDE else NARROW_INBOX_CELLS
        return (_fit(inbox_name(row), cells) + " ", "dim")

    def _whose(self, row: Conversation) -> tuple[str, str]:
        """To whom it was given, where there is room."""
        if self.size.width < WIDE or not (name := whose(row)):
            return ("", "")
        return (f"→ {Content(name).truncate(WHOSE_CELLS, ellipsis=True).plain}  ", "dim")

    def set_open(self, conversation_id: int | None) -> None:
        """Which conversation is on display: its row has an edge."""
        if conversation_id != self.open_id:
            before, self.open_id = self.open_id, conversation_id
            self.redraw_row(before)
            self.redraw_row(conversation_id)


def _unread(row: Conversation) -> tuple[str, str]:
    if not row.unread:
        return ("    ", "dim")
    count = str(row.unread) if row.unread < 100 else "99"
    return (f"●{count:<3}", "bold $text-accent")


def _time(row: Conversation, clock: Clock) -> str:
    text = clock.short(row.last_message_at) if row.last_message_at else ""
    return text.rjust(TIME_CELLS)


def _window(row: Conversation, clock: Clock) -> tuple[str, str]:
    label = window_label(row, clock)
    return (label.text.rjust(TIME_CELLS), label.style) if label else (" " * TIME_CELLS, "dim")


def _last(row: Conversation) -> list[tuple[str, str]]:
    """Ticks and words of the last message, or what is typed and not sent."""
    if row.draft:
        draft = clean(row.draft[:PREVIEW_CHARACTERS], one_line=True)
        return [("✎ " + _("draft") + " ", "$text-warning"), (draft, "italic dim")]
    text = clean(preview(row)[:PREVIEW_CHARACTERS], one_line=True)
    if row.last_direction is Direction.OUT and row.last_status is not None:
        label = status_label(row.last_status)
        ticks = label.text if row.last_status in SPOKEN else label.glyph
        return [(f"{ticks} ", label.style), (text, "dim")]
    return [(text, "" if row.unread else "dim")]


def _fit(text: str, cells: int) -> str:
    """Exactly so many cells."""
    fitted = Content(text).truncate(cells, ellipsis=True).plain
    return fitted + " " * (cells - cell_len(fitted))


def empty_hint(folder: str, *, mine: bool = False) -> str:
    """What to do where a folder holds nothing; `mine`: nothing that was given to who sits here."""
    if mine:
        return _("Nothing here was given to you. {key} shows everybody's conversations.").format(
            key=key_of("filter-mine")
        )
    if folder == "inbox":
        return _(
            "No conversation yet. Customers' messages appear here by themselves; {users} starts a "
            "conversation, {diagnostics} checks that webhooks arrive."
        ).format(users=key_of("users"), diagnostics=key_of("diagnostics"))
    if folder == "archive":
        return _("Nothing archived. {key} archives a conversation that is done.").format(
            key=key_of("archive")
        )
    hints = {
        "unread": _("Nothing unread. {key} shows the inbox."),
        "trash": _("The trash is empty. {key} shows the inbox."),
        "closing": _("No window is open. {key} shows the inbox."),
    }
    return hints[folder].format(key=key_of("filter-inbox"))
