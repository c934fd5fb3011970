"""A desk for each test, and its checks afterwards."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))

from desk_kit import Office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A desk with one inbox."""
    office = await Office.open(tmp_path / "home")
    try:
        await office.add_inbox()
        yield office
        await office.check()
    finally:
        await office.close()


@pytest.fixture
async def empty_office(tmp_path: Path) -> AsyncIterator[Office]:
    """A desk without inboxes."""
    office = await Office.open(tmp_path / "home")
    try:
        yield office
        await office.check()
    finally:
        await office.close()
