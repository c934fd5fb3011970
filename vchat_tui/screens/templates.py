"""The templates of one of our numbers: choose one to send, or see which there are and why some
cannot be sent."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings, key_of
from vchat_tui.desk.calls import CheckFallback, HideTemplate, ListTemplates, SyncTemplates
from vchat_tui.events import Event, TemplatesChanged
from vchat_tui.i18n import _, ngettext
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import MUTED, Page, line, problem_line, problems, show_problem
from vchat_tui.templates import Template, TemplatePage, preview, read, unusable
from vchat_tui.text import SafeText, clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import reason
from vchat_tui.widgets.key_bar import KeyBar
from vchat_tui.widgets.paged_list import Fetched, PagedList
from vchat_tui.widgets.template_preview import category_name, draw_preview


class TemplateList(PagedList[Template]):
    """Templates, two lines each: name and language, then category, or why it cannot be sent."""

    def row_id(self, row: Template) -> int:
        """A template's id stays the same from one reading to the next."""
        return row.id

    def on_click(self, event: events.Click) -> None:
        """The first click marks and shows it, the second chooses."""
        index = self._index_at(event)
        if index is not None and index != self.cursor:
            event.prevent_default()
            self._mark(index)

    def _mark(self, index: int) -> None:
        super()._mark(index)
        self.post_message(TemplatesScreen.Marked())

    def draw_row(self, row: Template, width: int) -> list[Content]:
        """The language has a known width and stands first on its line."""
        problem = problem_of(row)
        state = f"✗ {problem}" if problem else category_name(row.category)
        style = "$text-warning" if problem else MUTED
        name = Content.styled(clean(row.name, one_line=True), "bold")
        second = Content.assemble(
            (f" {clean(row.language, one_line=True):<6}", MUTED), (f" {state}", style)
        )
        return [
            Content.assemble(" ", name).truncate(width, ellipsis=True),
            second.truncate(width, ellipsis=True),
        ]


def problem_of(template: Template) -> SafeText:
    """Why a template cannot be sent now, in the reader's language; empty where it can."""
    problem = unusable(template)
    if problem is None:
        return SafeText("")
    text = _(problem.message).format(**problem.values)
    if template.reason and problem.field == "status":
        text = f"{text} ({template.reason})"
    return clean(text, one_line=True)


