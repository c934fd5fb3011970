"""Fixtures of the console's tests: a desk in memory and a clock that stands still."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "terminal"))

from stub_desk import NOW, StubDesk

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.clock import Clock


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test starts in English, and leaves it so."""
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.fixture
def desk() -> StubDesk:
    """Two dozen conversations with two inboxes."""
    return StubDesk()


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., VchatApp]:
    """The app over a desk, on Wednesday 4 March 2026, 12:00 UTC."""

    def make(desk: StubDesk, **more: Any) -> VchatApp:
        more.setdefault("home", tmp_path)
        return VchatApp(desk, clock=Clock(now=lambda: NOW, zone=UTC), **more)

    return make


@pytest.fixture
def app(desk: StubDesk, make_app: Callable[..., VchatApp]) -> VchatApp:
    """The app over the usual desk."""
    return make_app(desk)
