"""The corpus of hostile texts lies beside the tests that draw it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "terminal"))
