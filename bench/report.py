"""What a benchmark found: rows of one table, and the machine that they were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("textual", "uvicorn", "httptools", "msgspec", "websockets", "httpx", "aiosqlite")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure.

    Attributes:
        what: what was measured, and how.
        value: the figure, in `unit`.
        at_most, at_least: the goal for `value`; neither: the row is there for the reader.
        peer: what it is compared with, measured in the same run; `peer_value` in the same unit.
        ratio_at_most, ratio_at_least: the goal for `value / peer_value`.
        note: what the reader should know of it.
    """

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    peer: str | None = None
    peer_value: float | None = None
    ratio_at_most: float | None = None
    ratio_at_least: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How the figure stands to its peer's."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether every goal is reached; None where there is no goal."""
        checks = [
            found
            for found in (
                _holds(self.value, self.at_most, self.at_least),
                _holds(self.ratio, self.ratio_at_most, self.ratio_at_least),
            )
            if found is not None
        ]
        return all(checks) if checks else None

    @property
    def goal(self) -> str:
        """The goal in words."""
        parts = []
        for sign, bound in (("≤", self.at_most), ("≥", self.at_least)):
            if bound is not None:
                parts.append(f"{sign} {shown(bound)} {self.unit}")
        for sign, bound in (("≤", self.ratio_at_most), ("≥", self.ratio_at_least)):
            if bound is not None:
                parts.append(f"{sign} {bound:g}×")
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Everything of it, for the results file."""
        return {**asdict(self), "goal": self.goal, "ratio": self.ratio, "met": self.met}


def _holds(value: float | None, at_most: float | None, at_least: float | None) -> bool | None:
    if at_most is None and at_least is None:
        return None
    if value is None:
        return False
    return (at_most is None or value <= at_most) and (at_least is None or value >= at_least)


def shown(value: float) -> str:
    """A figure with as many digits as matter."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: list[float], part: float) -> float:
    """The value that `part` (0 … 1) of the values do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


HEADINGS = ("what", "goal", "measured", "peer or raw limit", "ratio", "met?")


def table(rows: list[Row]) -> str:
    """All rows as one table of text."""
    lines = [HEADINGS] + [
        (
            row.what,
            row.goal,
            f"{shown(row.value)} {row.unit}",
            f"{row.peer}: {shown(row.peer_value)} {row.unit}" if row.peer_value else "",
            f"{row.ratio:.2f}×" if row.ratio is not None else "",
            {True: "yes", False: "NO", None: ""}[row.met],
        )
        for row in rows
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADINGS))]
    drawn = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    drawn.insert(1, "  ".join("-" * width for width in widths))
    drawn += [f"* {row.what}: {row.note}" for row in rows if row.note]
    return "\n".join(drawn)


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that names the machine or its owner."""
    return {
        "cores": os.cpu_count(),
        "cpu": _first_value("/proc/cpuinfo", "model name"),
        "memory": _first_value("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "load_before": os.getloadavg()[0],
    }


def _first_value(file: str, key: str) -> str | None:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)
