"""Both languages say everything: no text without translation, no place lost in one."""

from __future__ import annotations

import ast
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "vchat_tui" / "locales"

sys.path.insert(0, str(ROOT / "tools"))
from update_catalogues import collect  # noqa: E402


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "vchat_tui.po").open("rb") as source:
        return read_po(source, locale=language)


def texts(message_string: object) -> list[str]:
    return [str(part) for part in message_string] if isinstance(message_string, tuple | list) else [
        str(message_string)
    ]  # fmt: skip


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_of_the_program_is_in_the_catalogue(language: str) -> None:
    known = {message.id for message in catalogue(language) if message.id}
    missing = {message.id for message in collect() if message.id} - known
    assert not missing, f"run `make catalogues` and translate: {sorted(map(str, missing))[:5]}"


def test_no_text_hides_from_the_collection() -> None:
    """It sees neither an f-string's inside nor `_` under a name that it does not know."""
    known = {part for message in catalogue("en") for part in texts(message.id)}
    hidden = []
    for path in (ROOT / "vchat_tui").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        imported = [
            name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names
        ]
        marks = {"_"} | {str(name.asname) for name in imported if name.name == "_"}
        for node in nodes:
            match node:
                case ast.Call(func=ast.Name(id=mark), args=[ast.Constant(value=text), *_]) if (
                    mark in marks and text not in known
                ):
                    hidden.append(f"{path.name}:{node.lineno} {text}")
    assert not hidden


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_is_translated(language: str) -> None:
    untranslated = [
        message.id
        for message in catalogue(language)
        if message.id and not all(texts(message.string))
    ]
    assert not untranslated


def test_translations_keep_every_place() -> None:
    lost = []
    for message in catalogue("es"):
        if not message.id or "python-brace-format" not in message.flags:
            continue
        wanted = set().union(*(places(text) for text in texts(message.id)))
        for text in texts(message.string):
            if places(text) - wanted or (wanted - {"n"}) - places(text):
                lost.append((message.id, text))
    assert not lost


def test_catalogues_are_compiled_by_the_build() -> None:
    code = "from vchat_tui import i18n; i18n.use('es'); print(i18n._('is required'))"
    spoken = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert spoken
    assert spoken != "is required"
