"""The provider's own words for something, as JSON: what every doubt is settled from."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from vchat_tui.actions import bindings
from vchat_tui.i18n import _
from vchat_tui.screens.page import Page, line
from vchat_tui.text import SafeText, clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.key_bar import KeyBar

# A webhook may be 3 MiB; laying out that much text would hold up every key.
SHOWN_CHARACTERS = 60_000


def pretty(payload: Any) -> SafeText:
    """JSON, indented and safe to draw; where it is very long, the beginning.

    Args:
        payload: what JSON can hold, or a body as text, which need not be JSON.
    """
    try:
        value = json.loads(payload) if isinstance(payload, str) else payload
        return _shortened(json.dumps(value, indent=2, ensure_ascii=False, default=str))
    except (ValueError, RecursionError):
        return _shortened(str(payload))


def _shortened(text: str) -> SafeText:
    if len(text) <= SHOWN_CHARACTERS:
        return clean(text)
    note = _("… {count} more characters are not shown").format(count=len(text) - SHOWN_CHARACTERS)
    return clean(f"{text[:SHOWN_CHARACTERS]}\n{note}")


class RawScreen(Page[None]):
    """Scrollable JSON.

    Args:
        title: what it is of.
        payload: what JSON can hold, or a body as text.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "raw.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("raw")]

    def __init__(self, title: str, payload: Any) -> None:
        super().__init__()
        self._title = title
        self._payload = payload

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield line(clean(self._title, one_line=True), id="title")
        with VerticalScroll(id="raw"):
            yield Static(Content(pretty(self._payload)), id="json")
        yield KeyBar("raw", "app")

    def action_copy(self) -> None:
        """Put the text that is shown on the clipboard (the terminal must allow OSC 52)."""
        self.app.copy_to_clipboard(pretty(self._payload))
        console(self).say(_("Copied"))

    def action_back(self) -> None:
        """Close it."""
        self.dismiss(None)
