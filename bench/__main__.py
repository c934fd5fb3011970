"""Runs benchmarks and prints one table: `python -m bench [--quick] [NAME ...]`."""

from __future__ import annotations

import argparse
import compileall
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import vchat_tui
from bench.report import Row, machine, table
from bench.setup import Setup

NAMES = ("ingest", "store", "latency", "console", "sends", "broadcast")
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str]) -> int:
    """Answers 0 when every goal is reached, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes; the figures say nothing")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {sorted(unknown)[0]!r}; there are: {', '.join(NAMES)}")
    # As an installation does; else each start would compile all of ours and nothing of the peers'
    # where Python is told to keep no bytecode.
    compileall.compile_dir(Path(vchat_tui.__file__).parent, quiet=1)
    described = machine()
    setup = Setup.make(quick=options.quick)
    rows: list[Row] = []
    for name in options.names or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.{name}").run(setup)
    print(table(rows))
    if not options.quick:
        _write(described, rows)
    return 0 if all(row.met is not False for row in rows) else 1


def _write(described: dict[str, object], rows: list[Row]) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    found = {"at": now.isoformat(timespec="seconds"), "machine": described,
             "rows": [row.as_json() for row in rows]}  # fmt: skip
    file = RESULTS / f"{now:%Y-%m-%d-%H%M}.json"
    file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
