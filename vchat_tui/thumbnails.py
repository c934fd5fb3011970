"""Small pictures for the timeline, where the extra `images` is installed: each is decoded in a process
of its own (see `thumbnail_child`)."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

SECONDS = 10.0
"""A child that takes longer is ended; it may use half of that on the processor."""

_HEAD = re.compile(rb"([0-9]{1,4}) ([0-9]{1,4})\n")


class Pixels(NamedTuple):
    """A picture: three bytes a pixel, row by row."""

    width: int
    height: int
    data: bytes


@cache
def available() -> bool:
    """Whether pictures can be decoded here at all."""
    return importlib.util.find_spec("PIL") is not None


async def make(path: Path, width: int, height: int) -> Pixels | None:
    """A picture that fits in so many pixels; None where the file gives none, whatever the reason.

    Args:
        path: of the file, absolute.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "vchat_tui.thumbnail_child",
        str(path), str(width), str(height),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            said = await child.stdout.read(width * height * 3 + 64)
            while len(said) < width * height * 3 + 64 and (
                more := await child.stdout.read(1 << 16)
            ):
                said += more
            ended = await child.wait()
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _read(said, width, height) if ended == 0 else None


def _read(said: bytes, width: int, height: int) -> Pixels | None:
    """What the child said is foreign, too."""
    head = _HEAD.match(said)
    if head is None:
        return None
    wide, high = int(head[1]), int(head[2])
    data = said[head.end() :]
    fits = 0 < wide <= width and 0 < high <= height and len(data) == wide * high * 3
    return Pixels(wide, high, data) if fits else None
