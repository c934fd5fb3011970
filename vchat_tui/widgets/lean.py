"""Fewer bytes for the same picture: a line in as few styled pieces as can be.

Each piece costs some 40 bytes on its way to a terminal.
"""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_NONE = Style()


def lean(strip: Strip) -> Strip:
    """The same line in fewer pieces; what the mouse needs to know of it is left out.

    Textual notes in every piece where it begins, for selecting text, tells "not bold" from "bold
    is not said", which look the same, and keeps blanks apart whose letters would differ in colour.
    """
    pieces: list[Segment] = []
    for text, style, _control in strip:
        shown = _shown(style or _NONE)
        if pieces and (joint := _joint(pieces[-1], text, shown)) is not None:
            pieces[-1] = Segment(pieces[-1].text + text, joint)
        else:
            pieces.append(Segment(text, shown))
    return Strip(pieces, strip.cell_length)


def _joint(before: Segment, text: str, style: Style) -> Style | None:
    """The style in which a piece and the one before it look as they do apart; None: there is none."""
    old = before.style or _NONE
    if old == style:
        return style
    blank_before, blank = not before.text.strip(" "), not text.strip(" ")
    if (blank_before or blank) and _ground(old) == _ground(style) and not style.reverse:
        return old if blank else style
    return None


def _ground(style: Style) -> tuple[object, ...]:
    """All that one sees of a style where there is no letter."""
    return style.bgcolor, style.underline, style.strike, style.reverse


@lru_cache(maxsize=1024)
def _shown(style: Style) -> Style:
    """What one sees of a style."""
    return Style(
        color=style.color,
        bgcolor=style.bgcolor,
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        reverse=style.reverse or None,
        strike=style.strike or None,
        link=style.link,
    )
