"""What the screens behind the main one share: a title line, a problem line, a way back.

A page asks the desk inside `with problems(self):`, so that a refusal or a lost server is told on
the page itself, with what the person typed still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static
from textual.widgets.option_list import Option

from vchat_tui.desk.calls import DeskError, Disconnected
from vchat_tui.events import Event
from vchat_tui.i18n import _
from vchat_tui.text import SafeText, clean

Result = TypeVar("Result")

SOON = 0.1  # seconds
INDENT = 2  # cells before the second line of a row and those after it

MUTED = "dim"
"""The style of what matters less; unlike a faded colour it also works in the terminal's own colours."""


def refusal(error: DeskError) -> SafeText:
    """A refusal in the reader's language, safe to draw."""
    return clean(_(error.message).format(**error.values))


def line(text: str, *, id: str | None = None, classes: str | None = None) -> Static:
    """A piece of text on a page; nothing in it is markup or reaches the terminal raw."""
    return Static(Content(clean(text)), id=id, classes=classes)


def show_problem(screen: Screen[Result], text: str) -> None:
    """Say on a page or dialog what is wrong and what to do; an empty text takes it away."""
    problem = screen.query_one("#problem", Static)
    problem.update(Content(clean(f"✗ {text}" if text else "")))
    problem.display = bool(text)


@contextmanager
def problems(screen: Screen[Result]) -> Iterator[None]:
    """Tells a refused call, or a server that is away, and goes on after the block."""
    try:
        yield
    except DeskError as error:
        show_problem(screen, refusal(error))
    except Disconnected:
        show_problem(screen, _("The server cannot be reached; try again once it is back."))


def problem_line() -> Static:
    """The (still empty) problem line of a page or dialog."""
    problem = line("", id="problem")
    problem.display = False
    return problem


def block(head: Content, lines: Iterable[Content], width: int) -> Content:
    """A row of several lines: the first as it is, the others wrapped and indented under it.

    Args:
        head: the first line.
        lines: the others; empty ones are left out.
        width: of the row, in cells.
    """
    room = max(width - INDENT, 20)
    wrapped = [part for line in lines if line for part in line.wrap(room)]
    return Content("\n").join([head, *(Content(" " * INDENT) + part for part in wrapped)])


def heading(text: str) -> Option:
    """A heading between the options of a list."""
    return Option(Content.styled(text, "bold $text-primary"), disabled=True)


class Page(Screen[Result]):
    """A full screen with a title line. Its styles: `page.tcss` and a file of its own."""

    _is_due = False

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Read what the page shows; a page may put the cursor where people start."""
        self.load()

    async def retranslate(self) -> None:
        """The language changed: make the page anew."""
        await self.recompose()
        self.begin()

    def on_desk_event(self, event: Event) -> None:
        """Something happened at the desk; a page that shows it reads it again."""

    def on_desk_resync(self) -> None:
        """The server is back after a while: read everything again."""
        if self.query("#problem"):
            show_problem(self, "")
        self.load()

    def load(self) -> object:
        """Read what the page shows. A page without anything to read does nothing."""
        return None

    def load_soon(self) -> None:
        """Something changed: read it again, once for a burst of changes."""
        if not self._is_due:
            self._is_due = True
            self.set_timer(SOON, self._load_due)

    def _load_due(self) -> None:
        self._is_due = False
        self.load()


class Dialog(ModalScreen[Result]):
    """A box over the page beneath; its content stands in a container with id `dialog`."""
