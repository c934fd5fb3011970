"""The open conversation: its messages, what may be done with them, and the answer.

It is the part of the main screen that talks to the desk about one conversation.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from vchat_tui.actions import action_of, bindings, key_of
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import (
    ConfirmArrived,
    DeskError,
    Disconnected,
    GetConversation,
    GetRaw,
    GetTimeline,
    MarkRead,
    Retry,
)
from vchat_tui.events import AnyEvent, ConversationChanged, MessageChanged, MessageGone
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Conversation, Direction, Status, TimelineItem
from vchat_tui.screens.answer import AnswerBox
from vchat_tui.screens.by_sms import BySms
from vchat_tui.screens.draft_keeper import DraftKeeper
from vchat_tui.screens.text_view import TextView
from vchat_tui.text import clean
from vchat_tui.widgets.composer import Editor
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import chat_head, closed_reason, window_open
from vchat_tui.widgets.message_view import MessageView
from vchat_tui.widgets.run import run_table_action
from vchat_tui.widgets.timeline import Timeline

PAGE = 30


class ChatPane(BySms):
    """Timeline and composer of one conversation.

    Args:
        drafts: keeps what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("timeline")]

    class Back(Message):
        """The reader wants the list."""

    def __init__(self, drafts: DraftKeeper, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drafts = drafts
        self.conversation: Conversation | None = None
        self._loaded = False
        self._asked: int | None = None  # the message that was asked about before sending it twice
        self._keep_unread = False  # marked unread by hand: looking at it does not undo that

    def compose(self) -> ComposeResult:
        yield Static(id="chat-title", markup=False)
        yield Static(id="chat-empty", markup=False)
        yield Timeline(id="timeline")
        yield Static(id="new-below", markup=False)
        yield AnswerBox(self._drafts, id="composer")

    def on_mount(self) -> None:
        self.watch(self.app, "app_focus", self._maybe_read, init=False)
        self.retranslate()

    def retranslate(self) -> None:
        """The language changed."""
        self.query_one("#chat-empty", Static).update(
            Content(
                _("Choose a conversation: ↑ ↓ and Enter, or {key} for the next unread.").format(
                    key=key_of("next-unread")
                )
            )
        )
        self.composer.retranslate()
        self.timeline.redraw()
        self.show_head()

    # ---- opening ----------------------------------------------------------------------------

    @work(group="open", exclusive=True, exit_on_error=False)
    async def open(self, conversation_id: int, around: int | None = None) -> None:
        """Show a conversation at its end, or around a message, ready to answer."""
        desk = console(self).desk
        await desk.watch(conversation_id)
        conversation = await desk.call(GetConversation(conversation_id=conversation_id))
        page = await desk.call(
            GetTimeline(conversation_id=conversation_id, around=around, limit=PAGE)
        )
        draft = await self.composer.stored_draft(conversation_id)
        self._loaded = False
        self._keep_unread = False
        self.conversation = conversation
        with self.app.batch_update():  # one picture of it all, not one for each part
            self.add_class("-open")
            can = capabilities(conversation.channel)
            self.composer.open(conversation_id, draft, limit=can.max_text, in_segments=can.segments)
            self.show_head()
            await self.timeline.load(
                page, conversation.title, unread=conversation.unread, around=around
            )
            self._loaded = True
            self.focus_inside(reading=around is not None)
        self.show_pictures(self.timeline.views)
        self._maybe_read()

    def focus_inside(self, *, reading: bool = False) -> None:
        """To the text box, or to the messages where nothing may be written (or to read on)."""
        if reading or self.composer.is_blocked:
            self.timeline.focus()
        else:
            self.composer.editor.focus()

    def resync(self) -> None:
        """Much may have happened: read the conversation again where the reader is."""
        if self.conversation is not None:
            self._resync(self.conversation.id)

    @work(group="open", exclusive=True, exit_on_error=False)
    async def _resync(self, conversation_id: int) -> None:
        desk = console(self).desk
        await desk.watch(conversation_id)
        self.conversation = await desk.call(GetConversation(conversation_id=conversation_id))
        self.show_head()
        timeline = self.timeline
        at_tail = timeline.at_tail or not timeline.views
        around = None if at_tail else timeline.chosen()
        page = await desk.call(
            GetTimeline(
                conversation_id=conversation_id,
                around=around.message_id if around else None,
                limit=PAGE,
            )
        )
        await timeline.load(
            page, self.conversation.title, around=around.message_id if around else None
        )
        self.show_pictures(timeline.views)
        self._maybe_read()

    # ---- what the desk tells ----------------------------------------------------------------

    async def hear(self, event: AnyEvent) -> None:
        """An event, where it is about this conversation."""
        conversation = self.conversation
        if conversation is None:
            return
        if isinstance(event, ConversationChanged) and event.conversation.id == conversation.id:
            if event.conversation.unread <= conversation.unread and not event.conversation.unread:
                self._keep_unread = False
            self.conversation = event.conversation
            self.show_head()
            self._maybe_read()
        elif isinstance(event, MessageGone):
            await self.timeline.drop(event.message_id)
        elif isinstance(event, MessageChanged):
            message = event.item.message
            if message.conversation_id == conversation.id and self._loaded:
                if message.direction is Direction.IN and self.timeline.find(message.id) is None:
                    self._keep_unread = False
                await self.timeline.put(event.item)
                self.show_pictures(self.timeline.views)

    def show_head(self) -> None:
        """Draw the title, and what the window allows."""
        conversation = self.conversation
        if conversation is None:
            return
        clock = console(self).clock
        self.query_one("#chat-title", Static).update(chat_head(conversation, clock))
        if window_open(conversation, clock) and not self.composer.is_by_sms:
            self.composer.hold("")
            self.composer.block("")
        elif not self.composer.is_holding:
            self.composer.block(closed_reason(conversation, clock))

    # ---- reading ----------------------------------------------------------------------------

    def keep_unread(self) -> None:
        """The person marked it unread: it stays so until something new comes."""
        self._keep_unread = True

    def on_timeline_tail_seen(self, event: Timeline.TailSeen) -> None:
        event.stop()
        self._maybe_read()

    def _maybe_read(self) -> None:
        """Read means: the person is here, looks at this screen, and sees the newest message."""
        conversation = self.conversation
        if (
            conversation is None
            or not conversation.unread
            or self._keep_unread
            or not self._loaded
            or not self.app.app_focus
            or not self.screen.is_current
            or not self.region.width
            or not self.timeline.at_tail
        ):
            return
        views = self.timeline.views
        self._mark_read(conversation.id, views[-1].message_id if views else None)

    @work(group="read", exclusive=True, exit_on_error=False)
    async def _mark_read(self, conversation_id: int, up_to: int | None) -> None:
        await console(self).desk.call(MarkRead(conversation_id=conversation_id, up_to=up_to))

    # ---- more of the timeline ---------------------------------------------------------------

    def on_timeline_wants_older(self, event: Timeline.WantsOlder) -> None:
        event.stop()
        self._page(older=True)

    def on_timeline_wants_newer(self, event: Timeline.WantsNewer) -> None:
        event.stop()
        self._page(older=False)

    @work(group="page", exclusive=True, exit_on_error=False)
    async def _page(self, *, older: bool) -> None:
        timeline = self.timeline
        views = timeline.views
        if self.conversation is None or not views:
            return
        conversation_id = self.conversation.id
        edge = views[0 if older else -1].item.order
        try:
            page = await console(self).desk.call(
                GetTimeline(
                    conversation_id=conversation_id,
                    before=edge if older else None,
                    after=None if older else edge,
                    limit=PAGE,
                )
            )
        except (DeskError, Disconnected):
            timeline.ready()
            raise
        if self.conversation.id != conversation_id:
            return
        await (timeline.prepend(page) if older else timeline.append_page(page))

    def on_timeline_wants_tail(self, event: Timeline.WantsTail) -> None:
        event.stop()
        if self.conversation is not None:
            self.open(self.conversation.id)

    def on_timeline_new_below(self, event: Timeline.NewBelow) -> None:
        event.stop()
        pill = self.query_one("#new-below", Static)
        text = ngettext("↓ {n} new", "↓ {n} new", event.count).format(n=event.count)
        pill.update(Content(text + "  (" + _("End") + ")"))
        pill.set_class(event.count > 0, "-shown")

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.id == "new-below":
            self.timeline.action_tail()

    # ---- writing ----------------------------------------------------------------------------

    def on_answer_box_sent(self, event: AnswerBox.Sent) -> None:
        event.stop()
        self.show_head()
        self.timeline.action_tail()

    def attachable(self) -> tuple[Conversation, int | None] | None:
        """See `MessageDeeds`."""
        conversation = self.conversation
        if conversation is None:
            return None
        if not capabilities(conversation.channel).media:
            console(self).say(_("This channel sends text only."), severity="warning")
        elif not window_open(conversation, console(self).clock):
            text = _("The window is closed: only a template may be sent now.")
            console(self).say(text, severity="warning")
        else:
            return conversation, self.composer.reply_to
        return None

    def attached(self) -> None:
        """See `MessageDeeds`."""
        self.composer.quote(None, "")
        self.timeline.action_tail()

    def insert(self, text: str) -> None:
        """See `MessageDeeds`."""
        self.composer.editor.insert(text)

    def on_editor_files_pasted(self, event: Editor.FilesPasted) -> None:
        """A path was pasted, or a file dropped on the terminal."""
        event.stop()
        self.ask_about(event.paths, event.text)

    @work(group="more", exclusive=True, exit_on_error=False)
    async def more_kinds(self) -> None:
        """Choose another kind of message than text, and make it."""
        from vchat_tui.screens.more_kinds import offer  # only when asked for

        if self.conversation is not None:
            await offer(self.app, self.conversation, self.composer.reply_to)

    @work(group="more", exclusive=True, exit_on_error=False)
    async def send_template(self, held: TimelineItem | None = None) -> None:
        """Choose a template, fill it in, send it."""
        from vchat_tui.screens.send_template import send_template  # only when asked for

        carry = (held.message.text or "") if held is not None else ""
        if self.conversation is None or not await send_template(self.app, self.conversation, carry):
            return
        self.timeline.action_tail()
        if held is not None:
            await self.ask_what_becomes_of(held)

    # ---- actions ----------------------------------------------------------------------------

    def action_write(self) -> None:
        """To the text box."""
        self.composer.editor.focus()

    def action_back(self) -> None:
        """To the list."""
        self.post_message(self.Back())

    def on_editor_leave(self, event: Editor.Leave) -> None:
        """Esc in the text box: first the quote goes, then the focus."""
        event.stop()
        if self.composer.reply_to is not None:
            self.composer.quote(None, "")
        else:
            self.timeline.focus()

    def chosen_item(self, *states: Status) -> TimelineItem | None:
        """The marked message, if it is in one of these states (any, where none is given)."""
        view = self.timeline.chosen()
        if view is None or (states and view.item.message.status not in states):
            return None
        return view.item

    def action_quote(self) -> None:
        """Answer to the marked message."""
        item = self.chosen_item()
        if (
            item is not None
            and item.message.provider_id is not None
            and capabilities(item.message.channel).quotes
        ):
            self.composer.quote(item.message.id, item.message.text or item.message.type)
            self.composer.editor.focus()

    def action_retry(self) -> None:
        """Send the marked failed message again, or fetch its file again."""
        if self.fetch_again():
            return
        if (item := self.chosen_item(Status.FAILED)) is not None:
            self._do(Retry(message_id=item.message.id))

    def action_send_again(self) -> None:
        """Send the marked message of unknown fate once more, after a second press."""
        if (item := self.chosen_item(Status.UNKNOWN)) is None:
            return
        if self._asked == item.message.id:
            self._asked = None
            self._do(Retry(message_id=item.message.id, may_double=True))
            return
        self._asked = item.message.id
        console(self).say(
            _("The customer may get it twice. Press the key again to send it all the same."),
            severity="warning",
        )

    def action_arrived(self) -> None:
        """The person knows that the marked message arrived."""
        if (item := self.chosen_item(Status.UNKNOWN)) is not None:
            self._do(ConfirmArrived(message_id=item.message.id))

    @work(group="message", exit_on_error=False)
    async def _do(self, call: Retry | ConfirmArrived) -> None:
        await console(self).desk.call(call)

    async def on_message_view_remedy(self, event: MessageView.Remedy) -> None:
        """A click on a remedy does what its key does."""
        event.stop()
        self.timeline.mark_view(event.view)
        await run_table_action(self.app, action_of(event.action))

    def action_copy(self) -> None:
        """The text of the marked message, for another program."""
        if (item := self.chosen_item()) is not None and item.message.text:
            self.app.copy_to_clipboard(clean(item.message.text))
            console(self).say(_("Copied"))

    def action_show_all(self) -> None:
        """The whole text of the marked message."""
        if (item := self.chosen_item()) is not None and item.message.text:
            shown: ModalScreen[None] = TextView(_("The whole message"), item.message.text)
            self.app.push_screen(shown)

    @work(group="raw", exclusive=True, exit_on_error=False)
    async def action_raw(self) -> None:
        """The marked message as the provider sent it."""
        if (item := self.chosen_item()) is not None:
            payload = await console(self).desk.call(GetRaw(message_id=item.message.id))
            await console(self).show_raw(_("Message {id}").format(id=item.message.id), payload)
