"""Keys of one's own: the file `keys.toml` of the home changes keys of the table of actions.

    [keys]
    archive = "ctrl+r,f7"

What cannot work is left out and named, so that a slip in the file never costs a key that worked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vchat_tui.actions import ACTIONS, Action, key_name
from vchat_tui.i18n import _

FILE = "keys.toml"

# Old terminals send these for Tab, Enter, Backspace and Escape.
CONFUSED = ("ctrl+i", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket")
# What one edits with; an action that comes before the text box must not take them.
_EDITING = ("space", "backspace", "left", "right", "up", "down", "tab")
_ASCII = [chr(code) for code in range(0x21, 0x7F)]
_MODIFIERS = ("ctrl", "alt", "shift")
# Parts of the main screen: their keys work beside those of the screen and of the app.
_PARTS = ("list", "timeline", "composer")


@dataclass(frozen=True)
class OwnKeys:
    """Keys by action id, and a sentence for each entry that cannot be used."""

    keys: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()


def read(path: Path) -> OwnKeys:
    """The keys that a file asks for; none where there is no file."""
    if not path.exists():
        return OwnKeys({})
    import tomllib  # few have the file

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("keys", {})
    except (OSError, ValueError) as error:
        return OwnKeys({}, (_("{file} cannot be read: {reason}").format(file=FILE, reason=error),))
    if not isinstance(table, dict):
        return OwnKeys({}, (_("{file} needs a table [keys]").format(file=FILE),))
    return check(table)


def check(table: Mapping[str, Any]) -> OwnKeys:
    """What of a table can be used: action ids and their keys, with commas between them."""
    known = {action.id: action for action in ACTIONS if action.keys}
    keys: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for action_id, text in table.items():
        action = known.get(action_id)
        if action is None:
            problems.append(_("“{id}” is no action with a key").format(id=action_id))
            continue
        try:
            keys[action_id] = _keys(action, text)
        except ValueError as error:
            problems.append(f"{action_id}: {error}")
    for one, other, key in iter(lambda: next(_clashes(keys), None), None):
        problems.append(
            _("{id}: {key} is the key of {other}").format(id=one, key=key_name(key), other=other)
        )
        del keys[one]
    return OwnKeys(keys, tuple(problems))


def _keys(action: Action, text: Any) -> tuple[str, ...]:
    """The keys of an entry, as Textual names them.

    Raises:
        ValueError: one cannot be used; the text says why, in the reader's language.
    """
    if not isinstance(text, str):
        raise ValueError(_('write the keys as a text, for example "ctrl+r,f7"'))
    keys = tuple(_key(part.strip()) for part in text.split(","))
    for key in keys:
        if key in CONFUSED:
            raise ValueError(_("terminals confuse {key} with another key").format(key=key))
        if _before_typing(action) and (key in _EDITING or _is_typed(key)):
            raise ValueError(_("{key} is needed for typing").format(key=key))
    return keys


def _key(name: str) -> str:
    """A key as Textual names it: `?` becomes `question_mark`.

    Raises:
        ValueError: there is no such key.
    """
    from textual.keys import _character_to_key

    *modifiers, last = name.split("+")
    if len(last) == 1:
        last = _character_to_key(last)
    elif last not in _special() and last not in map(_character_to_key, _ASCII):
        raise ValueError(_("there is no key “{key}”").format(key=name))
    if any(modifier not in _MODIFIERS for modifier in modifiers):
        raise ValueError(_("there is no key “{key}”").format(key=name))
    return "+".join([*modifiers, last])


def _before_typing(action: Action) -> bool:
    return action.priority or action.scope == "composer"


def _is_typed(key: str) -> bool:
    return "+" not in key and key not in _special()


def _special() -> set[str]:
    """The names of keys that type nothing."""
    from textual.keys import Keys

    return {key.value for key in Keys}


def _clashes(own: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    """Changed actions that share a key with one that works at the same time, and the key."""
    for one in ACTIONS:
        for other in ACTIONS:
            if one.id in own and one is not other and _work_together(one.scope, other.scope):
                for key in own[one.id]:
                    if key in own.get(other.id, other.keys):
                        yield one.id, other.id, key


def _work_together(one: str, other: str) -> bool:
    scopes = {one, other}
    return len(scopes) == 1 or "app" in scopes or ("main" in scopes and bool(scopes & {*_PARTS}))
