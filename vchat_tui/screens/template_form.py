"""Filling in a template: a form made from its definition, beside it what the customer will see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui import merge_fields
from vchat_tui.actions import bindings
from vchat_tui.desk.calls import DeskError
from vchat_tui.i18n import _
from vchat_tui.merge_fields import MergeError
from vchat_tui.screens.form import CleanInput, Form, FormRow
from vchat_tui.screens.form_page import FormPage
from vchat_tui.screens.page import line
from vchat_tui.screens.value_kinds import ValueKinds
from vchat_tui.settings import Field
from vchat_tui.template_files import bring_file
from vchat_tui.templates import (
    MEDIA_KINDS,
    FillError,
    Template,
    Variable,
    fill,
    label_of,
    preview,
    read,
    spread,
    variables,
)
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.template_preview import draw_preview

SAMPLE = "x"
"""Stands for a merge field whose value differs from customer to customer, when values are checked."""


@dataclass(frozen=True)
class TemplateValues:
    """A template and its values by place, with their merge fields as they were typed."""

    template: Template
    values: Mapping[str, str]

    @property
    def template_id(self) -> int:
        """The template's id."""
        return self.template.id


Submit = Callable[[TemplateValues], Awaitable[None]]


class TemplateForm(FormPage):
    """Fill in a template. It closes once `submit` has taken the values.

    Args:
        template: which.
        submit: gets the values; a DeskError that it raises is shown at the value that its field
            names (a place), and nothing typed is lost.
        merge: what merge fields stand for, for the preview; None: it differs from customer to
            customer, and the fields are shown as they are.
        action: the word on the button; None: “Send”.
        values: what stands in the form at the beginning, by place.
        above: a line above the form.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("send_form"), *bindings("next_form"), *bindings("template_form"),
    ]  # fmt: skip
    CSS_PATH: ClassVar[CSSPathType | None] = [
        "page.tcss", "form_page.tcss", "template_form.tcss",
    ]  # fmt: skip

    def __init__(
        self,
        template: Template,
        submit: Submit,
        *,
        merge: Mapping[str, str] | None = None,
        action: str | None = None,
        values: Mapping[str, str] | None = None,
        above: str = "",
    ) -> None:
        super().__init__()
        self._template = template
        self._submit = submit
        self._merge = merge
        self._action = action
        self._start = values or {}
        self._above = above
        self._kinds = ValueKinds()
        self._variables = {
            f"value-{number}": variable for number, variable in enumerate(variables(template))
        }
        self._brought: dict[
            str, str
        ] = {}  # paths of files that the server has, and what it calls them

    def scopes(self) -> tuple[str, ...]:
        """What is typed here is sent, or goes on to the next question."""
        return ("send_form" if self._action is None else "next_form", "template_form")

    def heading(self) -> str:
        """The template and its language."""
        name = clean(self._template.name, one_line=True)
        return f"{_('Template')} · {name} · {clean(self._template.language, one_line=True)}"

    def save_label(self) -> str:
        """Nothing is saved here."""
        return self._action or _("Send")

    def done_text(self) -> str:
        """Where it is not sent, whoever asked for the values says more."""
        return _("On its way") if self._action is None else _("Done")

    def compose_above(self) -> ComposeResult:
        """What the form is for; where there is none, say so."""
        if self._above:
            yield line(self._above, id="above")
        if not self._variables:
            yield line(_("This template needs no values."), id="no-values")

    def compose_beside(self) -> ComposeResult:
        """The message as a phone shows it."""
        box = VerticalScroll(Static(id="preview", markup=False), id="preview-box", can_focus=False)
        box.border_title = _("Preview")
        yield box

    async def read_form(self) -> Form:
        """A row for every value."""
        self._show({v.place: self._start.get(v.place, "") for v in self._variables.values()})
        return Form(
            [field_of(key, variable) for key, variable in self._variables.items()],
            {key: self._start.get(v.place) for key, v in self._variables.items()},
        )

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Show what it would be."""
        super().on_form_row_changed(event)
        if self._has_kinds(event.row.field.key):
            self._kinds.explain(event.row)
        self._show(self._typed(self.form.values()))

    def _show(self, typed: Mapping[str, str]) -> None:
        shown = {place: self._merged(value) for place, value in typed.items()}
        lines = draw_preview(preview(read(self._template), shown))
        self.query_one("#preview", Static).update(Content("\n").join(lines))

    def _merged(self, text: str) -> str:
        """A value as the customer will read it, as far as that is known."""
        try:
            return merge_fields.fill(text, self._merge or {})
        except MergeError:
            return text

    def _typed(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The values by place; those left empty are left out."""
        typed = {
            self._variables[key].place: self._kinds.sent(key, str(value))
            if self._has_kinds(key)
            else str(value)
            for key, value in values.items()
        }
        return {place: value for place, value in typed.items() if value.strip()}

    def _has_kinds(self, key: str) -> bool:
        """Only a value in a body may be something else than text."""
        variable = self._variables[key]
        return variable.kind == "text" and "body." in variable.place

    def action_switch_kind(self) -> None:
        """The value under the cursor goes as the amount or date that it reads as, or as text."""
        for row in self.query(FormRow):
            if row.has_focus_within and self._has_kinds(row.field.key):
                self._kinds.switch(row)
        self._show(self._typed(self.form.values()))

    def may_save(self) -> bool:
        """Values in one line with commas, as other tools take them, go to their own rows first: the
        person sees what stands where before it is sent."""
        found = self.query(Form) and spread(self._template, self._typed(self.form.values()))
        if not found:
            return True
        for key, variable in self._variables.items():
            if variable.place in found:
                row = self.query_one(f"#row-{key}", FormRow)
                row.query_one(CleanInput).value = found[variable.place]
        console(self).say(_("The values with commas are in their fields now. Look at them first."))
        return False

    async def save_values(self, values: dict[str, Any]) -> None:
        """Bring the files, check everything as the desk will, and hand it over."""
        typed = self._typed(values)
        try:
            for variable in self._variables.values():
                if variable.kind in MEDIA_KINDS and variable.place in typed:
                    typed[variable.place] = await self._file(variable, typed[variable.place])
            self._check(typed)
            english = {place: merge_fields.canonical(text) for place, text in typed.items()}
            await self._submit(TemplateValues(self._template, english))
        except DeskError as error:
            row = self._row_of(error.field)
            raise DeskError(error.message, field=row, **error.values) from None

    async def _file(self, variable: Variable, typed: str) -> str:
        """What a value calls a file that the server has; a link stays a link."""
        if typed.startswith("https://"):
            return typed
        if typed not in self._brought:
            try:
                self._brought[typed] = await bring_file(
                    console(self).desk, self._template.channel, typed, variable.kind
                )
            except DeskError as error:
                raise DeskError(error.message, field=variable.place, **error.values) from None
        return self._brought[typed]

    def _check(self, typed: Mapping[str, str]) -> None:
        place = ""
        try:
            filled = {}
            for place, text in typed.items():
                filled[place] = merge_fields.fill(text, self._known(text))
            fill(self._template, filled)
        except MergeError as error:
            raise DeskError(error.message, field=place, name=error.field) from None
        except FillError as error:
            raise DeskError(error.message, field=error.place, **error.values) from None

    def _known(self, text: str) -> Mapping[str, str]:
        """Values for the fields of a text. What is made for each message stands in as a sample."""
        sample = dict.fromkeys(merge_fields.used(text), SAMPLE)
        if self._merge is None:
            return sample
        return {"conversation_url_parameter": SAMPLE, **self._merge}

    def _row_of(self, place: str | None) -> str | None:
        for key, variable in self._variables.items():
            if variable.place == place:
                return key
        return None


def field_of(key: str, variable: Variable) -> Field:
    """A variable as a row of a form."""
    kind = "text" if variable.kind in MEDIA_KINDS else "merge"
    return Field(
        key=key,
        label=label_of(variable),
        help=_hint(variable),
        kind=kind,
        required=variable.required,
    )


def _hint(variable: Variable) -> str:
    if variable.example:
        return _("For example: {example}").format(example=clean(variable.example, one_line=True))
    hints = {
        "image": _("Path of a JPEG or PNG, or a link https://…"),
        "video": _("Path of an MP4 or 3GP, or a link https://…"),
        "document": _("Path of the file, or a link https://…"),
        "link": _("A link https://…"),
        "url_suffix": _("It is added to the button's address; no spaces"),
        "copy_code": _("At most 20 characters, no spaces"),
        "code": _("At most 15 characters; the customer copies it with the button"),
        "payload": _("Optional; your programs get it when the customer presses the button"),
        "flow_token": _("Optional; your programs get it back with the answers"),
        "product": _("As the catalogue names it"),
        "products": _("Cakes: SKU1, SKU2; Bread: SKU3"),
        "expiry": _("Date and time, like 2026-12-24 18:00"),
        "text": _("Text, or fields such as {recipient_name|customer}"),
    }
    return hints.get(variable.kind, "")


async def fill_in(
    app: App[Any],
    template: Template,
    submit: Submit | None = None,
    *,
    merge: Mapping[str, str] | None = None,
    action: str | None = None,
    carry: str = "",
) -> TemplateValues | None:
    """Shows the form and answers what was taken, or None where the person left. From a worker.

    Args:
        carry: a text that stands in the form at the beginning where the template has a place for
            one, else above it.
    """
    taken: list[TemplateValues] = []

    async def take(given: TemplateValues) -> None:
        if submit is not None:
            await submit(given)
        taken.append(given)

    place = text_place(template) if carry else None
    form = TemplateForm(
        template, take, merge=merge, action=action,
        values={place: carry} if place else None,
        above=_("The held answer: {text}").format(text=carry) if carry and not place else "",
    )  # fmt: skip
    await app.push_screen_wait(form)
    return taken[0] if taken else None


def text_place(template: Template) -> str | None:
    """Where a template takes a longer text: its last body text, for names come first."""
    places = [v.place for v in variables(template) if v.kind == "text" and "body." in v.place]
    return places[-1] if places else None
