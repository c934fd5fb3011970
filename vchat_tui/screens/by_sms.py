"""Reaching the customer by SMS from a conversation on another channel: a part of the open one."""

from __future__ import annotations

from textual.message import Message

from vchat_tui.channels.registry import is_sms
from vchat_tui.i18n import _
from vchat_tui.models import Elsewhere, TimelineItem
from vchat_tui.screens.held_answers import HeldAnswers
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import sms_hint


def _points_to(item: TimelineItem) -> Elsewhere | None:
    return item.elsewhere or (item.held.sms if item.held is not None else None)


class BySms(HeldAnswers):
    """Part of the open conversation."""

    class Goto(Message):
        """The reader wants to see a message in another conversation."""

        def __init__(self, conversation_id: int, message_id: int) -> None:
            super().__init__()
            self.conversation_id = conversation_id
            self.message_id = message_id

    def write_sms(self) -> None:
        """Send what is typed as an SMS now; with nothing typed, write one."""
        if self.conversation is None:
            return
        if is_sms(self.conversation.channel):
            console(self).say(_("This conversation goes by SMS already: write and send."))
            return
        self.composer.block("")
        self.composer.hold(sms_hint(), by_sms=True)
        self.composer.editor.focus()
        if self.composer.editor.text.strip():
            self.composer.editor.action_send()

    def action_go_elsewhere(self) -> None:
        """The SMS that the marked message tells of; where another is marked, the newest one."""
        item = self._mine(lambda item: _points_to(item) is not None)
        found = _points_to(item) if item is not None else None
        if found is not None:
            self.post_message(self.Goto(found.conversation_id, found.message_id))
