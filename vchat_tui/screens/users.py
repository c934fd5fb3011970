"""Customers: find one, open the conversation, start one, correct the details."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings, key_of
from vchat_tui.desk.calls import GetUser, ListUsers
from vchat_tui.events import Event, ManyChanged, UserChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import User, UserPage
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems, show_problem
from vchat_tui.screens.start import StartConversationDialog, choose_conversation
from vchat_tui.screens.user_card import EditUserDialog, UserCardScreen
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import phone_line
from vchat_tui.widgets.key_bar import KeyBar
from vchat_tui.widgets.paged_list import Fetched, PagedList


class UserList(PagedList[User]):
    """Users, two lines each: the name, then what else we know.

    Attributes:
        selected: who is selected for a broadcast.
        all_selected: everybody in the list is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("users_list")]
    selected: frozenset[int] = frozenset()
    all_selected = False

    def action_choose(self) -> None:
        """Select the marked user, or no longer; the mark goes on to the next."""
        row = self.marked_row
        if row is None:
            return
        if self.all_selected:  # from everybody to nobody: what is left out is not kept apart
            self.select(frozenset())
        else:
            self.select(self.selected ^ {row.id})
        self.action_move(1)

    def action_choose_all(self) -> None:
        """Select everybody whom the filter finds, or nobody."""
        self.select(frozenset(), everybody=not self.all_selected)

    def select(self, selected: frozenset[int], *, everybody: bool = False) -> None:
        """Say who is selected."""
        self.selected, self.all_selected = selected, everybody
        self.redraw_all()
        self.post_message(self.Selection())

    class Selection(Message):
        """Others are selected now."""

    def row_id(self, row: User) -> int:
        """A user's id never changes."""
        return row.id

    def on_click(self, event: events.Click) -> None:
        """The first click marks, so that the key bar's entries can act on it; the second opens."""
        index = self._index_at(event)
        if index is not None and index != self.cursor:
            event.prevent_default()
            self._mark(index)

    def draw_row(self, row: User, width: int) -> list[Content]:
        """What has a known width first: terminals disagree on how wide foreign text is."""
        facts = [phone_line(row)]
        count = ngettext("{n} conversation", "{n} conversations", row.conversations)
        facts.append(count.format(n=row.conversations))
        if row.last_seen_at:
            seen = console(self).clock.short(row.last_seen_at)
            facts.append(_("seen {when}").format(when=seen))
        if row.email:
            facts.append(clean(row.email, one_line=True))
        name = Content.styled(clean(row.name, one_line=True), "bold")
        sign = ("✓ ", "bold $text-success") if self._is_selected(row) else " "
        return [
            Content.assemble(sign, name).truncate(width, ellipsis=True),
            Content.styled(f" {' · '.join(facts)}", MUTED).truncate(width, ellipsis=True),
        ]

    def _is_selected(self, row: User) -> bool:
        return self.all_selected or row.id in self.selected


class UsersScreen(Page[int | None]):
    """Browse and filter; dismisses with the id of the conversation to open."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "users.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("users")]

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def compose(self) -> ComposeResult:
        """Title, filter, list, keys."""
        yield line(_("Users"), id="title")
        with Horizontal(id="filter-row"):
            yield line("⌕", id="filter-sign")
            yield CleanInput(
                self._text,
                placeholder=_("Name, phone, e-mail or username"),
                id="filter",
                compact=True,
            )
        yield problem_line()
        empty = line("", id="empty")
        empty.display = False
        yield empty
        yield UserList(self.fetch_users, id="users")
        yield KeyBar("users_list", "users", "app")

    def on_user_list_selection(self) -> None:
        """The title counts who is selected."""
        count = self.list.total if self.list.all_selected else len(self.list.selected)
        words = ngettext("{n} selected", "{n} selected", count).format(n=f"{count:,}")
        title = _("Users") + (f" · {words}" if count else "")
        self.query_one("#title", Static).update(Content(title))

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_broadcast(self) -> None:
        """One message to all who are selected; to the marked user, where nobody is."""
        from vchat_tui.screens.new_broadcast import Audience, make_broadcast

        users, marked = self.list, self.list.marked_row
        if users.all_selected:
            audience = Audience(matching=self._text, count=users.total)
        elif users.selected:
            audience = Audience(user_ids=tuple(sorted(users.selected)), count=len(users.selected))
        else:
            audience = Audience((marked.id,), count=1) if marked else Audience()
        with problems(self):
            self._leave_with(await make_broadcast(self.app, audience))

    async def fetch_users(self, offset: int, limit: int) -> Fetched[User]:
        """A page of the list, for the filter as it is now."""
        page = UserPage(rows=(), total=0)
        with problems(self):
            page = await console(self).desk.call(
                ListUsers(text=self._text, offset=offset, limit=limit)
            )
            show_problem(self, "")
        return Fetched(page.rows, page.total)

    def begin(self) -> None:
        """Most people come here to find somebody: typing filters at once."""
        self.action_focus_filter()

    def on_desk_event(self, event: Event) -> None:
        """A user changed, or more than events name."""
        if isinstance(event, UserChanged | ManyChanged):
            self.load()

    def load(self) -> None:
        """Read the list again."""
        self.list.refresh_rows()

    @property
    def list(self) -> UserList:
        """The list on this screen."""
        return self.query_one(UserList)

    def on_paged_list_loaded(self, event: PagedList.Loaded) -> None:
        """Where there is nobody, say what to do."""
        empty = self.query_one("#empty", Static)
        empty.display = event.total == 0
        if self._text:
            text = _("Nobody matches. To write to a new number, press {key}.")
        else:
            text = _("Nobody has written yet. To write first, press {key}.")
        empty.update(Content(text.format(key=key_of("users-new"))))

    def on_input_changed(self, event: CleanInput.Changed) -> None:
        """Filter while the person types."""
        self._text = event.value.strip()
        if self.list.all_selected:
            self.list.select(frozenset())  # they were those of another filter
        self.list.reload(keep_mark=False)

    def on_input_submitted(self) -> None:
        """Enter in the filter opens the marked user."""
        self.action_open()

    def action_open(self) -> None:
        """Open the conversation of the marked user."""
        self.list.action_select()

    def on_paged_list_selected(self) -> None:
        """Enter or a click on a user."""
        user = self.list.marked_row
        if user is not None:
            self.open_user(user)

    @work(group="open", exclusive=True, exit_on_error=False)
    async def open_user(self, user: User) -> None:
        """Their conversation: the only one, the chosen one, or a new one."""
        with problems(self):
            card = await console(self).desk.call(GetUser(user_id=user.id))
            self._leave_with(await choose_conversation(self.app, card))

    def _leave_with(self, conversation_id: int | None) -> None:
        if conversation_id is not None:
            self.dismiss(conversation_id)

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_new(self) -> None:
        """Begin a conversation with a typed number."""
        self._leave_with(await self.app.push_screen_wait(StartConversationDialog()))

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Correct the details of the marked user."""
        user = self.list.marked_row
        if user is not None and await self.app.push_screen_wait(EditUserDialog(user)):
            self.list.refresh_rows()

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_card(self) -> None:
        """All that we know of the marked user."""
        user = self.list.marked_row
        if user is not None:
            self._leave_with(await self.app.push_screen_wait(UserCardScreen(user.id)))

    def action_focus_filter(self) -> None:
        """Type in the filter."""
        self.query_one("#filter").focus()

    def action_focus_list(self) -> None:
        """Go from the filter to the list."""
        self.list.focus()

    def action_back(self) -> None:
        """Leave without opening anything."""
        self.dismiss(None)
