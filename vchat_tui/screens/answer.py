"""The composer of the open conversation: what is typed is kept, and an answer reaches the desk.

Drafts are kept twice (see widgets.drafts) and an answer is forgotten only once the desk has it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from textual import on, work
from textual.message import Message
from textual.widgets import TextArea

from vchat_tui import shortcodes
from vchat_tui.desk.calls import (
    DeskError,
    Disconnected,
    GetConversation,
    Hold,
    Reply,
    Send,
    TextCustomer,
    Typing,
)
from vchat_tui.i18n import _
from vchat_tui.models import Content
from vchat_tui.screens.draft_keeper import DraftKeeper
from vchat_tui.widgets.composer import Composer
from vchat_tui.widgets.console import console, error_text
from vchat_tui.widgets.drafts import LocalDraft

_Answer = Reply | Hold | Send | TextCustomer
TYPING_EVERY = 20.0  # seconds


class AnswerBox(Composer):
    """A composer that talks to the desk.

    Args:
        drafts: keeps what is typed.
    """

    class Sent(Message):
        """The desk has the answer to the conversation that is open."""

    def __init__(self, drafts: DraftKeeper, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drafts = drafts
        self._typing_at = -TYPING_EVERY
        self._by_sms = False

    def hold(self, hint: str, *, by_sms: bool = False) -> None:
        """What is written is held or (`by_sms`) sent as an SMS; a hint says so. Empty: it is sent."""
        super().hold(hint)
        self._by_sms = by_sms
        self._count()

    @property
    def counts_segments(self) -> bool:
        """See `Composer`; an SMS out of another channel is counted, too."""
        return super().counts_segments or self.is_by_sms

    @property
    def is_by_sms(self) -> bool:
        """What is written is sent as an SMS."""
        return self.is_holding and self._by_sms

    async def stored_draft(self, conversation_id: int) -> LocalDraft | None:
        """What was typed in a conversation and not sent."""
        return await self._drafts.load(conversation_id)

    # ---- sending ----------------------------------------------------------------------------

    def on_composer_submitted(self, event: Composer.Submitted) -> None:
        event.stop()
        if self.conversation_id is None:
            return
        parsed = shortcodes.parse(event.text)
        if parsed.has_codes and self.is_by_sms:
            self.refused(event.client_id, _("Products cannot go by SMS: take {catalog …} out."))
            return
        if parsed.has_codes:
            self._send_codes(self.conversation_id, event, parsed)
            return
        self._send(
            self.conversation_id, event.client_id, [self._answer(self.conversation_id, event)]
        )

    def _answer(self, conversation_id: int, event: Composer.Submitted) -> _Answer:
        author = console(self).author
        if self.is_by_sms:
            return TextCustomer(
                conversation_id=conversation_id,
                client_id=event.client_id,
                text=event.text,
                author=author,
            )
        if self.is_holding:
            return Hold(
                conversation_id=conversation_id,
                client_id=event.client_id,
                content=Content(type="text", text=event.text),
                reply_to=event.reply_to,
                author=author,
            )
        return Reply(
            conversation_id=conversation_id,
            client_id=event.client_id,
            text=event.text,
            reply_to=event.reply_to,
            author=author,
        )

    @work(group="codes", exclusive=True, exit_on_error=False)
    async def _send_codes(
        self, conversation_id: int, event: Composer.Submitted, parsed: shortcodes.Parsed
    ) -> None:
        """Products among the text: several messages, seen before they go."""
        from vchat_tui.screens.catalogue_answer import SendPreview, contents_of  # only when typed

        here = console(self)
        try:
            conversation = await here.desk.call(GetConversation(conversation_id=conversation_id))
            contents = contents_of(parsed, conversation, here.clock)
        except (DeskError, Disconnected) as error:
            self._refuse(conversation_id, event.client_id, error)
            return
        if not await self.app.push_screen_wait(SendPreview(contents, parsed.ignored)):
            self.refused(event.client_id, "")
            return
        sends = [
            Send(
                conversation_id=conversation_id,
                client_id=f"{event.client_id}-{number}",  # after a refusal each goes once all the same
                content=content,
                reply_to=None if number else event.reply_to,
                author=here.author,
            )
            for number, content in enumerate(contents)
        ]
        self._send(conversation_id, event.client_id, sends)

    @work(group="send", exit_on_error=False)
    async def _send(self, conversation_id: int, client_id: str, sends: Sequence[_Answer]) -> None:
        try:
            for send in sends:
                await console(self).desk.call(send)
        except (DeskError, Disconnected) as error:
            self._refuse(conversation_id, client_id, error)
            return
        if self.conversation_id == conversation_id:
            if self.is_by_sms:
                self.hold("")  # one at a time: it costs
            self.accepted(client_id)
            self.post_message(self.Sent())
        else:
            self._save(conversation_id, LocalDraft(text=""))

    def _refuse(self, conversation_id: int, client_id: str, error: Exception) -> None:
        """Tell it below the text, or in a toast where another conversation is open by now."""
        if self.conversation_id == conversation_id:
            self.refused(client_id, error_text(error))
        else:
            console(self).say_error(error)

    # ---- typing -----------------------------------------------------------------------------

    @on(TextArea.Changed)
    def say_that_we_write(self) -> None:
        """The customer may see that somebody writes; the server knows whether they should."""
        now = time.monotonic()
        typed = self.editor.has_focus and self.editor.text.strip()
        if typed and self.conversation_id is not None and now - self._typing_at >= TYPING_EVERY:
            self._typing_at = now
            self._tell_typing(self.conversation_id)

    @work(group="typing", exit_on_error=False)
    async def _tell_typing(self, conversation_id: int) -> None:
        with contextlib.suppress(DeskError, Disconnected):  # it is said in passing
            await console(self).desk.call(Typing(conversation_id=conversation_id))

    # ---- drafts -----------------------------------------------------------------------------

    def on_composer_draft_changed(self, event: Composer.DraftChanged) -> None:
        event.stop()
        self._save(event.conversation_id, event.draft)

    def _save(self, conversation_id: int, draft: LocalDraft) -> None:
        try:
            self._drafts.save_here(conversation_id, draft)
        except OSError:
            console(self).say(
                _("The draft cannot be kept on this machine: is the disk full?"),
                severity="warning",
            )
        self._save_there(conversation_id, draft)

    @work(group="draft", exit_on_error=False)
    async def _save_there(self, conversation_id: int, draft: LocalDraft) -> None:
        await self._drafts.save_there(conversation_id, draft)

    def save_now(self) -> None:
        """Keep what is typed on this machine at once: the terminal is going away."""
        if self.conversation_id is not None:
            self._drafts.save_here(self.conversation_id, self.draft())

    async def save_and_leave(self) -> None:
        """Keep what is typed, here and on the desk."""
        if self.conversation_id is not None:
            await self._drafts.save_and_leave(self.conversation_id, self.draft())
