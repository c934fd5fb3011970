"""Makes `tests/contracts.py` importable: tests are run as files, not as a package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
