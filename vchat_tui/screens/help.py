"""The keys that work here, from the table of actions."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from vchat_tui.actions import Action, in_scope, key_name, keys_of
from vchat_tui.i18n import _

KEY_CELLS = 14


def scope_title(scope: str) -> str:
    """Where the actions of a scope work, for a heading."""
    titles = {
        "app": _("Everywhere"),
        "main": _("Main screen"),
        "list": _("In the conversation list"),
        "timeline": _("In the messages"),
        "composer": _("While writing"),
        "users": _("Users"),
        "user_card": _("Customer card"),
        "search": _("Search"),
        "failed": _("Failed and unknown"),
        "settings": _("Settings"),
        "agents": _("Agents"),
        "setup": _("Guided set-up"),
        "inbox": _("Settings of a number"),
        "inbox_check": _("Check of a number"),
        "form": _("In a form"),
        "diagnostics": _("Diagnostics"),
        "webhook": _("A webhook"),
        "raw": _("Raw"),
        "templates": _("Templates"),
        "orders": _("Orders"),
        "send_form": _("In a form"),
        "next_form": _("In a form"),
        "template_form": _("In the values of a template"),
        "users_list": _("In the list of users"),
        "notices": _("Notices"),
        "broadcasts": _("Broadcasts"),
        "broadcast": _("Broadcast"),
    }
    return titles[scope]


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
                yield Static(id="help-lines", markup=False)
            yield Static(Content(_("↑ ↓ scroll · Esc closes")), id="help-hint")

    def on_mount(self) -> None:
        self.query_one("#help-scroll").focus()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Lines are wrapped for a width, which is known once the box is laid out."""
        width = self.query_one("#help-scroll").scrollable_content_region.width
        self.query_one("#help-lines", Static).update(Content("\n").join(self._lines(width)))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for scope in self._scopes:
            actions = [action for action in in_scope(scope) if action.keys]
            if actions:
                lines += [Content(""), Content.styled(scope_title(scope), "bold $text-accent")]
                for action in actions:
                    lines += help_lines(action, width)
        return lines

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def help_lines(action: Action, width: int) -> list[Content]:
    """An action as two columns: its keys, then what it does, each wrapped under itself.

    Args:
        action: what to explain.
        width: of both columns, in cells.
    """
    keys = Content.styled(" ".join(map(key_name, keys_of(action))), "bold")
    words = Content.assemble(_(action.label), (f"  {_(action.help)}", "dim"))
    rows = zip_longest(
        keys.wrap(KEY_CELLS - 1), words.wrap(max(width - KEY_CELLS, 10)), fillvalue=Content("")
    )
    return [left.pad_right(KEY_CELLS - left.cell_length) + right for left, right in rows]
