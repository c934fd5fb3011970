"""The terminal's own colours: what is marked can be seen in them, too."""

from __future__ import annotations

import pytest
from driving import drawn, until
from textual.pilot import Pilot

from vchat_tui.app import VchatApp


def grounds(pilot: Pilot[None], text: str) -> set[str]:
    """The colours behind a text."""
    strips = pilot.app.screen._compositor.render_strips()
    line = next(strip for strip in strips if text in strip.text)
    return {str(piece.style.bgcolor) for piece in line if piece.style and piece.text.strip()}


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "textual-dark", "textual-light"])
@pytest.mark.parametrize(
    ("key", "marked", "other"),
    [
        ("ctrl+p", "Open the conversation", "The work on this conversation"),
        ("ctrl+g", "Ana Belén", "Tom Becker"),
        ("f3", "José Ángel", "Beatriz Lima"),
        ("f5", "Ventas", "Soporte"),
    ],
)
async def test_the_marked_row_stands_out(
    theme: str, key: str, marked: str, other: str, app: VchatApp
) -> None:
    async with app.run_test(size=(80, 36)) as pilot:
        app.theme = theme
        await until(pilot, lambda: "Ana Belén" in drawn(pilot))
        before = app.screen
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not before and other in drawn(pilot))
        await until(pilot, lambda: grounds(pilot, marked) - grounds(pilot, other))
