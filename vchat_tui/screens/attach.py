"""Files on their way to a customer: how each is sent, its caption, how far it has come."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, Select, Static
from textual.worker import Worker

from vchat_tui.attachments import (
    Chosen,
    Unusable,
    best_kind,
    kinds,
    look_at,
    make_content,
    problem_of,
    upload,
)
from vchat_tui.channels.registry import capabilities, files_as_links
from vchat_tui.desk.calls import DeskError, Disconnected, ListInboxes, Send
from vchat_tui.i18n import _
from vchat_tui.models import Content as MessageContent
from vchat_tui.models import Conversation
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import Dialog, line, problem_line, problems, show_problem
from vchat_tui.screens.pick_file import PickFile
from vchat_tui.text import clean
from vchat_tui.widgets.console import console, error_text
from vchat_tui.widgets.describe import file_label, kind_label

BAR = 20  # cells


class AttachmentRow(Vertical):
    """A file: what it is, the kind of message, the caption, what is wrong, how far it is.

    Args:
        chosen: the file.
        channel: what it is sent through.
    """

    def __init__(self, chosen: Chosen, channel: str) -> None:
        super().__init__()
        self.chosen = chosen
        self._channel = channel
        self._handed: MessageContent | None = None
        self._client_id = ""

    def compose(self) -> ComposeResult:
        """What it is; kind and caption; what is wrong; how far it is."""
        label = file_label(self.chosen.type.mime_type, self.chosen.size)
        yield line(f"{label} · {self.chosen.path.name}", classes="what")
        options = []
        for kind in kinds(self._channel):
            named = kind_label(kind)
            options.append((Content(named.word if named else kind), kind))
        with Horizontal(classes="how"):
            yield Select(
                options, value=best_kind(self._channel, self.chosen), allow_blank=False,
                compact=True, classes="kind",
            )  # fmt: skip
            yield CleanInput(placeholder=_("Caption"), compact=True, classes="caption")
        yield Static(classes="problem", markup=False)
        yield Static(classes="progress", markup=False)

    @property
    def kind(self) -> str:
        """The kind of message that was chosen."""
        return str(self.query_one(Select).value)

    @property
    def caption(self) -> str:
        """What was typed."""
        return self.query_one(CleanInput).value

    def check(self) -> bool:
        """Whether the channel would take it so; if not, the row says why."""
        problem = problem_of(self._channel, self.chosen, self.kind, self.caption)
        self.show_problem("" if problem is None else _(problem.message).format(**problem.values))
        return problem is None

    def show_problem(self, text: str) -> None:
        """Say what is wrong with this file; an empty text takes it away."""
        problem = self.query_one(".problem", Static)
        problem.update(Content(clean(f"✗ {text}" if text else "")))
        problem.display = bool(text)

    def show_progress(self, here: int) -> None:
        """So many bytes are on the server."""
        done = here * BAR // self.chosen.size
        bar = "█" * done + "░" * (BAR - done)
        percent = here * 100 // self.chosen.size
        self.query_one(".progress", Static).update(Content(f"{bar} {percent} %"))

    def handed(self, sha256: str) -> tuple[MessageContent, str]:
        """The message and its id: the same again, for what may have been sent already."""
        content = make_content(self.chosen, self.kind, self.caption, sha256)
        if content != self._handed:
            self._handed, self._client_id = content, str(uuid.uuid4())
        return content, self._client_id

    def on_select_changed(self) -> None:
        """Another kind takes other files and captions."""
        self.check()

    def on_input_changed(self) -> None:
        """The caption may be too long now, or no longer."""
        self.check()


class Attach(Dialog[bool]):
    """Sends files, each as a message of its own; dismisses with True once all are on their way.

    Args:
        conversation: to whom.
        files: what was chosen already.
        reply_to: the message that the first one answers.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "attach.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+s", "send", show=False, priority=True),
        Binding("f7,alt+f", "add", show=False, priority=True),
        Binding("alt+d", "remove", show=False, priority=True),
    ]

    def __init__(
        self, conversation: Conversation, files: list[Chosen], reply_to: int | None = None
    ) -> None:
        super().__init__()
        self._conversation = conversation
        self._files = files
        self._reply_to = reply_to
        self._sending: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The files, what can be done."""
        with Vertical(id="dialog"):
            yield line(
                _("Files for {name}").format(name=clean(self._conversation.title, one_line=True)),
                classes="title",
            )
            yield VerticalScroll(
                *(self._row(chosen) for chosen in self._files), id="files", can_focus=False
            )
            yield problem_line()
            yield line("", id="as-links", classes="hint")
            yield line(
                _("Ctrl+S sends · F7 adds a file · Alt+D leaves one out · Esc leaves"),
                classes="hint",
            )
            with Horizontal(classes="buttons"):
                yield Button(Content(_("Add a file")), id="add", compact=True)
                yield Button(Content(_("Send")), id="send", variant="primary", compact=True)

    def _row(self, chosen: Chosen) -> AttachmentRow:
        return AttachmentRow(chosen, self._conversation.channel)

    @property
    def rows(self) -> list[AttachmentRow]:
        """The files that are not sent yet."""
        return list(self.query(AttachmentRow))

    def on_mount(self) -> None:
        """Ready to type the first caption."""
        for row in self.rows:
            row.check()
        self.query_one("#as-links").display = False
        self.query(CleanInput).first().focus()
        self.tell_how()

    @work(group="how", exclusive=True, exit_on_error=False)
    async def tell_how(self) -> None:
        """Say it where the customer gets links and no files."""
        here, address = self._conversation, self._conversation.address
        if address is None or not capabilities(here.channel).files_by_link:
            return
        with problems(self):
            known = {inbox.id: inbox for inbox in await console(self).desk.call(ListInboxes())}
            inbox = known.get(here.inbox_id)
            if inbox is not None and files_as_links(here.channel, inbox.settings, address):
                text = _("No MMS goes to this number: the customer gets a link to each file.")
                self.query_one("#as-links", Static).update(Content(text))
                self.query_one("#as-links").display = True

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button does what its key does."""
        if event.button.id == "send":
            self.action_send()
        else:
            self.action_add()

    def on_input_submitted(self) -> None:
        """Enter in a caption sends, as it does in an answer."""
        self.action_send()

    @work(group="add", exclusive=True, exit_on_error=False)
    async def action_add(self) -> None:
        """One more file, from where the last one was."""
        rows = self.rows
        folder = rows[-1].chosen.path.parent if rows else Path.cwd()
        path = await self.app.push_screen_wait(PickFile(folder))
        if path is None:
            return
        try:
            row = self._row(look_at(path))
        except Unusable as error:
            show_problem(self, str(error))
            return
        show_problem(self, "")
        await self.query_one("#files").mount(row)
        row.query_one(CleanInput).focus()

    async def action_remove(self) -> None:
        """Leave the file out in whose row the cursor is."""
        rows = self.rows
        inside = [row for row in rows if row.has_focus_within]
        if self._sending is None and inside and len(rows) > 1:
            await inside[0].remove()
            self.query(CleanInput).first().focus()

    def action_send(self) -> None:
        """Check all, then send one after the other."""
        wrong = [row for row in self.rows if not row.check()]
        if wrong:
            wrong[0].query_one(CleanInput).focus()
        elif self._sending is None:
            self._sending = self._send()

    @work(group="send", exit_on_error=False)
    async def _send(self) -> None:
        try:
            for row in self.rows:
                if not await self._send_one(row):
                    return
            self.dismiss(True)
        finally:
            self._sending = None

    async def _send_one(self, row: AttachmentRow) -> bool:
        """Brings a file to the server and queues its message; what is queued leaves the list."""
        desk = console(self).desk
        try:
            stored = await upload(desk, row.chosen, row.show_progress)
            content, client_id = row.handed(stored.sha256)
            await desk.call(
                Send(
                    conversation_id=self._conversation.id,
                    client_id=client_id,
                    content=content,
                    reply_to=self._reply_to,
                    author=console(self).author,
                )
            )
        except (DeskError, Disconnected) as error:
            row.show_problem(error_text(error))
            return False
        except Unusable as error:
            row.show_problem(str(error))
            return False
        self._reply_to = None
        await row.remove()
        return True

    @work(group="leave", exclusive=True, exit_on_error=False)
    async def action_leave(self) -> None:
        """Send no more; what was typed is asked about first."""
        if self._sending is not None or any(row.caption for row in self.rows):
            question = ConfirmDialog(_("The files are not sent yet. Leave them?"), _("Leave"))
            if not await self.app.push_screen_wait(question):
                return
        if self._sending is not None:
            self._sending.cancel()
        self.dismiss(False)
