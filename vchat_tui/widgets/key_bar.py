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
        for action in self._fitting():
            key, label = key_name(keys_of(action)[0]), _(action.label)
            parts += [(key, "bold $text-accent"), (f" {label}", ""), (" " * GAP, "")]
            self._places.append((column, column + _cells(action) - GAP, action))
            column += _cells(action)
        self.update(Content.assemble(*parts))

    def _fitting(self) -> list[Action]:
        """What fits on the line. Help and palette always do: they lead to all the others."""
        by_scope = [[action for action in in_scope(scope) if action.bar] for scope in self.scopes]
        last = [action for action in in_scope("app") if action.bar] if "app" in self.scopes else []
        first = [action for actions in by_scope for action in actions if action not in last]
        room = self.size.width - sum(map(_cells, last)) + GAP
        chosen: list[Action] = []
        for action in first:
            if _cells(action) <= room:
                room -= _cells(action)
                chosen.append(action)
        return chosen + last

    async def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        for start, end, action in self._places:
            if offset is not None and start <= offset.x < end:
                await run_table_action(self.app, action)


def _cells(action: Action) -> int:
    """The width of an entry, with the gap behind it."""
    return cell_len(f"{key_name(keys_of(action)[0])} {_(action.label)}") + GAP
