"""What the settings pages share: a form, save, and no loss of what was typed."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, Static

from vchat_tui.actions import bindings
from vchat_tui.desk.calls import DeskError
from vchat_tui.i18n import _
from vchat_tui.screens.confirm import leave_question
from vchat_tui.screens.form import Form, FormRow
from vchat_tui.screens.page import (
    Page,
    line,
    problem_line,
    problems,
    refusal,
    show_problem,
)
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar


class FormPage(Page[None]):
    """A page with a form. Subclasses give the heading, read the form and save it."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "form_page.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("form")]

    def compose(self) -> ComposeResult:
        """Title, what stands above the form, the form (once read), buttons, keys."""
        yield line(self.heading(), id="title")
        yield from self.compose_above()
        with Horizontal(id="middle"):
            yield Vertical(id="place")
            yield from self.compose_beside()
        yield problem_line()
        with Horizontal(classes="buttons"):
            yield Button(Content(self.save_label()), id="save", variant="primary", compact=True)
            yield from self.compose_buttons()
        yield KeyBar(*self.scopes(), "app")

    def scopes(self) -> tuple[str, ...]:
        """Whose actions the key bar shows."""
        return ("form",)

    def heading(self) -> str:
        """The title line."""
        raise NotImplementedError

    def save_label(self) -> str:
        """The button that gives the desk what was typed."""
        return _("Save")

    def done_text(self) -> str:
        """What the person hears once the desk has it; empty: what comes next says enough."""
        return _("Saved")

    def compose_above(self) -> ComposeResult:
        """What stands between title and form."""
        yield from ()

    def compose_beside(self) -> ComposeResult:
        """What stands beside the form where there is room."""
        yield from ()

    def compose_buttons(self) -> ComposeResult:
        """Buttons besides Save."""
        yield from ()

    async def read_form(self) -> Form:
        """Ask the desk for what is stored and make the form of it."""
        raise NotImplementedError

    def may_save(self) -> bool:
        """Whether what was typed is ready to be checked and given to the desk."""
        return True

    async def save_values(self, values: dict[str, Any]) -> None:
        """Give the desk what was typed.

        Raises:
            DeskError: refused; `field` names the row.
        """
        raise NotImplementedError

    @property
    def form(self) -> Form:
        """The form; there is none before it was read."""
        return self.query_one(Form)

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Show the form with what is stored."""
        with problems(self):
            form = await self.read_form()
            place = self.query_one("#place")
            with self.app.batch_update():  # what is seen can be typed in
                await place.remove_children()
                await place.mount(form)
                form.focus_first()

    def on_desk_resync(self) -> None:
        """The server is back: what was typed stays; only a form that never came is read."""
        show_problem(self, "")
        if not self.query(Form):
            self.load()

    async def retranslate(self) -> None:
        """What was typed matters more than its language."""
        if not (self.query(Form) and self.form.changed):
            await super().retranslate()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """The title says that something is not saved."""
        mark = " · " + _("not saved") if self.form.changed else ""
        self.query_one("#title", Static).update(Content(self.heading() + mark))

    def on_input_submitted(self) -> None:
        """Enter goes to the next row: a form is saved on purpose."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save."""
        if event.button.id == "save":
            self.action_save()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Check, then give it to the desk; a refusal stands at its row and nothing is lost."""
        if not self.query(Form) or not self.may_save() or not self.form.check():
            return
        show_problem(self, "")
        with problems(self):
            try:
                await self.save_values(self.form.values())
            except DeskError as error:
                if not self.form.show_problem(error.field, refusal(error)):
                    raise
                return
            if text := self.done_text():
                console(self).say(text)
            self.dismiss(None)

    @work(group="back", exclusive=True, exit_on_error=False)
    async def action_back(self) -> None:
        """Leave; unsaved changes ask first."""
        changed = bool(self.query(Form)) and self.form.changed
        if changed and not await self.app.push_screen_wait(leave_question()):
            return
        self.dismiss(None)
