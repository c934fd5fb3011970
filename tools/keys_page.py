"""Writes the page of all keys, in both languages, from the table of actions.

Usage: python tools/keys_page.py [FOLDER]   (default: docs)
"""

from __future__ import annotations

import sys
from pathlib import Path

from vchat_tui import i18n
from vchat_tui.actions import SCOPES, in_scope, key_name
from vchat_tui.i18n import _
from vchat_tui.screens.help import scope_title

HEADS = {
    "en": """# All keys

Made from the table of actions by `tools/keys_page.py`. The name in the last column is the one to
use in `keys.toml` (see [for agents](agents.md)); what has no key is found with `Ctrl+P`.
""",
    "es": """# Todas las teclas

Hecha de la tabla de acciones por `tools/keys_page.py`. El nombre de la última columna es el que se
usa en `keys.toml` (vea [para agentes](agents.md)); lo que no tiene tecla se encuentra con `Ctrl+P`.
""",
}
COLUMNS = {
    "en": "| key | action | what it does | name |",
    "es": "| tecla | acción | qué hace | nombre |",
}
PAGES = {"en": "keys.md", "es": "keys.es.md"}


def page(language: str) -> str:
    """The page in a language."""
    i18n.use(language)
    lines = [HEADS[language]]
    for scope in SCOPES:
        lines += [f"## {scope_title(scope)}", "", COLUMNS[language], "| --- | --- | --- | --- |"]
        for action in in_scope(scope):
            keys = " ".join(f"`{key_name(key)}`" for key in action.keys) or "–"
            lines.append(f"| {keys} | {_(action.label)} | {_(action.help)} | `{action.id}` |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs"
    for language, name in PAGES.items():
        (folder / name).write_text(page(language), encoding="utf-8")
