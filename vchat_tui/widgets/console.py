"""What screens and widgets may ask of the app, so that they need not import it."""

from __future__ import annotations

from typing import Literal, Protocol, cast

from textual.dom import DOMNode

from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Desk, DeskError, Disconnected
from vchat_tui.i18n import _
from vchat_tui.models import Agent

ScreenName = Literal["users", "search", "failed", "settings", "setup", "diagnostics", "broadcasts"]
Severity = Literal["information", "warning", "error"]


class Console(Protocol):
    """The app as its screens see it."""

    desk: Desk
    clock: Clock
    author: str | None
    agent: Agent | None

    def say(self, text: str, *, severity: Severity = "information") -> None:
        """A toast. The text is cleaned and never read as markup."""
        ...

    def say_error(self, error: Exception) -> None:
        """A toast for a call that was refused or did not get through, in the reader's language."""
        ...

    async def open_screen(self, name: ScreenName) -> object:
        """Push a screen by name and wait for what it dismisses with."""
        ...

    async def show_user(self, user_id: int) -> None:
        """The card of a user."""
        ...

    async def show_raw(self, title: str, payload: object) -> None:
        """A message or webhook as the provider sent it."""
        ...


def console(node: DOMNode) -> Console:
    """The app that a screen or widget runs in."""
    return cast(Console, node.app)


def error_text(error: Exception) -> str:
    """What to tell the person, in their language."""
    if isinstance(error, DeskError):
        text = _(error.message)
        return text.format(**error.values) if error.values else text
    if isinstance(error, Disconnected):
        return _("The server cannot be reached now. Nothing is lost; try again in a moment.")
    return _("Something went wrong: {error}").format(error=type(error).__name__)
