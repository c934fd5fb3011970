"""What an SMS comes to, in one line: each segment is paid for."""

from __future__ import annotations

from textual.content import Content as Line

from vchat_tui.channels.plain_text import as_text
from vchat_tui.channels.sms_text import split
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Content
from vchat_tui.text import clean


def characters(text: str) -> str:
    """How many there are."""
    return ngettext("{n} character", "{n} characters", len(text)).format(n=len(text))


def sms_count(text: str, people: int = 1) -> str:
    """Characters, segments, how many in all, and which letter makes them so many.

    Args:
        text: as it was typed.
        people: how many get it; 0 where nobody knows.
    """
    cut = split(as_text(Content(type="text", text=text)))
    parts = [characters(text), ngettext("{n} segment", "{n} segments", cut.count)]
    parts[1] = parts[1].format(n=cut.count)
    if people > 1:
        parts.append(_("about {n} in all").format(n=f"{cut.count * people:,}"))
    if cut.odd is not None:
        sign = clean(cut.odd, one_line=True)
        parts.append(_("“{sign}” halves what fits in each").format(sign=sign))
    return " · ".join(parts)


def segments(text: str) -> Line:
    """The text as it is cut, under the alphabet that it needs."""
    cut = split(as_text(Content(type="text", text=text)))
    lines = [Line.styled("UCS-2" if cut.unicode else "GSM-7", "bold")]
    for number, part in enumerate(cut.parts, 1):
        lines.append(Line.assemble((f"{number}/{cut.count} ", "bold"), clean(part)))
    return Line("\n").join(lines)
