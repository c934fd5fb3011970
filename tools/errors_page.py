"""Writes the tables of all error codes into the guides of WhatsApp and SMS, in both languages.

Each stands between two marks, and a test holds it equal to what `channels/errors.py` says.
Usage: python tools/errors_page.py
"""

from __future__ import annotations

from pathlib import Path

from vchat_tui import i18n
from vchat_tui.channels.errors import meta_codes, rule, twilio_codes
from vchat_tui.i18n import _

DOCS = Path(__file__).parents[1] / "docs"
CODES = {"whatsapp": ("whatsapp_cloud", meta_codes()), "sms": ("sms_twilio", twilio_codes())}
"""The guides with a table: whose codes it has."""

PAGES = {
    (guide, language): DOCS / f"{guide}{ending}.md"
    for guide in CODES
    for language, ending in (("en", ""), ("es", ".es"))
}
BEGIN, END = "<!-- codes -->\n", "<!-- end of codes -->\n"
COLUMNS = {"en": "| code | meaning | what to do |", "es": "| código | significado | qué hacer |"}


def table(guide: str, language: str) -> str:
    """All codes of its provider that the console knows, by number."""
    i18n.use(language)
    channel, codes = CODES[guide]
    lines = [COLUMNS[language], "| --- | --- | --- |"]
    for code in codes:
        known = rule(channel, code)
        assert known is not None
        advice = _(known.advice).replace("{details}", "…")
        lines.append(f"| {code} | {_(known.title)} | {advice} |")
    return "\n".join(lines) + "\n"


def with_table(page: str, guide: str, language: str) -> str:
    """The page with today's table between the marks."""
    before, _begin, rest = page.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}{table(guide, language)}{END}{after}"


if __name__ == "__main__":
    for (guide, language), path in PAGES.items():
        path.write_text(with_table(path.read_text("utf-8"), guide, language), "utf-8")
