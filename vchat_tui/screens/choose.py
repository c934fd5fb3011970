"""A dialog to find one thing among many by typing: the palette and "go to" are made of it."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from vchat_tui.i18n import _

Thing = TypeVar("Thing")


class Choose(ModalScreen[Thing | None], Generic[Thing]):
    """Type, move with the arrows, Enter. Subclasses give `find`."""

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, priority=True),
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt
        self._things: list[Thing] = []

    async def find(self, text: str) -> list[tuple[Thing, Content]]:
        """What fits what is typed, best first, with how it looks."""
        raise NotImplementedError

    def nothing(self, text: str) -> str:
        """What to say where nothing fits."""
        return _("Nothing found. Fewer letters find more.")

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            yield Input(placeholder=self._prompt, id="choose-input")
            yield OptionList(id="choose-list", markup=False)
            yield Static(id="choose-none", markup=False)

    def on_mount(self) -> None:
        self.query_one("#choose-list").can_focus = False
        self.refill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.refill(event.value)

    @work(group="find", exclusive=True, exit_on_error=False)
    async def refill(self, text: str) -> None:
        """List what fits a text."""
        found = await self.find(text)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([content for _thing, content in found])
        self._things = [thing for thing, _content in found]
        options.highlighted = 0 if found else None
        self.query_one("#choose-none", Static).update(Content("" if found else self.nothing(text)))

    def action_step(self, rows: int) -> None:
        """Move the mark."""
        options = self.query_one(OptionList)
        if options.option_count:
            now = options.highlighted or 0
            options.highlighted = max(0, min(now + rows, options.option_count - 1))

    def on_input_submitted(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._things):
            self.take(self._things[place])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.take(self._things[event.option_index])

    def take(self, thing: Thing) -> None:
        """This one was chosen."""
        self.dismiss(thing)

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
