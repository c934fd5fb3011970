"""Makes a picture small, in a process of its own that may take little and reach nothing.

A picture from a stranger can be made to exhaust memory or time, or to find a mistake in a decoder:
here only this process suffers. Run as a program: path, width and height in pixels; it writes
`width height` on a line and then three bytes a pixel, or nothing and ends with an error.
"""

from __future__ import annotations

import importlib
import resource
import sys
import warnings
from typing import Any

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 5
MAX_PIXELS = 25_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def confine() -> None:
    """From here on: no more memory and time than a picture needs, and no file is written."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shrink(path: str, width: int, height: int) -> tuple[int, int, bytes]:
    """The first frame of a picture, to fit in so many pixels.

    Raises:
        Exception: it is no picture, or too large; whatever the decoder says.
    """
    image: Any = importlib.import_module("PIL.Image")
    image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with image.open(path, formats=FORMATS) as opened:
            opened.draft("RGB", (width, height))
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            small = opened.convert("RGBA")
            small.thumbnail((width, height))
            ground = image.new("RGBA", small.size, (128, 128, 128, 255))
            ground.alpha_composite(small)
            return *ground.size, ground.convert("RGB").tobytes()


if __name__ == "__main__":
    confine()
    wide, high, pixels = shrink(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.buffer.write(f"{wide} {high}\n".encode() + pixels)
