"""Where to save a customer's file: a folder; the name is made safe and never replaces another."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.types import CSSPathType

from vchat_tui.desk.calls import StoredFile
from vchat_tui.i18n import _
from vchat_tui.opening import download_folder, export_name, save, usable_folder
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import Dialog, line, problem_line, problems, show_problem
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import file_label


class SaveFile(Dialog[Path | None]):
    """Dismisses with where the file is now, or None.

    Args:
        stored: which file.
        filename: what the customer calls it.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, stored: StoredFile, filename: str | None) -> None:
        super().__init__()
        self._stored = stored
        self._file_name = export_name(filename, stored)

    def compose(self) -> ComposeResult:
        """What it is, the folder, the name that it will have."""
        with Vertical(id="dialog"):
            yield line(_("Save the file in which folder?"), classes="title")
            yield line(
                f"{file_label(self._stored.mime_type, self._stored.size)} · {self._file_name}"
            )
            yield CleanInput(str(download_folder()), id="folder", compact=True)
            yield line(_("Enter saves · Esc leaves. It replaces no other file."), classes="hint")
            yield problem_line()

    @work(exclusive=True, exit_on_error=False)
    async def on_input_submitted(self) -> None:
        """Save it there."""
        folder = usable_folder(self.query_one(CleanInput).value)
        if folder is None:
            show_problem(self, _("There is no such folder on this machine."))
            return
        show_problem(self, "")
        with problems(self):
            try:
                path = await save(console(self).desk, self._stored, folder, self._file_name)
            except OSError as error:
                reason = clean(error.strerror or str(error), one_line=True)
                show_problem(self, _("It cannot be saved there: {reason}").format(reason=reason))
                return
            self.dismiss(path)

    def action_cancel(self) -> None:
        """Save nothing."""
        self.dismiss(None)
