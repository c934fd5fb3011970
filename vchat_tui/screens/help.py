"""The keys that work here, from the table of actions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from vchat_tui.actions import Action, in_scope, key_name
from vchat_tui.i18n import _

KEY_CELLS = 22


def scope_title(scope: str) -> str:
    """Where the actions of a scope work, for a heading."""
    titles = {
        "app": _("Everywhere"),
        "main": _("Main screen"),
        "list": _("In the conversation list"),
        "timeline": _("In the messages"),
        "composer": _("While writing"),
    }
    return titles.get(scope, _("On this screen"))


class Help(ModalScreen[None]):
    """Help for some scopes, the nearest first.

    Args:
        scopes: where we are.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "close", show=False)
    ]

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__()
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            yield Static(Content.styled(_("The keys that work here"), "bold"), id="help-title")
            with VerticalScroll(id="help-scroll"):
                yield Static(Content("\n").join(self._lines()))
            yield Static(Content(_("↑ ↓ scroll · Esc closes")), id="help-hint")

    def on_mount(self) -> None:
        self.query_one("#help-scroll").focus()

    def _lines(self) -> list[Content]:
        lines: list[Content] = []
        for scope in self._scopes:
            actions = [action for action in in_scope(scope) if action.keys]
            if actions:
                lines += [Content(""), Content.styled(scope_title(scope), "bold $text-accent")]
                lines += [self._line(action) for action in actions]
        return lines

    def _line(self, action: Action) -> Content:
        keys = " ".join(key_name(key) for key in action.keys)
        return Content.assemble(
            (f"{keys:<{KEY_CELLS}}", "bold"),
            _(action.label),
            (f"  {_(action.help)}", "dim"),
        )

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
