"""Every benchmark runs through at small sizes. What it measures then says nothing, so no figure is
looked at: only that there are figures, and that they can be shown."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import NAMES
from bench.report import Row, machine, percentile, table
from bench.setup import Setup


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    cache: Path = tmp_path_factory.mktemp("cache")
    yield Setup(quick=True, cache=cache, conversations=200, messages=2_000, seconds=0.3)


@pytest.mark.pty
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_through(name: str, setup: Setup) -> None:
    rows = importlib.import_module(f"bench.{name}").run(setup)
    assert rows
    assert len({row.what for row in rows}) == len(rows)
    shown = table(rows)
    assert all(row.what in shown for row in rows)


def test_a_goal_is_met_or_missed_by_value_and_by_ratio() -> None:
    slow = Row(what="a", value=9, unit="ms", at_most=5)
    near = Row(what="b", value=9, unit="ms", peer="p", peer_value=6, ratio_at_most=1.5)
    both = Row(what="c", value=9, unit="ms", at_most=10, peer="p", peer_value=2, ratio_at_most=4)
    free = Row(what="d", value=9, unit="ms")
    assert [row.met for row in (slow, near, both, free)] == [False, True, False, None]
    assert both.goal == "≤ 10 ms, ≤ 4×"


def test_percentiles() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.99) == 100
    assert percentile([], 0.99) == 0


def test_the_machine_is_described_without_names_and_paths() -> None:
    described = str(machine())
    assert "cores" in described
    assert "/" not in described.replace("/home", "!")
