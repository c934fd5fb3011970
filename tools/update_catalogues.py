"""Collects every text of the program into the catalogues of both languages and compiles them.

English is the language of the message ids, so its catalogue is filled in here; Spanish is for
people to fill in (a test fails on a text without translation).
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from build_catalogues import LOCALES, compile_catalogue

PACKAGE = LOCALES.parent
KEYWORDS = {"_": None, "marked": None, "ngettext": (1, 2), "DeskError": None, "SettingError": (2,)}


def collect() -> Catalog:
    """Every message id in the package, with where it stands."""
    template = Catalog(project="vchat-tui", charset="utf-8")
    found = extract_from_dir(
        str(PACKAGE), method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("i18n:",)
    )
    for filename, _line, message, comments, _context in found:
        template.add(message, locations=[(f"vchat_tui/{filename}", 0)], auto_comments=comments)
    return template


def update(language: str, template: Catalog) -> Path:
    """Brings one language's catalogue up to date; translations are kept, dead ones dropped."""
    po = LOCALES / language / "LC_MESSAGES" / "vchat_tui.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    if po.exists():
        with po.open("rb") as source:
            catalogue = read_po(source, locale=language)
    else:
        catalogue = Catalog(locale=language, project="vchat-tui", charset="utf-8")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if language == "en":
        for message in catalogue:
            if message.id:
                message.string = message.id
    catalogue.fuzzy = False
    with po.open("wb") as target:
        write_po(
            target, catalogue, width=100, sort_output=True, omit_header=False, include_lineno=False
        )
    return po


if __name__ == "__main__":
    for language in ("en", "es"):
        compile_catalogue(update(language, collect()))
        print(language)
