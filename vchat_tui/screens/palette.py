"""All actions by name (Ctrl+P), with the key that does the same."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.actions import ACTIONS, Action, key_name, keys_of
from vchat_tui.i18n import _
from vchat_tui.screens.choose import Choose

KEY_CELLS = 10


class Palette(Choose[Action]):
    """Dismisses with an action, or None.

    Args:
        scopes: where we are: only actions of these scopes are offered.
    """

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__(_("What do you want to do?"))
        self._scopes = scopes

    async def find(self, text: str) -> list[tuple[Action, Content]]:
        """Actions whose words begin with what is typed come first."""
        wanted = text.casefold().split()
        found: list[tuple[int, int, Action]] = []
        seen: set[str] = set()
        for place, action in enumerate(self._candidates()):
            words = f"{_(action.label)} {_(action.group)} {_(action.help)}".casefold()
            if action.label not in seen and all(word in words for word in wanted):
                seen.add(action.label)
                first = not _(action.label).casefold().startswith(text.casefold())
                found.append((int(first), place, action))
        found.sort(key=lambda entry: entry[:2])
        return [(action, self._line(action)) for _first, _place, action in found]

    def _candidates(self) -> list[Action]:
        order = {scope: place for place, scope in enumerate(self._scopes)}
        known = [action for action in ACTIONS if action.scope in order and action.id != "palette"]
        return sorted(known, key=lambda action: order[action.scope])

    def _line(self, action: Action) -> Content:
        key = key_name(keys_of(action)[0]) if action.keys else ""
        return Content.assemble(
            (f"{key:>{KEY_CELLS}}  ", "$text-accent"),
            (_(action.label), "bold"),
            (f"  {_(action.help)}", "dim"),
        )
