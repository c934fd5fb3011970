"""The main screen: conversations, timeline with composer, details on demand.

Wide terminals show the panes side by side, narrow ones (below 100 columns) one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Static

from vchat_tui.actions import bindings, key_of
from vchat_tui.desk.calls import (
    ConversationFilter,
    GetConversation,
    GetCounts,
    GetUser,
    ListConversations,
    ListInboxes,
    LocateConversation,
    NextUnread,
)
from vchat_tui.events import (
    AnyEvent,
    ConversationChanged,
    ConversationGone,
    CountsChanged,
    InboxesChanged,
    ManyChanged,
    UserChanged,
)
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, Counts, Inbox
from vchat_tui.notifications import Alerts
from vchat_tui.remote import LinkState
from vchat_tui.screens.by_sms import BySms
from vchat_tui.screens.chat import ChatPane
from vchat_tui.screens.draft_keeper import DraftKeeper
from vchat_tui.screens.filing import Filing
from vchat_tui.widgets.bars import Banner, FolderTabs, TopBar
from vchat_tui.widgets.console import ScreenName, console
from vchat_tui.widgets.conversation_list import ConversationList, empty_hint
from vchat_tui.widgets.details import Details
from vchat_tui.widgets.key_bar import KeyBar
from vchat_tui.widgets.list_filter import list_filter, number_after
from vchat_tui.widgets.paged_list import Fetched

AGE_SECONDS = 30  # how often the times left are looked at


class MainScreen(Filing):
    """Where an agent lives.

    Args:
        drafts: keeps what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("main")]
    AUTO_FOCUS = "ConversationList"

    def __init__(self, drafts: DraftKeeper, alerts: Alerts) -> None:
        super().__init__()
        self._drafts = drafts
        self._counts = Counts()
        self._inboxes: tuple[Inbox, ...] | None = None
        self._link = LinkState.CONNECTING
        self._folder = "inbox"
        self._mine = False  # only what is assigned to who sits here
        self._number: int | None = None  # the inbox whose conversations are shown; None: all
        self._alerts = alerts

    def compose(self) -> ComposeResult:
        yield TopBar(id="top")
        yield Banner(id="banner")
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield FolderTabs(id="folders")
                yield Static(id="list-empty", markup=False)
                yield ConversationList(self._fetch, self._locate, id="conversations")
            yield ChatPane(self._drafts, id="chat")
            yield Details(id="details")
        yield KeyBar("list", "main", "app", id="keys")

    def on_mount(self) -> None:
        self.set_interval(AGE_SECONDS, self._grow_older)
        self.retranslate()

    def node_of(self, scope: str) -> DOMNode:
        """The part of the screen where the actions of a scope live."""
        if scope == "list":
            return self.conversations
        if scope == "timeline":
            return self.chat
        return self.chat.composer.editor if scope == "composer" else self

    # ---- the list ---------------------------------------------------------------------------

    def _filter(self) -> ConversationFilter:
        agent = console(self).agent
        mine = agent.id if self._mine and agent is not None else None
        return list_filter(self._folder, self._number, mine)

    async def _fetch(self, offset: int, limit: int) -> Fetched[Conversation]:
        page = await console(self).desk.call(
            ListConversations(filter=self._filter(), offset=offset, limit=limit)
        )
        return Fetched(page.rows, page.total)

    async def _locate(self, conversation_id: int) -> int | None:
        return await console(self).desk.call(
            LocateConversation(conversation_id=conversation_id, filter=self._filter())
        )

    def on_paged_list_loaded(self, event: ConversationList.Loaded) -> None:
        empty = self.query_one("#list-empty", Static)
        empty.update(Content("" if event.total else empty_hint(self._folder, mine=self._mine)))
        empty.display = not event.total

    def on_paged_list_selected(self, event: ConversationList.Selected) -> None:
        self.open_conversation(event.row.id)

    def open_conversation(self, conversation_id: int, around: int | None = None) -> None:
        """Show a conversation, at its end or around a message."""
        self.conversations.set_open(conversation_id)
        self.add_class("-chat")
        self.chat.open(conversation_id, around)
        if self.has_class("-details"):
            self._load_details()

    # ---- what the desk tells ----------------------------------------------------------------

    def on_desk_resync(self) -> None:
        """Much may have happened: read everything that is shown again."""
        self.conversations.reload()
        self.chat.resync()
        self._read_overview()

    async def on_desk_event(self, event: AnyEvent) -> None:
        """One thing happened."""
        await self.chat.hear(event)
        if isinstance(event, ConversationChanged):
            self._conversation_changed(event)
        elif isinstance(event, ConversationGone):
            self.conversations.refresh_rows()
        elif isinstance(event, ManyChanged):
            self._many_changed(event)
        elif isinstance(event, CountsChanged):
            self._counts = event.counts
            self._show_top()
        elif isinstance(event, InboxesChanged):
            self._read_overview()
        elif isinstance(event, UserChanged):
            opened = self.chat.conversation
            if opened is not None and opened.user_id == event.user_id:
                self._load_details()

    def _conversation_changed(self, event: ConversationChanged) -> None:
        new = event.conversation
        old = self.conversations.find(new.id)
        if old is not None:
            self.conversations.replace_row(new)
        moved = (
            old is None
            or (old.last_message_at, old.folder) != (new.last_message_at, new.folder)
            or (self._folder == "unread" and bool(old.unread) != bool(new.unread))
            or (self._folder == "closing" and old.window_ends_at != new.window_ends_at)
        )
        if moved or (self._mine and (old is None or old.agent_id != new.agent_id)):
            self.conversations.refresh_rows()
        opened = self.chat.conversation
        if opened is not None and opened.id == new.id and self.has_class("-details"):
            self._load_details()
        if event.arrived:
            shown = opened is not None and opened.id == new.id and self.app.screen is self
            self._alerts.arrived(new, looking=shown and self.app.app_focus)

    def _many_changed(self, event: ManyChanged) -> None:
        """More than events name: what is shown is read again, and a flood rings once."""
        self.conversations.refresh_rows()
        self._read_opened()
        self._alerts.many(event.arrived)

    @work(group="opened", exclusive=True, exit_on_error=False)
    async def _read_opened(self) -> None:
        opened = self.chat.conversation
        if opened is None:
            return
        row = await console(self).desk.call(GetConversation(conversation_id=opened.id))
        await self.chat.hear(ConversationChanged(conversation=row))
        if self.has_class("-details"):
            self._load_details()

    @work(group="overview", exclusive=True, exit_on_error=False)
    async def _read_overview(self) -> None:
        desk = console(self).desk
        self._counts = await desk.call(GetCounts())
        first = self._inboxes is None
        self._inboxes = await desk.call(ListInboxes())
        self.conversations.several_inboxes = len(self._inboxes) > 1
        self.conversations.redraw_all()
        self._show_top()
        if first and not self._inboxes:
            await console(self).open_screen("setup")

    def set_link(self, link: LinkState) -> None:
        """The line to the server changed."""
        self._link = link
        if self.is_mounted:
            self._show_top()

    def _show_top(self) -> None:
        only = next((one for one in self._inboxes or () if one.id == self._number), None)
        agent = console(self).agent
        self.query_one(TopBar).show_state(
            self._counts, self._link, only, agent, mine=self._mine and agent is not None
        )
        self.query_one(Banner).show_state(self._link, self._inboxes or ())

    def show_agent(self) -> None:
        """Somebody else sits here, or they changed."""
        self._show_top()
        if self._mine:
            self.conversations.refresh_rows()

    def _grow_older(self) -> None:
        if self._folder == "closing":
            self.conversations.refresh_rows()
        self.conversations.redraw_aged()
        self.chat.show_head()
        self.chat.timeline.redraw_dividers()

    def retranslate(self) -> None:
        """The language changed: draw everything of ours again."""
        self._show_top()
        self.query_one(FolderTabs).show_folder(self._folder)
        self.query_one(KeyBar).redraw()
        self.conversations.redraw_all()
        self.chat.retranslate()
        if self.has_class("-details"):
            self._load_details()

    # ---- focus ------------------------------------------------------------------------------

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is self.conversations:
            scope = "list"
        else:
            scope = "composer" if event.widget is self.chat.composer.editor else "timeline"
        self.query_one(KeyBar).show_scopes(scope, "main", "app")

    def on_chat_pane_back(self) -> None:
        self.action_focus_list()

    def on_by_sms_goto(self, event: BySms.Goto) -> None:
        self.open_conversation(event.conversation_id, around=event.message_id)

    def action_focus_list(self) -> None:
        """To the list; a narrow terminal shows it again."""
        self.remove_class("-chat")
        self.conversations.focus()

    # ---- actions ----------------------------------------------------------------------------

    def action_filter(self, folder: str) -> None:
        """Show another folder; or (`number`) the next of our numbers, (`mine`) only what is mine."""
        if folder == "mine":
            self._mine = not self._mine and console(self).agent is not None
            if console(self).agent is None:
                text = _("Choose first who sits here: {key}")
                console(self).say(text.format(key=key_of("choose-agent")))
            self._show_top()
        elif folder == "number":
            self._number = number_after(self._inboxes or (), self._number)
            self._show_top()
        else:
            self._folder = folder
            self.query_one(FolderTabs).show_folder(folder)
        self.conversations.reload(keep_mark=False)
        self.action_focus_list()

    @work(group="go", exclusive=True, exit_on_error=False)
    async def action_next_unread(self) -> None:
        """Open the unread conversation that waits longest."""
        opened = self.chat.conversation
        found = await console(self).desk.call(NextUnread(after=opened.id if opened else None))
        if found is None:
            console(self).say(_("Nothing unread"))
        else:
            self.open_conversation(found.id)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def action_go_to(self) -> None:
        """Find a conversation by a few letters."""
        from vchat_tui.screens.go_to import GoTo  # only when asked for

        chosen = await self.app.push_screen_wait(GoTo())
        if chosen is not None:
            self.open_conversation(chosen)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def action_visit(self, name: ScreenName) -> None:
        """Another screen; some come back with a conversation, or a message in one."""
        answer = await console(self).open_screen(name)
        if isinstance(answer, int):
            self.open_conversation(answer)
        elif isinstance(answer, tuple):
            self.open_conversation(answer[0], around=answer[1])

    def action_details(self) -> None:
        """Show or hide what we know of the customer."""
        if self.chat.conversation is None:
            self._say_open_first()
            return
        self.toggle_class("-details")
        if self.has_class("-details"):
            self._load_details()
            self.query_one(Details).focus()
        else:
            self.chat.focus_inside()

    def _say_open_first(self) -> None:
        text = _("Open a conversation first: {open} in the list, or {key}")
        keys = {"open": key_of("list-open"), "key": key_of("next-unread")}
        console(self).say(text.format(**keys))

    def action_answer_by(self, way: str) -> None:
        """Write to the customer in another way than by text now."""
        chat = self.chat
        if chat.conversation is None:
            self._say_open_first()
            return
        ways: dict[str, Callable[[], object]] = {
            "kind": chat.more_kinds, "file": chat.attach, "template": chat.send_template,
            "holding": chat.write_held, "sms": chat.write_sms,
        }  # fmt: skip
        ways[way]()

    @work(group="details", exclusive=True, exit_on_error=False)
    async def _load_details(self) -> None:
        opened = self.chat.conversation
        if opened is not None:
            card = await console(self).desk.call(GetUser(user_id=opened.user_id))
            self.query_one(Details).show_card(card, opened)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def action_user_card(self) -> None:
        """The customer of the open or marked conversation."""
        subject = self.subject()
        if subject is not None:
            await console(self).show_user(subject.user_id)
