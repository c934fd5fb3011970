"""One broadcast: before the start who is left out, then how it goes, recipient by recipient."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings
from vchat_tui.broadcast_models import (
    LEFT_OUT,
    Broadcast,
    BroadcastPlan,
    BroadcastState,
    Recipient,
    RecipientPage,
)
from vchat_tui.channels import errors
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import (
    Call,
    CancelBroadcast,
    DeleteBroadcast,
    GetBroadcast,
    ListRecipients,
    PauseBroadcast,
    PlanBroadcast,
    ResumeBroadcast,
    RetryBroadcast,
    SendBroadcastTest,
    StartBroadcast,
)
from vchat_tui.events import BroadcastsChanged, Event, ManyChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.opening import download_folder
from vchat_tui.phones import pretty
from vchat_tui.recipients_csv import finish, lines, new_file
from vchat_tui.screens.ask import Ask
from vchat_tui.screens.by_template import ByTemplate
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems, show_problem
from vchat_tui.text import clean
from vchat_tui.widgets.broadcast_progress import plan_lines, progress, recipient_states
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar
from vchat_tui.widgets.paged_list import Fetched, PagedList

EVERY = 1.0  # seconds between two looks while it runs: statuses come one by one
PAGE = 500
FILTERS = (None, "failed", "unknown", "skipped", "pending", "delivered", "read")


class RecipientList(PagedList[Recipient]):
    """Recipients, a line each: state, why, who."""

    row_height: ClassVar[int] = 1
    channel = "whatsapp_cloud"

    def row_id(self, row: Recipient) -> int:
        """The place in the broadcast."""
        return row.number

    def draw_row(self, row: Recipient, width: int) -> list[Content]:
        """What has a known width first."""
        words = recipient_states()
        state = words.get(row.state, row.state)
        styles = {"failed": "$text-error", "unknown": "$text-warning", "skipped": "$text-warning"}
        parts: list[Content | str | tuple[str, str]] = [
            (f" {state}", styles.get(row.state, "")),
        ]
        if row.reason:
            parts.append((f" · {_(LEFT_OUT.get(row.reason, row.reason))}", MUTED))
        if row.error is not None and row.state in ("failed", "unknown", "pending"):
            parts.append((f" · {errors.title(self.channel, row.error)}", MUTED))
        address = pretty(row.address) if row.address else ""
        name = clean(row.name or "", one_line=True)
        parts.append((f" · {address}  ", MUTED))
        parts.append((name if name != address else "", "bold"))
        return [Content.assemble(*parts).truncate(width, ellipsis=True)]


class BroadcastScreen(Page[int | None]):
    """Dismisses with the id of a conversation to open.

    Args:
        broadcast_id: which.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "broadcast.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("broadcast")]

    def __init__(self, broadcast_id: int) -> None:
        super().__init__()
        self._which = broadcast_id
        self._broadcast: Broadcast | None = None
        self._plan: BroadcastPlan | None = None
        self._filter = 0

    def compose(self) -> ComposeResult:
        """Title, how it stands, recipients, keys."""
        yield line(_("Broadcast"), id="title")
        yield Static(id="facts", markup=False)
        yield problem_line()
        yield line("", id="which")
        yield RecipientList(self._fetch, id="recipients")
        yield KeyBar("broadcast", "app")

    def begin(self) -> None:
        """Read it, and look again while it runs."""
        self.query_one(RecipientList).focus()
        self.load()
        self.set_interval(EVERY, self._look_again)

    def on_desk_event(self, event: Event) -> None:
        """It went on, or somebody steered it."""
        if isinstance(event, BroadcastsChanged | ManyChanged):
            self.load_soon()

    def on_resize(self) -> None:
        """Lines are wrapped for a width."""
        self._draw()

    def _look_again(self) -> None:
        if self._broadcast is not None and self._broadcast.state == BroadcastState.RUNNING:
            self.load()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read how it stands; before the start, who would get it."""
        with problems(self):
            desk = console(self).desk
            self._broadcast = await desk.call(GetBroadcast(broadcast_id=self._which))
            before = self._broadcast.state in (BroadcastState.DRAFT, BroadcastState.SCHEDULED)
            if before and self._plan is None:
                self._draw()
                self._plan = await desk.call(PlanBroadcast(broadcast_id=self._which))
            self._draw()
            self.query_one(RecipientList).refresh_rows()

    def _draw(self) -> None:
        broadcast = self._broadcast
        if broadcast is None:
            return
        facts = self.query_one("#facts", Static)
        width = max(20, self.size.width - 4)
        before = broadcast.state in (BroadcastState.DRAFT, BroadcastState.SCHEDULED)
        shown = progress(broadcast, width, console(self).clock)
        if before:
            shown = shown[:1] + (plan_lines(self._plan, width) if self._plan else [])
            if broadcast.scheduled_at is not None and broadcast.state == BroadcastState.SCHEDULED:
                when = console(self).clock.full(broadcast.scheduled_at)
                shown.insert(1, Content(_("It starts by itself: {when}").format(when=when)))
        facts.update(Content("\n").join(shown))
        title = f"{_('Broadcast')} · {clean(broadcast.name, one_line=True)}"
        inbox = clean(broadcast.inbox, one_line=True)
        self.query_one("#title", Static).update(Content(f"{title} · {inbox}"))
        state = FILTERS[self._filter]
        word = _("all recipients") if state is None else recipient_states()[state]
        self.query_one("#which", Static).update(Content(word))
        self.query_one(RecipientList).channel = broadcast.channel

    async def _fetch(self, offset: int, limit: int) -> Fetched[Recipient]:
        page = RecipientPage(rows=(), total=0)
        with problems(self):
            page = await console(self).desk.call(
                ListRecipients(
                    broadcast_id=self._which,
                    state=FILTERS[self._filter],
                    offset=offset,
                    limit=limit,
                )
            )
        return Fetched(page.rows, page.total)

    # ---- steering -------------------------------------------------------------------------------

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_start(self) -> None:
        """Start it, after a question that names the numbers."""
        if self._plan is None or self._broadcast is None:
            return
        text = _start_question(self._plan, self._broadcast.inbox)
        if await self.app.push_screen_wait(ConfirmDialog(text, _("Send"))):
            await self._steer(StartBroadcast(broadcast_id=self._which))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_schedule(self) -> None:
        """Have it start by itself."""
        typed = await self.app.push_screen_wait(
            Ask(_("When should it start?"), _("For example 2026-12-01 09:00, in your time"))
        )
        if typed is None:
            return
        at = console(self).clock.read(typed)
        if at is None:
            show_problem(self, _("This is no time; it looks like 2026-12-01 09:00"))
            return
        await self._steer(StartBroadcast(broadcast_id=self._which, at=at))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_test(self) -> None:
        """Send the first recipient's message to one number."""
        typed = await self.app.push_screen_wait(
            Ask(_("Send a test to which number?"), _("With + and the country code"))
        )
        if typed is None:
            return
        show_problem(self, "")
        with problems(self):
            await console(self).desk.call(
                SendBroadcastTest(
                    broadcast_id=self._which, client_id=uuid.uuid4().hex, to=typed,
                    author=console(self).author,
                )
            )  # fmt: skip
            console(self).say(_("The test is on its way."))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_pause(self) -> None:
        """Stop or go on."""
        if self._broadcast is None:
            return
        paused = self._broadcast.state == BroadcastState.PAUSED
        call = ResumeBroadcast if paused else PauseBroadcast
        await self._steer(call(broadcast_id=self._which))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_cancel(self) -> None:
        """End it for good; a draft is thrown away."""
        if self._broadcast is None:
            return
        if self._broadcast.state == BroadcastState.DRAFT:
            question = ConfirmDialog(_("Throw this draft away?"), _("Throw away"))
            if await self.app.push_screen_wait(question):
                with problems(self):
                    await console(self).desk.call(DeleteBroadcast(broadcast_id=self._which))
                    self.dismiss(None)
            return
        left = self._broadcast.total - self._broadcast.settled
        text = _("End this broadcast? {left} people will not be written to.").format(left=left)
        if await self.app.push_screen_wait(ConfirmDialog(text, _("End it"))):
            await self._steer(CancelBroadcast(broadcast_id=self._which))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_retry(self) -> None:
        """Send the failed ones again."""
        await self._steer(RetryBroadcast(broadcast_id=self._which))

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_send_closed(self) -> None:
        """Offer those whose window is closed a template: a broadcast of their own."""
        from vchat_tui.screens.send_template import choose_and_fill  # only when asked for

        if self._broadcast is None:
            return
        if not capabilities(self._broadcast.channel).templates:
            show_problem(self, _("This channel has no templates."))
            return
        rest = ByTemplate(console(self), self._broadcast)
        await choose_and_fill(self.app, self._broadcast.inbox_id, rest.take, action=_("Check"))
        if rest.made is not None:
            conversation = await self.app.push_screen_wait(BroadcastScreen(rest.made.id))
            if conversation is not None:
                self.dismiss(conversation)

    async def _steer(self, call: Call[Broadcast]) -> None:
        show_problem(self, "")
        with problems(self):
            self._broadcast = await console(self).desk.call(call)
            self._draw()
            self.load()

    # ---- looking --------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """The next state of recipients."""
        self._filter = (self._filter + 1) % len(FILTERS)
        self._draw()
        self.query_one(RecipientList).reload(keep_mark=False)

    def on_paged_list_selected(self) -> None:
        """Enter on a recipient."""
        self.action_open()

    def action_open(self) -> None:
        """Their conversation, where there is one."""
        row = self.query_one(RecipientList).marked_row
        if row is not None and row.conversation_id is not None:
            self.dismiss(row.conversation_id)

    @work(group="act", exclusive=True, exit_on_error=False)
    async def action_export(self) -> None:
        """All recipients as a CSV file."""
        if self._broadcast is None:
            return
        show_problem(self, "")
        with problems(self):
            try:
                path = await self._export(self._broadcast.name)
            except OSError as error:
                reason = clean(error.strerror or str(error), one_line=True)
                show_problem(self, _("It cannot be saved there: {reason}").format(reason=reason))
                return
            console(self).say(_("Saved: {path}").format(path=path))

    async def _export(self, name: str) -> Path:
        part = new_file(download_folder(), name)
        try:
            offset, text = 0, lines((), header=True)
            while text:
                with part.open("a", encoding="utf-8", newline="") as file:
                    await asyncio.to_thread(file.write, text)
                page = await console(self).desk.call(
                    ListRecipients(broadcast_id=self._which, offset=offset, limit=PAGE)
                )
                offset, text = offset + len(page.rows), lines(page.rows)
            return finish(part, name)
        finally:  # interrupted, by whatever: half a list is no list
            part.unlink(missing_ok=True)

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss(None)


def _start_question(plan: BroadcastPlan, inbox: str) -> str:
    """What is asked before the start, with its numbers."""
    question = ngettext(
        "Send {n} message now through “{inbox}”?", "Send {n} messages now through “{inbox}”?",
        plan.ready,
    ).format(n=f"{plan.ready:,}", inbox=inbox)  # fmt: skip
    left = sum(plan.left_out.values())
    if not left:
        return question
    text = ngettext("{n} person is left out.", "{n} people are left out.", left)
    return f"{question} {text.format(n=f'{left:,}')}"
