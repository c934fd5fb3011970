"""The rows of a long list that are known here: a few pages of it, the least recently read go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE = 100
CACHED_PAGES = 20


class RowPages(Generic[Row]):
    """Pages by number. A stale one is shown until a fresh one comes, but not relied on.

    Args:
        row_id: what stays the same when a row moves.
    """

    def __init__(self, row_id: Callable[[Row], int]) -> None:
        self._row_id = row_id
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._stale: set[int] = set()

    def is_fresh(self, number: int) -> bool:
        """The page is known and was read since the last change."""
        return number in self._pages and number not in self._stale

    def put(self, number: int, rows: Sequence[Row]) -> None:
        """A page was read."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        self._stale.discard(number)
        while len(self._pages) > CACHED_PAGES:
            self._stale.discard(self._pages.popitem(last=False)[0])

    def age(self) -> None:
        """Something changed: every page must be read again."""
        self._stale = set(self._pages)

    def clear(self) -> None:
        """Another list altogether."""
        self._pages.clear()
        self._stale.clear()

    def at(self, index: int) -> Row | None:
        """The row at a place, where it is known."""
        page = self._pages.get(index // PAGE)
        place = index % PAGE
        return page[place] if page is not None and 0 <= place < len(page) else None

    def find(self, row_id: int) -> Row | None:
        """A row by its id."""
        return next((row for _index, row in self._rows() if self._row_id(row) == row_id), None)

    def index_of(self, row_id: int, *, fresh: bool = False) -> int | None:
        """The place of a row, where it is known; `fresh`: not from a stale page."""
        for index, row in self._rows():
            if self._row_id(row) == row_id and not (fresh and index // PAGE in self._stale):
                return index
        return None

    def replace(self, row: Row) -> int | None:
        """A row changed and stays where it is; its place, where it is known."""
        index = self.index_of(self._row_id(row))
        if index is not None:
            number, place = divmod(index, PAGE)
            page = self._pages[number]
            self._pages[number] = [*page[:place], row, *page[place + 1 :]]
        return index

    def _rows(self) -> Iterator[tuple[int, Row]]:
        for number, page in self._pages.items():
            yield from enumerate(page, number * PAGE)
