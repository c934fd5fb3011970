"""Makes `tests/server/running.py` and the fault kit importable."""

from __future__ import annotations

import sys
from pathlib import Path

for area in ("server", "faults"):
    sys.path.insert(0, str(Path(__file__).parents[1] / area))
