"""The guided set-up of a number: steps that tick themselves as soon as the fact is seen.

What is filled in is saved field by field. The number is added once its ID is there; the rest may
come in any order. The provider is asked after every change, and by itself ever more seldom: it
allows few questions an hour.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.types import CSSPathType
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings
from vchat_tui.address_check import reached
from vchat_tui.channels.reach import Reached
from vchat_tui.desk.calls import (
    CheckPublicUrl,
    DeskError,
    GetDiagnostics,
    GetServerSettings,
    InboxInspection,
    InspectInbox,
    ListInboxes,
    SubscribeApp,
)
from vchat_tui.events import Event
from vchat_tui.findings import Finding, Mark
from vchat_tui.i18n import _
from vchat_tui.screens.form import FormRow
from vchat_tui.screens.inbox import name_field
from vchat_tui.screens.page import Page, line, problem_line, problems, refusal, show_problem
from vchat_tui.screens.setup_pane import StepPane
from vchat_tui.screens.setup_saving import CHANNEL, Saving
from vchat_tui.screens.setup_steps import COUNTED, SHOWN, beginning, first_open, row
from vchat_tui.settings import SERVER_FIELDS, Field, fields_of, generate_secret_key
from vchat_tui.setup_check import STEPS, configuration_url, examine
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between two questions to the provider; doubled each time. An account without a registered
number may be asked 200 times an hour (Meta, "Rate limits"), and each look asks six."""


