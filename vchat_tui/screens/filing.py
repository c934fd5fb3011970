"""What is done with a whole conversation: filed, marked, given to somebody."""

from __future__ import annotations

from textual import work
from textual.screen import Screen

from vchat_tui.actions import key_of
from vchat_tui.desk.calls import MarkRead, MarkUnread, MoveConversation
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, Folder
from vchat_tui.screens.chat import ChatPane
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.conversation_list import ConversationList


class Filing(Screen[None]):
    """The part of the main screen whose keys act on the open or marked conversation."""

    def __init__(self) -> None:
        super().__init__()
        self._last_move: tuple[int, Folder] | None = None

    @property
    def conversations(self) -> ConversationList:
        """The list."""
        return self.query_one(ConversationList)

    @property
    def chat(self) -> ChatPane:
        """The open conversation."""
        return self.query_one(ChatPane)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def action_assign(self, to: str) -> None:
        """Give a conversation to an `agent` or a `department`."""
        from vchat_tui.screens.assign import assign_agent, assign_department  # only when asked for

        if (subject := self.subject()) is not None:
            await (assign_agent if to == "agent" else assign_department)(self.app, subject)

    def subject(self) -> Conversation | None:
        """What a key acts on: the marked row while the list has the focus, else what is open."""
        if self.focused is self.conversations or self.chat.conversation is None:
            return self.conversations.marked_row
        return self.chat.conversation

    @work(group="move", exit_on_error=False)
    async def action_move(self, folder: str) -> None:
        """Put a conversation in another folder; it can be taken back."""
        subject = self.subject()
        if subject is None or subject.folder == folder:
            return
        self._last_move = (subject.id, subject.folder)
        await console(self).desk.call(
            MoveConversation(conversation_id=subject.id, folder=Folder(folder))
        )
        texts = {
            "archive": _("Archived: {name} · {key} takes it back"),
            "trash": _("In the trash: {name} · {key} takes it back"),
            "inbox": _("Back in the inbox: {name}"),
        }
        name = clean(subject.title, one_line=True)
        console(self).say(texts[folder].format(name=name, key=key_of("undo")))

    @work(group="move", exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back what is about to go, else the last move."""
        if await self.chat.take_back_going():
            return
        if self._last_move is not None:
            conversation_id, folder = self._last_move
            self._last_move = None
            row = await console(self).desk.call(
                MoveConversation(conversation_id=conversation_id, folder=folder)
            )
            self.app.clear_notifications()
            text = _("Taken back: {name}")
            console(self).say(text.format(name=clean(row.title, one_line=True)))

    @work(group="mark", exit_on_error=False)
    async def action_mark_read(self) -> None:
        """Nothing in it is unread."""
        if (subject := self.subject()) is not None:
            await console(self).desk.call(MarkRead(conversation_id=subject.id))

    @work(group="mark", exit_on_error=False)
    async def action_mark_unread(self) -> None:
        """Keep it for later."""
        if (subject := self.subject()) is not None:
            opened = self.chat.conversation
            if opened is not None and opened.id == subject.id:
                self.chat.keep_unread()
            await console(self).desk.call(MarkUnread(conversation_id=subject.id))
