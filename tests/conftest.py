"""What makes all the tests faster, and no test red because the machine is slow."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path

import httpx
from hypothesis import settings
from textual import _wait

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3

# In memory a commit waits for no disk: that was a third of the time. Nothing here proves anything
# about a real disk; the power cuts are worked out from the calls that were made.
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# A busy machine makes an example slow, not wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A pilot waits until the program has been idle for so long, twice for each key.
_wait.SLEEP_GRANULARITY = 1 / 200
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20

# Reading the certificates takes 20 ms each time, and nearly every test opens a line.
_shared = functools.cache(httpx.create_ssl_context)
httpx.create_ssl_context = _shared
httpx._transports.default.create_ssl_context = _shared