class TemplatesScreen(Page[Template | None]):
    """Filter, look, choose; dismisses with a template.

    Args:
        inbox_id: whose templates.
        manage: begin with all of them; nothing is chosen.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "templates.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("templates")]

    class Marked(Message):
        """Another template is marked."""

    def __init__(self, inbox_id: int, *, manage: bool = False) -> None:
        super().__init__()
        self._inbox_id = inbox_id
        self._manage = manage
        self._everything = manage
        self._words = ""

    def compose(self) -> ComposeResult:
        """Title, filter, when they were read; list and preview; keys."""
        yield line(_("Templates"), id="title")
        with Horizontal(id="filter-row"):
            yield line("⌕", id="filter-sign")
            yield CleanInput(
                self._words,
                placeholder=_("Name, language, category or status"),
                id="filter",
                compact=True,
            )
        yield line("", id="read")
        yield problem_line()
        empty = line("", id="empty")
        empty.display = False
        yield empty
        with Horizontal(id="middle"):
            yield TemplateList(self.fetch, id="templates")
            yield VerticalScroll(
                Static(id="preview", markup=False), id="preview-box", can_focus=False
            )
        yield KeyBar("templates", "app")

    def begin(self) -> None:
        """Most people know the name: typing filters at once."""
        self.action_focus_filter()
        self.check_fallback()

    def load(self) -> None:
        """Read the list again."""
        self.list.refresh_rows()

    @property
    def list(self) -> TemplateList:
        """The list on this screen."""
        return self.query_one(TemplateList)

    def on_desk_event(self, event: Event) -> None:
        """They were read again, or one changed."""
        if isinstance(event, TemplatesChanged):
            self.load()

    async def fetch(self, offset: int, limit: int) -> Fetched[Template]:
        """A page of the list, for the filter as it is now."""
        page = TemplatePage(rows=(), total=0)
        with problems(self):
            page = await console(self).desk.call(
                ListTemplates(
                    inbox_id=self._inbox_id,
                    words=self._words,
                    sendable=not self._everything,
                    offset=offset,
                    limit=limit,
                )
            )
            self._say_when(page)
        return Fetched(page.rows, page.total)

    def _say_when(self, page: TemplatePage) -> None:
        parts = [
            ngettext("{n} template", "{n} templates", page.total).format(n=page.total),
            _("all, with reasons") if self._everything else _("those that can be sent"),
        ]
        if page.synced_at is not None:
            when = console(self).clock.short(page.synced_at)
            parts.append(_("last read: {when}").format(when=when))
        elif page.error is None:
            parts.append(_("not read yet"))
        text = Content.styled(" · ".join(parts), MUTED)
        if page.error is not None:
            text = Content.assemble(
                text, ("\n✗ " + reason(page.channel, page.error), "$text-error")
            )
        self.query_one("#read", Static).update(text)

    @work(group="fallback", exclusive=True, exit_on_error=False)
    async def check_fallback(self) -> None:
        """Say what is wrong with the fallback template, to who looks after templates."""
        if not self._manage:
            return
        with problems(self):
            problem = await console(self).desk.call(CheckFallback(inbox_id=self._inbox_id))
            if problem is not None:
                why = _(problem.message).format(**problem.values)
                show_problem(self, _("Fallback template: {reason}").format(reason=why))

    # ---- what is marked ---------------------------------------------------------------------

    def on_paged_list_loaded(self, event: PagedList.Loaded) -> None:
        """Where there is none, say what to do."""
        empty = self.query_one("#empty", Static)
        empty.display = event.total == 0
        self.query_one("#middle").display = event.total > 0
        if self._words:
            text = _("None matches. Fewer letters find more.")
        elif self._everything:
            text = _(
                "There are none. Make them in WhatsApp Manager or in your provider's console, then"
                " press {key}."
            )
        else:
            text = _("None can be sent now. {all} shows why; {key} reads them again.")
        keys = {"key": key_of("templates-sync"), "all": key_of("templates-all")}
        empty.update(Content(text.format(**keys)))
        self._show_marked()

    def on_templates_screen_marked(self) -> None:
        """Show the one that is marked now."""
        self._show_marked()

    def _show_marked(self) -> None:
        marked = self.list.marked_row
        lines = [] if marked is None else draw_preview(preview(read(marked), {}))
        self.query_one("#preview", Static).update(Content("\n").join(lines))

    def on_input_changed(self, event: CleanInput.Changed) -> None:
        """Filter while the person types."""
        self._words = event.value.strip()
        self.list.reload(keep_mark=False)

    def on_input_submitted(self) -> None:
        """Enter in the filter chooses the marked one."""
        self.action_open()

    # ---- actions ----------------------------------------------------------------------------

    def action_open(self) -> None:
        """Choose the marked template."""
        self.list.action_select()

    def on_paged_list_selected(self) -> None:
        """Enter or a click: only one that can be sent is chosen."""
        marked = self.list.marked_row
        if marked is None or self._manage:
            return
        problem = problem_of(marked)
        if problem:
            show_problem(self, _("It cannot be sent now: {reason}").format(reason=problem))
        else:
            self.dismiss(marked)

    def action_toggle_all(self) -> None:
        """All templates, or only those that can be sent."""
        self._everything = not self._everything
        show_problem(self, "")
        self.list.reload(keep_mark=False)

    @work(group="sync", exclusive=True, exit_on_error=False)
    async def action_sync(self) -> None:
        """Ask the provider for all of them now."""
        show_problem(self, "")
        self.query_one("#read", Static).update(Content.styled(_("Reading …"), MUTED))
        with problems(self):
            await console(self).desk.call(SyncTemplates(inbox_id=self._inbox_id))
        self.load()
        self.check_fallback()

    @work(group="hide", exclusive=True, exit_on_error=False)
    async def action_hide(self) -> None:
        """Offer the marked template to agents no more, or again."""
        marked = self.list.marked_row
        if marked is not None:
            with problems(self):
                await console(self).desk.call(
                    HideTemplate(template_id=marked.id, hidden=not marked.hidden)
                )
            self.load()

    def action_focus_filter(self) -> None:
        """Type in the filter."""
        self.query_one("#filter").focus()

    def action_focus_list(self) -> None:
        """Go from the filter to the list."""
        self.list.focus()

    def action_back(self) -> None:
        """Leave without choosing."""
        self.dismiss(None)
