"""Where an answer is written. It keeps the text until somebody else certainly has it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea

from vchat_tui.actions import bindings
from vchat_tui.attachments import pasted_files
from vchat_tui.i18n import _
from vchat_tui.text import clean
from vchat_tui.widgets.drafts import LocalDraft
from vchat_tui.widgets.in_turn import act_in_turn
from vchat_tui.widgets.sms_count import segments, sms_count

SAVE_SECONDS = 0.7  # after the last key, so that at most a second of typing can be lost
COUNTER_FROM = 0.8  # of the limit
QUOTE_CHARACTERS = 200
PASTE_LIMIT = 100_000  # characters; far above what any channel sends, and still quick to draw


class Editor(TextArea):
    """The text box: Enter sends, Ctrl+J, Alt+Enter and Shift+Enter break the line."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("composer")]

    class Send(Message):
        """Enter was pressed. `text` is what had been typed by then."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ShowSegments(Message):
        """How the text is cut into segments is to be seen, or no more."""

    class Leave(Message):
        """Esc was pressed."""

    class FilesPasted(Message):
        """The pasted text names files of this machine; `text` is it, cleaned."""

        def __init__(self, paths: tuple[Path, ...], text: str) -> None:
            super().__init__()
            self.paths = paths
            self.text = text

    def action_leave(self) -> None:
        """Out of the text box; what is typed stays."""
        self.post_message(self.Leave())

    def action_send(self) -> None:
        """Ask to send what is typed."""
        self.post_message(self.Send(self.text))

    def action_segments(self) -> None:
        """Show or hide how the text is cut into segments."""
        self.post_message(self.ShowSegments())

    def action_newline(self) -> None:
        """A line break at the cursor."""
        if not self.read_only:
            self.insert("\n")

    async def _on_key(self, event: events.Key) -> None:
        """Send, line break and cursor keys wait for their turn among what is typed."""
        await act_in_turn(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        """Pasted text may hold escape sequences: they become visible signs."""
        event.prevent_default()
        event.stop()
        if self.read_only:
            return
        text = clean(event.text, limit=PASTE_LIMIT)
        if paths := pasted_files(event.text):
            self.post_message(self.FilesPasted(tuple(paths), text))
        else:
            self.insert(text)


class Composer(Vertical):
    """Editor, quote, counter and the reason why nothing may be sent."""

    DEFAULT_CSS = """
    Composer { height: auto; max-height: 50%; padding: 0 1; border-top: solid $foreground 15%; }
    Composer:focus-within { border-top: solid $primary; }
    Composer > Static { height: auto; display: none; }
    Composer > Static.-shown { display: block; }
    Composer > #quote { color: $text-muted; }
    Composer > #notice { color: $text-warning; }
    Composer > #counter { color: $text-muted; text-align: right; }
    Composer > #segments { max-height: 25vh; color: $text-muted; overflow-y: auto; }
    Composer.-preview Editor { max-height: 2; }
    Composer > #counter.-over { color: $text-error; text-style: bold; }
    Composer Editor { height: auto; min-height: 1; max-height: 25vh; border: none; padding: 0;
                      background: transparent; }
    Composer Editor:focus { border: none; }
    """

    class Submitted(Message):
        """Send this. The composer keeps the text until `accepted` is called with the id."""

        def __init__(self, client_id: str, text: str, reply_to: int | None) -> None:
            super().__init__()
            self.client_id = client_id
            self.text = text
            self.reply_to = reply_to

    class DraftChanged(Message):
        """Keep this for the conversation."""

        def __init__(self, conversation_id: int, draft: LocalDraft) -> None:
            super().__init__()
            self.conversation_id = conversation_id
            self.draft = draft

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.limit = 0
        self._segments = False  # texts are cut into segments, and are counted so
        self._preview = False
        self.conversation_id: int | None = None
        self.reply_to: int | None = None
        self._handed: LocalDraft | None = None  # what was handed to the desk, unanswered or refused
        self._in_flight = False
        self._blocked = ""
        self._holding = ""  # why what is written is held
        self._unsaved = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="quote", markup=False)
        yield Editor(
            id="editor", soft_wrap=True, tab_behavior="focus", show_line_numbers=False,
            highlight_cursor_line=False, compact=True,
        )  # fmt: skip
        yield Static(id="notice", markup=False)
        yield Static(id="segments", markup=False)
        yield Static(id="counter", markup=False)

    def on_mount(self) -> None:
        self.retranslate()

    def retranslate(self) -> None:
        """The language changed."""
        self.editor.cursor_blink = False  # a blink is traffic, all day, for every agent over SSH
        self.editor.placeholder = _("Write an answer")

    @property
    def editor(self) -> Editor:
        """The text box."""
        return self.query_one(Editor)

    # ---- which conversation -----------------------------------------------------------------

    def open(
        self,
        conversation_id: int,
        draft: LocalDraft | None,
        *,
        limit: int,
        in_segments: bool = False,
    ) -> None:
        """Write to another conversation.

        Args:
            conversation_id: which.
            draft: what was typed there before.
            limit: the most characters that a message may have.
            in_segments: texts are cut into segments, each of which is paid for.
        """
        self.flush()
        self.conversation_id = conversation_id
        self.limit = limit
        self._segments = in_segments
        self._preview = False
        self._handed = None
        self._in_flight = False
        self.quote(None, "")
        self.block("")
        self._holding = ""
        self.note("")
        with self.editor.prevent(TextArea.Changed):
            self.editor.text = clean(draft.text, limit=PASTE_LIMIT) if draft else ""
        if draft is not None:
            self.editor.move_cursor(draft.cursor)
            if draft.client_id:
                self._handed = draft
        self._count()

    def hold(self, hint: str) -> None:
        """What is written is held, not sent (a hint says so), or is sent (empty)."""
        if hint != self._holding:
            self._holding = hint
            self.note(hint)

    @property
    def is_holding(self) -> bool:
        """What is written is held, not sent."""
        return bool(self._holding)

    def block(self, reason: str) -> None:
        """Free text may not be sent now (a reason), or may again (empty). The text stays."""
        if reason != self._blocked:
            self._blocked = reason
            self.editor.read_only = bool(reason)
            self.note(reason)

    @property
    def is_blocked(self) -> bool:
        """Free text may not be sent now."""
        return bool(self._blocked)

    def take(self, text: str) -> None:
        """Put a text above what is typed."""
        typed = self.editor.text
        self.editor.text = clean(f"{text}\n{typed}" if typed else text, limit=PASTE_LIMIT)
        self.editor.move_cursor(self.editor.document.end)

    def quote(self, message_id: int | None, text: str) -> None:
        """Answer to one message (None: to none)."""
        self.reply_to = message_id
        safe = clean(text[:QUOTE_CHARACTERS], one_line=True)
        shown = Content.assemble(
            ("↳ " + _("Reply to") + " ", "$accent"), (_("(Esc: no quote)") + " ", "dim"),
            (safe, "italic"),
        )  # fmt: skip
        self._show("#quote", shown if message_id is not None else None)

    def note(self, text: str) -> None:
        """Say something below the text: why it cannot be sent, what went wrong."""
        self._show("#notice", Content(clean(text)) if text else None)

    def _show(self, selector: str, content: Content | None) -> None:
        line = self.query_one(selector, Static)
        if content is None and not line.has_class("-shown"):
            return  # an update lays the screen out again, and this runs with every key
        line.update(content or "")
        line.set_class(content is not None, "-shown")

    # ---- drafts -----------------------------------------------------------------------------

    def draft(self) -> LocalDraft:
        """What is typed now."""
        text = self.editor.text
        handed = self._handed
        same = handed is not None and handed.text == text
        return LocalDraft(
            text=text,
            cursor=self.editor.cursor_location,
            client_id=handed.client_id if handed is not None and same else None,
            reply_to=self.reply_to,
        )

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._count()
        self._unsaved = True
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SAVE_SECONDS, self.flush)

    def on_descendant_blur(self) -> None:
        self.flush()

    def flush(self) -> None:
        """Have what is typed saved now, if it changed since the last time."""
        if self._timer is not None:
            self._timer.stop()
        if self._unsaved and self.conversation_id is not None:
            self._unsaved = False
            self.post_message(self.DraftChanged(self.conversation_id, self.draft()))

    @property
    def counts_segments(self) -> bool:
        """What is written is cut into segments, each of which is paid for."""
        return self._segments

    def _count(self) -> None:
        count = len(self.editor.text)
        near = count >= self.limit * COUNTER_FROM
        shown = Content(f"{count} / {self.limit}") if near else None
        preview = None
        if self.counts_segments and count:
            shown = Content(sms_count(self.editor.text))
            preview = segments(self.editor.text) if self._preview else None
        self._show("#counter", shown)
        self._show("#segments", preview)
        self.set_class(preview is not None, "-preview")
        self.query_one("#counter").set_class(count > self.limit, "-over")

    def on_editor_show_segments(self, event: Editor.ShowSegments) -> None:
        """Show the parts below the text, or hide them."""
        event.stop()
        self._preview = not self._preview
        self._count()
        if not self.counts_segments:
            self.note(_("Here a message goes whole, not in segments."))

    # ---- sending ----------------------------------------------------------------------------

    def on_editor_send(self, event: Editor.Send) -> None:
        event.stop()
        text = event.text
        if self._in_flight or not text.strip():
            return
        if self._blocked:
            self.note(self._blocked)
            return
        if len(text) > self.limit:
            self.note(
                _("Too long by {n} characters: shorten it or send it in two messages.").format(
                    n=len(text) - self.limit
                )
            )
            return
        handed = self._handed
        if handed is None or handed.text != text or handed.reply_to != self.reply_to:
            handed = LocalDraft(
                text=text,
                cursor=self.editor.cursor_location,
                client_id=str(uuid.uuid4()),
                reply_to=self.reply_to,
            )
        assert handed.client_id is not None
        self._handed = handed
        self._in_flight = True
        self._unsaved = True
        self.flush()  # with the id: a crash from here on cannot make two messages of it
        self.post_message(self.Submitted(handed.client_id, text, self.reply_to))

    def accepted(self, client_id: str) -> None:
        """The desk has the message: what was sent goes, what was typed since stays."""
        handed = self._handed
        if handed is None or handed.client_id != client_id:
            return
        self._handed = None
        self._in_flight = False
        self.note(self._holding)
        if self.reply_to == handed.reply_to:
            self.quote(None, "")
        if self.editor.text.startswith(handed.text):
            self.editor.text = self.editor.text[len(handed.text) :]
            self.editor.move_cursor(self.editor.document.end)
        self._unsaved = True
        self.flush()

    def refused(self, client_id: str, reason: str) -> None:
        """The desk does not have it, or we do not know: the text stays, with the same id."""
        if self._handed is not None and self._handed.client_id == client_id:
            self._in_flight = False
            self.note(reason)
