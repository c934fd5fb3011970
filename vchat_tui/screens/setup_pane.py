"""One step of the guided set-up: what was seen of it, where to click, what to fill in or copy."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from vchat_tui.actions import key_of
from vchat_tui.findings import Finding
from vchat_tui.i18n import _
from vchat_tui.screens.form import FormRow
from vchat_tui.screens.page import line
from vchat_tui.screens.setup_steps import SHOWN, state
from vchat_tui.text import clean


class StepPane(VerticalScroll):
    """A step beside the list.

    Args:
        step: its name.
        rows: what is filled in here.
    """

    DEFAULT_CSS = """
    StepPane {
        padding: 0 1;

        .title { text-style: bold; }
        .state { margin-bottom: 1; height: auto; }
        .where { margin-bottom: 1; height: auto; }
        .paste { height: auto; margin-bottom: 1; }
        Button { margin-bottom: 1; }
        FormRow { layout: vertical; height: auto; margin-bottom: 1; }
        FormRow .label { width: 100%; text-style: bold; }
        FormRow .body { width: 100%; height: auto; }
        FormRow .editor { height: 1; }
        FormRow .editor CleanInput { width: 1fr; background: $surface; }
        FormRow .editor CleanInput:focus { background: $primary-muted; }
        FormRow .editor Button { margin: 0 0 0 1; min-width: 8; }
        FormRow .help, FormRow .state { color: $text-muted; margin: 0; }
        FormRow .problem { color: $text-error; }
    }
    """

    def __init__(self, step: str, rows: Iterable[FormRow]) -> None:
        super().__init__(id=f"step-{step}", can_focus=False)
        self.step = step
        self._rows = list(rows)

    def compose(self) -> ComposeResult:
        """Name, state, way, what to paste, fields."""
        yield line(SHOWN[self.step].title(), classes="title")
        yield line("…", classes="state")
        yield line(SHOWN[self.step].where(), classes="where")
        if self.step == "handshake":
            yield line("", classes="paste")
            yield Button(Content(_("Generate a key")), id="generate", compact=True)
        if self.step == "subscribed":
            yield Button(Content(_("Subscribe")), id="subscribe", compact=True)
        yield from self._rows

    def show(self, finding: Finding) -> None:
        """Draw what was seen."""
        self.query_one(".state", Static).update(state(finding))

    def show_paste(self, url: str, secret_key: str) -> None:
        """What goes to Meta; the key only while it is known here: a stored one is never shown."""
        copies = _("({key} copies)")
        shown = clean(url, one_line=True) or _("first enter the public URL")
        parts = [
            Content.styled(_("Configuration URL"), "bold"),
            Content.styled(" " + copies.format(key=key_of("setup-copy")), "dim"),
            Content(f"\n{shown}"),
        ]
        if secret_key:
            parts += [
                Content.styled("\n" + _("Secret key"), "bold"),
                Content.styled(" " + copies.format(key=key_of("setup-copy-key")), "dim"),
                Content(f"\n{clean(secret_key, one_line=True)}"),
            ]
        self.query_one(".paste", Static).update(Content("").join(parts))

    def focus_editor(self) -> bool:
        """The cursor into the first field that is empty, else into the first; False without one."""
        if not self._rows:
            return False
        empty = [row for row in self._rows if row.typed == "" and not row.keeps_secret]
        (empty or self._rows)[0].focus_editor()
        return True

    def row_after(self, row: FormRow) -> FormRow | None:
        """The field below one."""
        place = self._rows.index(row) + 1
        return self._rows[place] if place < len(self._rows) else None
