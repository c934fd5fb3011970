"""A crash leaves a file that can be passed on: where it happened, and nothing of anybody's data.

The texts of exceptions and the values of variables may hold customers' words or secrets, so
neither is written: only types, files, lines and function names.
"""

from __future__ import annotations

import os
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path


def report(error: BaseException) -> str:
    """The text of a crash file."""
    from importlib.metadata import version  # 8 ms that a start without a crash does not need

    lines = [
        f"vchat-tui {version('vchat-tui')}, Python {platform.python_version()},"
        f" Textual {version('textual')}, {platform.system()}",
    ]
    link: BaseException | None = error
    while link is not None:
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        for frame in traceback.extract_tb(link.__traceback__):
            place = "/".join(Path(frame.filename).parts[-3:])  # the rest may name a person
            lines.append(f"  {place}:{frame.lineno} in {frame.name}")
        link = link.__cause__ or link.__context__
    return "\n".join(lines) + "\n"


def write(error: BaseException, folder: Path) -> Path | None:
    """Write a crash file that only its owner may read; None where that is not possible."""
    name = f"console-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report(error))
    except OSError:
        return None
    return folder / name
