"""Writes the table of all error codes into the WhatsApp guide, in both languages.

It stands between two marks, and a test holds it equal to what `channels/errors.py` says.
Usage: python tools/errors_page.py
"""

from __future__ import annotations

from pathlib import Path

from vchat_tui import i18n
from vchat_tui.channels.errors import meta_codes, rule
from vchat_tui.i18n import _

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {"en": DOCS / "whatsapp.md", "es": DOCS / "whatsapp.es.md"}
BEGIN, END = "<!-- codes -->\n", "<!-- end of codes -->\n"
COLUMNS = {"en": "| code | meaning | what to do |", "es": "| código | significado | qué hacer |"}


def table(language: str) -> str:
    """All codes of Meta that the console knows, by number."""
    i18n.use(language)
    lines = [COLUMNS[language], "| --- | --- | --- |"]
    for code in meta_codes():
        known = rule("whatsapp_cloud", code)
        assert known is not None
        advice = _(known.advice).replace("{details}", "…")
        lines.append(f"| {code} | {_(known.title)} | {advice} |")
    return "\n".join(lines) + "\n"


def with_table(page: str, language: str) -> str:
    """The page with today's table between the marks."""
    before, _begin, rest = page.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}{table(language)}{END}{after}"


if __name__ == "__main__":
    for language, path in PAGES.items():
        path.write_text(with_table(path.read_text("utf-8"), language), "utf-8")
