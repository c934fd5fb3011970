"""Whatever is left out because it stands there already: the terminal shows the same picture."""

from __future__ import annotations

from typing import Any

import pyte
import pytest
from driving import drawn, until
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from stub_desk import StubDesk
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from vchat_tui.app import VchatApp
from vchat_tui.widgets.repaint import Shown, changes

COLUMNS, ROWS = 12, 3
STYLES = [
    None,
    Style(bold=True),
    Style(color="red"),
    Style(color="red", bgcolor="blue"),
    Style(underline=True),
    Style(reverse=True, color="green"),
]
CONSOLE = Console(force_terminal=True, color_system="truecolor", legacy_windows=False)

letters = st.text("ab é漢", min_size=COLUMNS, max_size=COLUMNS)
pictures = st.lists(
    st.tuples(letters, st.sampled_from(STYLES), st.sampled_from(STYLES)),
    min_size=ROWS,
    max_size=ROWS,
)
cut_sets = st.lists(
    st.sets(st.integers(1, COLUMNS - 1), max_size=2).map(lambda cuts: [0, *sorted(cuts), COLUMNS]),
    min_size=ROWS,
    max_size=ROWS,
)
areas = st.none() | st.tuples(st.integers(0, ROWS - 1), st.integers(0, 5), st.integers(6, COLUMNS))


class Terminal:
    """A terminal that shows what is written to it."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)

    def write(self, output: str) -> None:
        self._stream.feed(output)

    def cells(self) -> list[Any]:
        """What one sees: the colour and weight of a blank are nothing to see."""
        buffer = self._screen.buffer
        cells = [buffer[y][x] for y in range(ROWS) for x in range(COLUMNS)]
        return [
            cell._replace(fg="default", bold=False) if cell.data == " " else cell for cell in cells
        ]


def make_update(picture: Any, cuts: Any, area: Any) -> LayoutUpdate | ChopsUpdate:
    """A picture as the compositor hands it on: whole, or one area of it."""
    lines = []
    for (text, style, other), line_cuts in zip(picture, cuts, strict=True):
        halves = [Segment(text[:6], style), Segment(text[6:], other)]
        strip = Strip(halves).crop(0, COLUMNS)
        pieces = strip.divide(line_cuts[1:])
        lines.append(dict(zip(line_cuts[:-1], pieces, strict=True)))
    if area is None:
        return LayoutUpdate([line.values() for line in lines], Region(0, 0, COLUMNS, ROWS))
    return ChopsUpdate(lines, [area], [line_cuts[1:] for line_cuts in cuts])


@given(st.lists(st.tuples(pictures, cut_sets, areas), min_size=1, max_size=6))
@settings(deadline=None)
def test_the_terminal_shows_the_same(steps: list[Any]) -> None:
    thrifty, plain, shown = Terminal(), Terminal(), Shown()
    for step in steps:
        update = make_update(*step)
        thrifty.write(changes(update, shown, CONSOLE))
        plain.write(update.render_segments(CONSOLE))
        assert thrifty.cells() == plain.cells()


@given(pictures, cut_sets)
@settings(deadline=None)
def test_the_same_picture_costs_nothing_until_it_is_forgotten(picture: Any, cuts: Any) -> None:
    shown = Shown()
    first = changes(make_update(picture, cuts, None), shown, CONSOLE)
    again = changes(make_update(picture, cuts, None), shown, CONSOLE)
    shown.forget()
    anew = changes(make_update(picture, cuts, None), shown, CONSOLE)
    assert first and not again and anew == first


async def test_nothing_is_written_where_nothing_changed(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ana Belén" in drawn(pilot))
        written: list[str] = []
        monkeypatch.setattr(VchatApp, "is_headless", False)
        monkeypatch.setattr(app._driver, "write", written.append)
        app.refresh()
        await pilot.pause(0.2)  # once all of it: what stood there before was not written by us
        written.clear()
        app.screen.refresh()
        await pilot.pause(0.2)
        assert written == []
        await pilot.press("down")
        await pilot.pause(0.2)
        assert "Tom Becker" in "".join(written)
