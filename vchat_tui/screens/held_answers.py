"""What an agent does about answers that wait for the customer: a part of the open conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import work

from vchat_tui.desk.calls import (
    Call,
    DiscardHeld,
    EditHeld,
    HoldFailed,
    SendHeld,
    TakeBackHeld,
)
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Conversation, Status, TimelineItem
from vchat_tui.screens.answer import AnswerBox
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.message_files import MessageDeeds
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import hold_hint, window_open
from vchat_tui.widgets.timeline import Timeline


class HeldAnswers(MessageDeeds):
    """Part of the open conversation."""

    conversation: Conversation | None
    _discarding: int | None = None  # asked about once already

    @property
    def timeline(self) -> Timeline:
        """The messages."""
        return self.query_one(Timeline)

    @property
    def composer(self) -> AnswerBox:
        """The answer."""
        return self.query_one(AnswerBox)

    def send_template(self, held: TimelineItem | None = None) -> object:
        """Choose a template, fill it in, send it; in place of a held answer, where one is given."""
        raise NotImplementedError

    def write_held(self) -> None:
        """To the text box, for an answer that goes once the customer writes."""
        if self.conversation is None:
            return
        if not window_open(self.conversation, console(self).clock):
            self.composer.block("")
            self.composer.hold(hold_hint())
        self.composer.editor.focus()

    async def take_back_going(self) -> bool:
        """Takes back every held answer that is about to go; whether there was one."""
        going = [
            view.item.message.id
            for view in self.timeline.views
            if view.item.held is not None and view.item.held.release_at is not None
        ]
        for message_id in going:
            await console(self).desk.call(TakeBackHeld(message_id=message_id))
        if going:
            text = ngettext("Taken back: {n} answer", "Taken back: {n} answers", len(going))
            console(self).say(text.format(n=len(going)))
        return bool(going)

    def _held(self) -> TimelineItem | None:
        """The marked answer; where another message is marked, the newest that is held."""
        return self._mine(lambda item: item.held is not None)

    def _mine(self, wanted: Callable[[TimelineItem], bool]) -> TimelineItem | None:
        marked = self.chosen_item()
        if marked is not None and wanted(marked):
            return marked
        found = [view for view in self.timeline.views if wanted(view.item)]
        if not found:
            return None
        self.timeline.mark_view(found[-1])
        return found[-1].item

    def action_send_held(self) -> None:
        """Send the marked answer now; while the window is closed, a template."""
        if (item := self._held()) is None or self.conversation is None:
            return
        if window_open(self.conversation, console(self).clock):
            self._ask(SendHeld(message_id=item.message.id))
        else:
            self.send_template(item)

    async def ask_what_becomes_of(self, held: TimelineItem) -> None:
        """A template went in place of a held answer, which stays held unless the person says so.
        From a worker."""
        question = ConfirmDialog(
            _("The template is on its way. Keep the held answer for when the customer writes?"),
            _("Discard it"),
            no_label=_("Keep it"),
        )
        if await self.app.push_screen_wait(question):
            await console(self).desk.call(DiscardHeld(message_id=held.message.id))

    def action_take_back(self) -> None:
        """The marked answer does not go by itself."""
        if (item := self._held()) is not None:
            self._ask(TakeBackHeld(message_id=item.message.id))

    def action_hold_failed(self) -> None:
        """Keep the failed message until the customer writes."""
        item = self._mine(lambda item: item.message.status is Status.FAILED)
        if item is not None:
            self._ask(HoldFailed(message_id=item.message.id, author=console(self).author))

    def action_discard_held(self) -> None:
        """Forget the marked answer, after a second press."""
        if (item := self._held()) is None:
            return
        if self._discarding == item.message.id:
            self._discarding = None
            self._ask(DiscardHeld(message_id=item.message.id))
            return
        self._discarding = item.message.id
        console(self).say(
            _("It will be gone. Press the key again to discard it."), severity="warning"
        )

    @work(group="held", exit_on_error=False)
    async def _ask(self, call: Call[Any]) -> None:
        await console(self).desk.call(call)

    @work(group="held", exit_on_error=False)
    async def action_edit_held(self) -> None:
        """Back into the text box, above what is typed there."""
        if (item := self._held()) is None or self.conversation is None:
            return
        conversation_id = self.conversation.id
        self.composer.flush()
        draft = await console(self).desk.call(EditHeld(message_id=item.message.id))
        if self.conversation.id == conversation_id:
            self.composer.take(item.message.text or draft.text)
            self.write_held()
