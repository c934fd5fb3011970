"""A form made from a table of settings: one row each, with its help and what is wrong with it.

Secrets are write-only: the form never holds a stored one, it shows its fingerprint, and an empty
input keeps it. Nothing that was typed is lost when a value is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Select, Static, Switch, TextArea

from vchat_tui.i18n import _
from vchat_tui.models import SecretState
from vchat_tui.screens.page import line
from vchat_tui.settings import (
    MAX_LINES,
    SEVERAL_LINES,
    Field,
    SettingError,
    clean_value,
    generate_secret_key,
)
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.in_turn import act_in_turn


class CleanInput(Input):
    """An input that never holds a character that a terminal acts on, however it came in."""

    def validate_value(self, value: str) -> str:
        """Every way in (keys, paste, a stored value) passes here."""
        return clean(value, one_line=True)

    async def _on_key(self, event: events.Key) -> None:
        """Editing keys wait for their turn among what is typed."""
        await act_in_turn(self, event)


class LinesInput(TextArea):
    """Several lines; Enter makes a new one, Tab goes on to the next row."""

    def __init__(self, text: str) -> None:
        super().__init__(
            text, tab_behavior="focus", soft_wrap=True, show_line_numbers=False,
            highlight_cursor_line=False, compact=True,
        )  # fmt: skip
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        """Editing keys wait for their turn among what is typed."""
        await act_in_turn(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        """Pasted text may hold escape sequences: they become visible signs."""
        event.prevent_default()
        event.stop()
        self.insert(clean(event.text, limit=MAX_LINES))


class FormRow(Horizontal):
    """One setting.

    Args:
        field: what it is.
        value: what is stored now (never a secret).
        secret: what may be known of a stored secret.
    """

    class Changed(Message):
        """The person changed the value of a row."""

        def __init__(self, row: FormRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, field: Field, value: Any, secret: SecretState | None) -> None:
        super().__init__(id=f"row-{field.key}")
        self.field = field
        self._stored = value
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Label at the left; input, state, problem and help under each other at the right."""
        field = self.field
        star = " *" if field.required else ""
        yield line(_(field.label) + star, classes="label")
        with Vertical(classes="body"):
            with Horizontal(classes="editor lines" if field.kind in SEVERAL_LINES else "editor"):
                yield from self._editor()
            if field.kind == "secret":
                yield line(self._secret_state(), classes="state")
            problem = Static(markup=False, classes="problem")
            problem.display = False
            yield problem
            yield line(_(field.help), classes="help")

    def _editor(self) -> ComposeResult:
        field = self.field
        if field.kind == "bool":
            yield Switch(self._initial is True)
            yield line("", classes="word")
        elif field.kind == "choice":
            yield Select(
                [(Content(choice), choice) for choice in field.choices],
                value=self._initial or Select.NULL,
                allow_blank=not field.required,
                compact=True,
            )
        elif field.kind in SEVERAL_LINES:
            yield LinesInput(str(self._initial))
        else:
            yield CleanInput(
                str(self._initial),
                placeholder=self._placeholder(),
                password=field.kind == "secret",
                compact=True,
            )
        if field.generate:
            yield Button(Content(_("Generate")), classes="generate", compact=True)
            copy = Button(Content(_("Copy")), classes="copy", compact=True)
            copy.display = False
            yield copy

    @property
    def _initial(self) -> str | bool:
        if self.field.kind == "bool":
            return bool(self.field.default if self._stored is None else self._stored)
        if self._stored is None:
            return ""
        return clean(str(self._stored), one_line=self.field.kind not in SEVERAL_LINES)

    def _placeholder(self) -> str:
        if self.field.kind == "secret" and self._secret_is_set:
            return _("leave empty to keep it")
        return "" if self.field.default is None else clean(str(self.field.default))

    @property
    def _secret_is_set(self) -> bool:
        return self._secret is not None and self._secret.set

    def _secret_state(self) -> str:
        """What anybody may learn of a stored secret."""
        if self._secret is None or not self._secret.set:
            return _("not set")
        parts = [_("set")]
        if self._secret.fingerprint:
            parts.append(_("fingerprint {hex}").format(hex=self._secret.fingerprint))
        if self._secret.changed_at:
            changed = console(self).clock.short(self._secret.changed_at)
            parts.append(_("changed {date}").format(date=changed))
        return " · ".join(parts)

    def on_mount(self) -> None:
        """The word beside a switch says what its colour says."""
        self._say_switch()

    def _say_switch(self) -> None:
        if self.field.kind == "bool":
            word = _("yes") if self.typed else _("no")
            self.query_one(".word", Static).update(Content(word))

    def stored(self, value: Any, secret: SecretState | None) -> None:
        """The desk has it now. A secret is no longer held here; its fingerprint is shown."""
        self._stored, self._secret = value, secret
        self.show_problem("")
        if self.field.kind == "secret":
            self.query_one(".state", Static).update(Content(self._secret_state()))
            editor = self.query_one(CleanInput)
            editor.placeholder = self._placeholder()
            with self.prevent(Input.Changed):
                editor.value = ""

    @property
    def typed(self) -> str | bool:
        """What stands in the row now."""
        if self.field.kind == "bool":
            return self.query_one(Switch).value
        if self.field.kind == "choice":
            chosen = self.query_one(Select).value
            return "" if chosen is Select.NULL else str(chosen)
        if self.field.kind in SEVERAL_LINES:
            return self.query_one(LinesInput).text
        return self.query_one(CleanInput).value

    @property
    def changed(self) -> bool:
        """It is not what is stored."""
        return self.typed != self._initial

    @property
    def keeps_secret(self) -> bool:
        """It is a secret that is stored and was left alone."""
        return self._secret_is_set and self.typed == ""

    def check(self) -> bool:
        """Whether the value can be saved; if not, the row says what is right."""
        try:
            value = clean_value(self.field, self.typed)
            if value is None and self.field.required and not self.keeps_secret:
                raise SettingError(self.field.key, "is required")
        except SettingError as error:
            self.show_problem(_(error.message).format(**error.values))
            return False
        self.show_problem("")
        return True

    def show_problem(self, text: str) -> None:
        """Say what is wrong, next to the input; an empty text takes it away."""
        problem = self.query_one(".problem", Static)
        problem.update(Content(clean(f"✗ {text}" if text else "")))
        problem.display = bool(text)

    def show_help(self, text: str) -> None:
        """Say something else below the input than what the table says."""
        self.query_one(".help", Static).update(Content(clean(text)))

    def focus_editor(self) -> None:
        """Put the cursor where the value is typed."""
        editor = self.query_one(".editor").query("Input, Switch, Select, TextArea").first()
        problem = self.query_one(".problem")
        # At once: a key that is typed now belongs there.
        self.screen.set_focus(editor, scroll_visible=not problem.display)
        if problem.display:  # twice: one that was just shown has its place after the next layout
            self.call_after_refresh(
                lambda: self.call_after_refresh(problem.scroll_visible, animate=False)
            )

    def on_descendant_blur(self) -> None:
        """A value is judged when the person leaves it, not while they type it."""
        if self.changed:
            self.check()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing takes an old complaint away."""
        event.stop()
        self._after_change()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """As with one line."""
        event.stop()
        self._after_change()

    def on_switch_changed(self, event: Switch.Changed) -> None:
        """Say the new state in a word."""
        event.stop()
        self._say_switch()
        self._after_change()

    def on_select_changed(self, event: Select.Changed) -> None:
        """A choice was made."""
        event.stop()
        self._after_change()

    def _after_change(self) -> None:
        self.show_problem("")
        self.post_message(self.Changed(self))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Invent a secret (shown, because it must be typed again at the provider), or copy it."""
        event.stop()
        editor = self.query_one(CleanInput)
        if event.button.has_class("generate"):
            editor.value = generate_secret_key()
            editor.password = False
            event.button.display = False  # the key needs the room to be seen whole
            copy = self.query_one(".copy", Button)
            copy.display = True
            copy.focus()
        else:
            self.app.copy_to_clipboard(editor.value)
            console(self).say(_("Copied"))


