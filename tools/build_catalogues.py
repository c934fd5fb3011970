"""Compiles the message catalogues (.po) to what gettext reads (.mo).

Runs as a build hook when the package is built or installed, and by `make` on single files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by make, where only Babel is needed
    BuildHookInterface = object  # type: ignore[assignment,misc]

LOCALES = Path(__file__).resolve().parent.parent / "vchat_tui" / "locales"


def compile_catalogue(po: Path) -> None:
    """Writes the .mo beside a .po."""
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name)
    with po.with_suffix(".mo").open("wb") as target:
        write_mo(target, catalogue)


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Lets `pip install` compile what the checkout does not hold."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for po in LOCALES.glob("*/LC_MESSAGES/*.po"):
            compile_catalogue(po)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_catalogue(Path(name))
