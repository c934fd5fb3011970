"""Only what changed goes to the terminal: over a slow line a repaint of the same picture is a pause.

Textual repaints whole widgets, and the whole screen whenever one changes its size. Here every piece
of a line (as wide as the widget that it belongs to) is compared with what was written there last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from vchat_tui.widgets.lean import lean

# Marks, joiners and all from CJK on: terminals disagree on their widths, so that a piece with one
# may have spilled over the next piece of its line.
_DISPUTED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0590-\u1cff\u200b-\u200f\u20d0-\u20ff\u2e80-\U0010ffff]"
)

Piece = tuple[int, int, Strip]  # row, column, what is there


class Shown:
    """What stands on the terminal, as far as it was written by us."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Strip]] = {}

    def forget(self) -> None:
        """Something else may have drawn there (a resize, another program): write all of it anew."""
        self._rows.clear()

    def note(self, y: int, x: int, strip: Strip) -> bool:
        """Note a piece that is to be shown.

        Returns:
            Whether it must be written; False where it stands there already.
        """
        row = self._rows.setdefault(y, {})
        if row.get(x) == strip:
            return False
        end = x + strip.cell_length
        covered = [at for at, old in row.items() if at < end and x < at + old.cell_length]
        if any(_DISPUTED.search(piece.text) for piece in (strip, *map(row.__getitem__, covered))):
            covered += [at for at in row if at >= end]
        for at in covered:
            del row[at]
        row[x] = strip
        return True


class Written(CompositorUpdate):
    """An update that is text for the terminal already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """The text."""
        return self._text


def changes(update: LayoutUpdate | ChopsUpdate, shown: Shown, console: Console) -> str:
    """What to write of an update of Textual's: not what stands on the terminal already.

    It must be written once it was asked for: from then on it counts as shown.
    """
    pieces = _of_layout(update) if isinstance(update, LayoutUpdate) else _of_chops(update)
    return "".join(
        _written(y, x, strip, console) for y, x, strip in pieces if shown.note(y, x, strip)
    )


def _written(y: int, x: int, strip: Strip, console: Console) -> str:
    """What brings a piece to the terminal."""
    there = Control.move_to(x, y).segment.text
    drawn = there + lean(strip).render(console)
    if not _DISPUTED.search(strip.text):
        return drawn
    # A terminal that takes it for narrower would keep what stood at its end.
    blank = Segment(" " * strip.cell_length, strip._segments[-1].style)
    return there + lean(Strip([blank], strip.cell_length)).render(console) + drawn


def _of_layout(update: LayoutUpdate) -> Iterator[Piece]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield y, x, strip
            x += strip.cell_length


def _of_chops(update: ChopsUpdate) -> Iterator[Piece]:
    """The pieces that touch a changed span; what a span cuts off at the right is left out."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                yield y, x, strip if end <= right else strip.crop(0, right - x)
