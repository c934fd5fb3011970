"""A list of 100,000 rows fetches what is in view, and keeps its mark by id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot

from vchat_tui.widgets.paged_list import Fetched, PagedList
from vchat_tui.widgets.row_pages import CACHED_PAGES, PAGE, RowPages


class Numbers(PagedList[int]):
    """Rows that are numbers."""

    def row_id(self, row: int) -> int:
        return row

    def draw_row(self, row: int, width: int) -> list[Content]:
        return [Content(f"row {row}"), Content("")]


class ListApp(App[None]):
    """A list over numbers that tests may change."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__()
        self.rows = rows
        self.fetched: list[int] = []
        self.seconds = 0.0  # that a fetch takes
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        yield Numbers(self.fetch, locate=self.locate)

    async def fetch(self, offset: int, limit: int) -> Fetched[int]:
        self.fetched.append(offset)
        await asyncio.sleep(self.seconds)
        return Fetched(self.rows[offset : offset + limit], len(self.rows))

    async def locate(self, row: int) -> int | None:
        return self.rows.index(row) if row in self.rows else None

    def on_paged_list_selected(self, event: Numbers.Selected) -> None:
        self.messages.append(event.row)

    @property
    def list(self) -> Numbers:
        return self.query_one(Numbers)


def text(app: ListApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], true: Callable[[], object]) -> None:
    while not true():
        await pilot.pause(0.01)
    await pilot.pause()


async def test_only_what_is_in_view_is_fetched() -> None:
    app = ListApp(list(range(100_000)))
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: "row 9" in text(app))
        assert app.fetched == [0]
        await pilot.press("end")
        await until(pilot, lambda: "row 99999" in text(app))
        assert len(app.fetched) <= 3
        await pilot.press("enter")
        await until(pilot, lambda: app.messages == [99_999])


async def test_the_mark_follows_its_row_to_another_page() -> None:
    app = ListApp(list(range(1000)))
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        await pilot.press("down", "down")
        assert app.list.marked_row == 2
        app.rows = [*range(2000, 2350), *range(1000)]
        app.list.refresh_rows()
        await until(pilot, lambda: app.list.cursor == 352)
        assert app.list.marked_id == 2


async def test_a_slow_line_shows_what_comes_while_more_keeps_coming() -> None:
    """A look that is on its way is not thrown away for the next one."""
    app = ListApp([1])
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        app.seconds = 0.2
        app.rows = [2, 1]
        async with asyncio.timeout(5):
            while "row 2" not in text(app):
                app.list.refresh_rows()
                await pilot.pause(0.01)


async def test_a_row_that_left_hands_the_mark_to_its_neighbour() -> None:
    app = ListApp([1, 2, 3])
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        await pilot.press("end")
        app.rows = [1, 2]
        app.list.refresh_rows()
        await until(pilot, lambda: app.list.marked_id == 2)


async def test_a_click_chooses_the_row_under_the_mouse() -> None:
    app = ListApp(list(range(50)))
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        await pilot.click(offset=(5, 7))
        await until(pilot, lambda: app.messages == [3])


async def test_keys_on_an_empty_list_do_nothing() -> None:
    app = ListApp([])
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.fetched)
        await pilot.press("down", "end", "pageup", "enter")
        await pilot.click(offset=(5, 7))
    assert app.messages == []


KEYS = st.sampled_from(["down", "up", "pagedown", "pageup", "home", "end", "remove", "add"])


@settings(max_examples=15, deadline=None)
@given(st.lists(KEYS, max_size=12))
def test_whatever_happens_the_mark_is_on_a_row(keys: list[str]) -> None:
    import asyncio

    asyncio.run(walk(keys))


async def walk(keys: list[str]) -> None:
    """Press keys and change the rows; what is marked is always what the place holds."""
    app = ListApp(list(range(PAGE * 2 + 5)))
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        for key in keys:
            if key in ("remove", "add"):
                app.rows = app.rows[1:] if key == "remove" else [app.rows[0] - 1, *app.rows]
                app.list.reload()
            else:
                await pilot.press(key)
            await until(pilot, lambda: app.list.marked_row is not None)
            await until(pilot, lambda: app.list.total == len(app.rows))
            assert app.list.marked_row == app.list.marked_id
            assert app.rows[app.list.cursor] == app.list.marked_id


@pytest.mark.parametrize("width", [10, 40, 200])
async def test_rows_fit_any_width(width: int) -> None:
    app = ListApp(list(range(10)))
    async with app.run_test(size=(width, 20)) as pilot:
        await until(pilot, lambda: app.list.total)
        assert all(strip.cell_length == width for strip in app.screen._compositor.render_strips())


def test_a_long_walk_through_a_list_does_not_fill_the_memory() -> None:
    pages: RowPages[int] = RowPages(lambda row: row)
    for number in range(CACHED_PAGES + 1):
        pages.put(number, range(number * PAGE, (number + 1) * PAGE))
    assert pages.at(0) is None and pages.find(5) is None
    assert pages.at(PAGE) == PAGE and pages.index_of(PAGE + 5) == PAGE + 5


def test_a_stale_page_is_shown_but_not_relied_on() -> None:
    pages: RowPages[int] = RowPages(lambda row: row)
    pages.put(0, [7, 8])
    pages.age()
    assert pages.at(1) == 8 and pages.index_of(8) == 1
    assert pages.index_of(8, fresh=True) is None and not pages.is_fresh(0)
    pages.put(0, [8, 7])
    assert pages.index_of(8, fresh=True) == 0 and pages.is_fresh(0)
