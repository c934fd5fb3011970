"""Makes what other tests share importable here: the fault kit and the link's pipe."""

from __future__ import annotations

import sys
from pathlib import Path

for area in ("faults", "link", "terminal"):
    sys.path.insert(0, str(Path(__file__).parents[1] / area))