class SetupScreen(Page[None]):
    """Walk through the steps.

    Args:
        inbox_id: which number; None: a new one.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "setup.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("setup")]

    def __init__(self, inbox_id: int | None = None) -> None:
        super().__init__()
        self._wanted = inbox_id
        self._kept = Saving()
        self._findings: dict[str, Finding] = {}
        self._url = ""
        self._lengths: dict[str, int] = {}
        self._saving = asyncio.Lock()
        self._patience = FIRST_PAUSE
        self._timer: Timer | None = None
        self._reached: Reached | None = None

    def compose(self) -> ComposeResult:
        """Title, steps at the left, the marked one at the right, keys."""
        yield line(_("Guided set-up"), id="title")
        with Horizontal(id="setup"):
            yield OptionList(id="steps", compact=True)
            yield Vertical(id="panes")
        yield problem_line()
        yield KeyBar("setup", "app")

    # ---- what is seen -----------------------------------------------------------------------

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Make the panes with what is stored, then look and ask."""
        with problems(self):
            desk = console(self).desk
            server = await desk.call(GetServerSettings())
            inboxes = await desk.call(ListInboxes())
            self._kept.inbox = next((one for one in inboxes if one.id == self._wanted), None)
            names = {inbox.name for inbox in inboxes}
            panes = self.query_one("#panes")
            if not panes.children:
                rows = self._rows(server, names)
                await panes.mount_all(
                    StepPane(step, [rows[key] for key in shown.fields])
                    for step, shown in SHOWN.items()
                )
            await self._read(None)
            self.query_one("#steps").focus()
            self.ask()

    def _rows(self, server: dict[str, Any], names: set[str]) -> dict[str, FormRow]:
        fields: dict[str, Field] = {field.key: field for field in fields_of(CHANNEL)}
        fields |= {field.key: field for field in (*SERVER_FIELDS, name_field())}
        stored: dict[str, Any] = dict(server)
        if self._kept.inbox is not None:
            stored |= {**self._kept.inbox.settings, "name": self._kept.inbox.name}
        else:
            stored["name"] = _free_name(names)
        secrets = self._kept.inbox.secrets if self._kept.inbox else {}
        wanted = [key for shown in SHOWN.values() for key in shown.fields]
        fields["verify_token"] = replace(
            fields["verify_token"], generate=False
        )  # the pane has a button
        return {key: FormRow(fields[key], stored.get(key), secrets.get(key)) for key in wanted}

    def on_desk_event(self, event: Event) -> None:
        """Anything may be a fact that a step waits for."""
        self.load_soon()

    def _load_due(self) -> None:
        self._is_due = False
        self.look()

    def on_desk_resync(self) -> None:
        """The server is back: what was typed stays."""
        show_problem(self, "")
        if self.query(StepPane):
            self.look()
        else:
            self.load()

    async def retranslate(self) -> None:
        """What was typed matters more than its language."""
        if not any(each.changed for each in self.query(FormRow)):
            await super().retranslate()

    @work(group="look", exclusive=True, exit_on_error=False)
    async def look(self) -> None:
        """Read what the desk knows by itself."""
        with problems(self):
            await self._read(None)

    @work(group="ask", exclusive=True, exit_on_error=False)
    async def ask(self, after: float = 0) -> None:
        """Have the provider asked, and again after a pause."""
        with problems(self):
            await self._read(after)
            self._reached = await console(self).desk.call(CheckPublicUrl(max_age=after))
            await self._read(None)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(self._patience, lambda: self.ask(self._patience / 2))
        self._patience = min(self._patience * 2, LONGEST_PAUSE)

    async def _read(self, max_age: float | None) -> None:
        desk = console(self).desk
        if self._kept.inbox is None:
            found = await desk.call(GetDiagnostics())
            self._url = configuration_url(found.public_url)
            self._show(
                self._with_reach(
                    beginning(found.public_url, found.listening, found.listener_error),
                    found.public_url,
                )
            )
            return
        seen = await desk.call(InspectInbox(inbox_id=self._kept.inbox.id, max_age=max_age))
        self._show_inspection(seen)

    def _show_inspection(self, seen: InboxInspection) -> None:
        self._kept.inbox = seen.health.inbox
        self._url = configuration_url(seen.public_url, self._kept.inbox.channel)
        findings = examine(seen, console(self).clock.now())
        self._show(self._with_reach(findings, seen.public_url))

    def _with_reach(
        self, findings: dict[str, Finding], public_url: str | None
    ) -> dict[str, Finding]:
        found = reached(findings["public_url"], public_url, self._reached)
        return findings | {"public_url": found}

    def _show(self, findings: dict[str, Finding]) -> None:
        """Draw the list and the panes; the mark stays, at first it is on the first open step."""
        first = not self._findings
        self._findings = findings
        steps = self.query_one("#steps", OptionList)
        for place, step in enumerate(STEPS, 1):
            prompt = row(place, step, findings[step])
            if first:
                steps.add_option(Option(prompt, id=step))
            else:
                steps.replace_option_prompt(step, prompt)
        for pane in self.query(StepPane):
            pane.show(findings[pane.step])
        self.query_one("#step-handshake", StepPane).show_paste(self._url, self._kept.secret_key)
        if first:
            self._mark(first_open(findings) or STEPS[0])
        self._show_title()

    def _show_title(self) -> None:
        done = sum(self._findings[step].mark is Mark.DONE for step in COUNTED)
        count = _("{done} of {all} done").format(done=done, all=len(COUNTED))
        if done == len(COUNTED):
            count = "● " + _("it works")
        name = self._kept.inbox.name if self._kept.inbox else _("new number")
        parts = (_("Guided set-up"), clean(name, one_line=True), count)
        self.query_one("#title", Static).update(Content(" · ".join(parts)))

    # ---- moving -----------------------------------------------------------------------------

    @property
    def _step(self) -> str:
        option = self.query_one("#steps", OptionList).highlighted_option
        return (option.id if option is not None else None) or STEPS[0]

    @property
    def _pane(self) -> StepPane:
        return self.query_one(f"#step-{self._step}", StepPane)

    def _mark(self, step: str) -> None:
        steps = self.query_one("#steps", OptionList)
        steps.highlighted = steps.get_option_index(step)
        self._turn_to(step)

    def _turn_to(self, step: str | None) -> None:
        for pane in self.query(StepPane):
            pane.display = pane.step == step

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another step is marked: it is shown at the right."""
        self._turn_to(event.option_id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on a step: fill it in, do it, or go on to the next."""
        if self._step == "subscribed" and self._findings[self._step].mark is not Mark.DONE:
            self.action_subscribe()
        elif not self._pane.focus_editor():
            self.action_next_step()

    def action_open(self) -> None:
        """Fill in the marked step."""
        self.query_one("#steps", OptionList).action_select()

    def action_next_step(self) -> None:
        """Mark the next step that wants something."""
        step = first_open(self._findings, after=self._step)
        if step is None:
            console(self).say(_("Nothing is left to do here."))
        else:
            self._mark(step)
        self.query_one("#steps").focus()

    def action_back(self) -> None:
        """From a field to the list; from the list away. All that was valid is saved."""
        if self.focused is not None and self.focused.id != "steps":
            self.query_one("#steps").focus()
        else:
            self.dismiss(None)

    # ---- filling in -------------------------------------------------------------------------

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """What was pasted or made is saved at once; what is typed, when the person is done."""
        each = event.row
        typed = str(each.typed)
        grown = len(typed) - self._lengths.get(each.field.key, 0)
        self._lengths[each.field.key] = len(typed)
        if grown > 1 and each.changed and each.check():
            self.save(each)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: save, then the next field, else back to the list."""
        each = _row_of(event.input)
        if each is None or (each.changed and not each.check()):
            return
        self.save(each)
        below = self._pane.row_after(each)
        if below is not None:
            below.focus_editor()
        else:
            self.query_one("#steps").focus()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Leaving a field saves it where it can be."""
        each = _row_of(event.widget)
        if each is not None and each.changed and each.check():
            self.save(each)

    @work(group="save", exit_on_error=False)
    async def save(self, each: FormRow) -> None:
        """Give the desk a field; a refusal stands beside it, and what was typed stays."""
        async with self._saving:
            if not each.changed:
                return
            show_problem(self, "")
            with problems(self):
                try:
                    rows = {one.field.key: one for one in self.query(FormRow)}
                    await self._kept.store(console(self).desk, each, rows)
                except DeskError as error:
                    rows.get(error.field or "", each).show_problem(refusal(error))
                    return
                self._patience = FIRST_PAUSE
                self.ask()

    # ---- doing ------------------------------------------------------------------------------

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The button says the same as the key."""
        if event.button.id == "subscribe":
            self.action_subscribe()
        elif event.button.id == "generate":
            self.action_generate()

    def action_copy(self) -> None:
        """The Configuration URL, for Meta's Callback URL."""
        self._copy(self._url, _("Enter the public URL first."))

    def action_copy_key(self) -> None:
        """The secret key, for Meta's Verify token."""
        self._copy(
            self._kept.secret_key,
            _("A stored key is never shown. Generate another one, then paste it at Meta."),
        )

    def _copy(self, text: str, otherwise: str) -> None:
        if text:
            self.app.copy_to_clipboard(clean(text, one_line=True))
            console(self).say(_("Copied"))
        else:
            console(self).say(otherwise, severity="warning")

    def action_generate(self) -> None:
        """Invent a secret key; it is saved at once."""
        each = next(one for one in self.query(FormRow) if one.field.key == "verify_token")
        each.query_one(Input).value = generate_secret_key()

    @work(group="subscribe", exclusive=True, exit_on_error=False)
    async def action_subscribe(self) -> None:
        """Have the account's messages sent to our app."""
        if self._kept.inbox is None:
            show_problem(self, _("Enter the phone number ID first."))
            return
        show_problem(self, "")
        with problems(self):
            self._show_inspection(
                await console(self).desk.call(SubscribeApp(inbox_id=self._kept.inbox.id))
            )

    def action_check(self) -> None:
        """Ask the provider now."""
        self._patience = FIRST_PAUSE
        self.ask()


def _row_of(widget: Any) -> FormRow | None:
    return next((node for node in widget.ancestors if isinstance(node, FormRow)), None)


def _free_name(names: set[str]) -> str:
    """A name for a new number that no other has."""
    name, number = "WhatsApp", 1
    while name in names:
        number += 1
        name = f"WhatsApp {number}"
    return name
