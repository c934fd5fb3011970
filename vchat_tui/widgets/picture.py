"""A small picture made of half blocks: two pixels in a cell, in the terminal's colours."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.thumbnails import Pixels

WIDTH, HEIGHT = 48, 24  # pixels; half as many rows of cells


def draw(pixels: Pixels) -> Content:
    """The picture, as text."""
    rows = []
    for y in range(0, pixels.height, 2):
        cells = []
        for x in range(pixels.width):
            above = _colour(pixels, x, y)
            below = _colour(pixels, x, y + 1) if y + 1 < pixels.height else None
            cells.append(("▀", f"{above} on {below}" if below else above))
        rows.append(Content.assemble(*cells))
    return Content("\n").join(rows)


def _colour(pixels: Pixels, x: int, y: int) -> str:
    start = 3 * (y * pixels.width + x)
    return "#" + pixels.data[start : start + 3].hex()