class Form(VerticalScroll):
    """The rows of a table of settings.

    Args:
        fields: the table.
        values: what is stored now, without secrets.
        secrets: what may be known of the stored secrets.
    """

    # At once: what was typed behind the Tab over a slow line belongs in the next row.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Form {
        padding: 1 1 0 1;

        FormRow { height: auto; margin-bottom: 1; }
        .label { width: 30; padding-right: 2; text-style: bold; }
        .body { width: 1fr; max-width: 90; height: auto; }
        .editor { height: 1; }
        .lines { height: auto; }
        .lines LinesInput { width: 1fr; height: auto; min-height: 3; max-height: 8; border: none;
                            padding: 0; background: $surface; }
        .lines LinesInput:focus { border: none; background: $primary-muted; }
        .editor CleanInput { width: 1fr; background: $surface; }
        .editor CleanInput:focus { background: $primary-muted; }
        .editor Select { width: 1fr; }
        .editor Switch { border: none; padding: 0; height: 1; width: 6; }
        .editor Switch:focus { border: none; background: $primary-muted; }
        .editor Button { margin-left: 1; min-width: 8; }
        .word { width: auto; margin-left: 1; }
        .help, .state { color: $text-muted; }
        .problem { color: $text-error; }
    }
    """

    def __init__(
        self,
        fields: Iterable[Field],
        values: Mapping[str, Any],
        secrets: Mapping[str, SecretState] | None = None,
    ) -> None:
        super().__init__(can_focus=False)
        known = secrets or {}
        self._rows = [
            FormRow(field, values.get(field.key), known.get(field.key)) for field in fields
        ]

    def compose(self) -> ComposeResult:
        """The rows, in the order of the table."""
        yield from self._rows

    @property
    def changed(self) -> bool:
        """Something was typed that is not stored."""
        return any(row.changed for row in self._rows)

    def values(self) -> dict[str, str | bool]:
        """What was typed, by key; stored secrets that were left alone are absent."""
        return {row.field.key: row.typed for row in self._rows if not row.keeps_secret}

    def changes(self) -> dict[str, str | bool]:
        """Only what differs from what is stored, by key."""
        return {row.field.key: row.typed for row in self._rows if row.changed}

    def check(self) -> bool:
        """Whether all can be saved; if not, wrong rows say so and the first has the cursor."""
        wrong = [row for row in self._rows if not row.check()]
        if wrong:
            wrong[0].focus_editor()
        return not wrong

    def show_problem(self, key: str | None, text: str) -> bool:
        """Show a refusal of the desk at its row.

        Returns:
            False where no row has that key.
        """
        for row in self._rows:
            if row.field.key == key:
                row.show_problem(text)
                row.focus_editor()
                return True
        return False

    def focus_first(self) -> None:
        """Put the cursor in the first row, where there is one."""
        if self._rows:
            self._rows[0].focus_editor()
