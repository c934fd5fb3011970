"""The bottom line: what the keys do here. Every entry can be clicked."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widgets import Static

from vchat_tui.actions import Action, in_scope, key_name, keys_of
from vchat_tui.i18n import _
from vchat_tui.widgets.run import run_table_action

GAP = 3


class KeyBar(Static):
    """The most useful keys of some scopes, the nearest first."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; width: 1fr; padding: 0 1; background: $panel;
             text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, *scopes: str, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.scopes = scopes
        self._places: list[tuple[int, int, Action]] = []

    def on_mount(self) -> None:
        self.redraw()

    def show_scopes(self, *scopes: str) -> None:
        """The focus moved."""
        if scopes != self.scopes:
            self.scopes = scopes
            self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw it again, for instance in another language or width."""
        parts: list[tuple[str, str]] = []
        self._places = []
        column = 0
        for action, label in self._fitting():
            parts += [
                (key_name(keys_of(action)[0]), "bold $text-accent"), (f" {label}", ""),
                (" " * GAP, ""),
            ]  # fmt: skip
            cells = _cells(action, label)
            self._places.append((column, column + cells - GAP, action))
            column += cells
        self.update(Content.assemble(*parts))

    def _fitting(self) -> list[tuple[Action, str]]:
        """What fits on the line, with its words. Where something does not, the way out stays, and
        help says that there is more: it leads to all the others."""
        last = in_bar("app") if "app" in self.scopes else []
        first = [action for scope in self.scopes for action in in_bar(scope)]
        first = [action for action in first if action not in last]
        labelled = [(action, _(action.label)) for action in (*first, *last)]
        if sum(_cells(*entry) for entry in labelled) - GAP <= self.size.width or not last:
            return labelled
        end = [(action, _(action.label)) for action in first if keys_of(action)[0] == "escape"]
        end.append((last[0], _("More")))
        room = self.size.width + GAP - sum(_cells(*entry) for entry in end)
        chosen = []
        for entry in labelled:
            if entry not in end and entry[0] not in last and _cells(*entry) <= room:
                room -= _cells(*entry)
                chosen.append(entry)
        return chosen + end

    async def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        for start, end, action in self._places:
            if offset is not None and start <= offset.x < end:
                await run_table_action(self.app, action)


def in_bar(scope: str) -> list[Action]:
    """The actions of a scope that a key bar shows."""
    return [action for action in in_scope(scope) if action.bar]


def _cells(action: Action, label: str) -> int:
    """The width of an entry, with the gap behind it."""
    return cell_len(f"{key_name(keys_of(action)[0])} {label}") + GAP
