"""Ends a console whose terminal is gone.

Textual hands what it draws to a thread through a bounded queue. When the terminal is closed that
thread ends, and the next frames fill the queue: the program then waits for ever, deaf to signals
too.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable

GRACE = 5.0  # seconds to leave in good order


def leave_with_terminal(last_words: Callable[[], None]) -> None:
    """Watches standard input from a thread of its own.

    Args:
        last_words: saves what is typed; called in that thread, when the program itself is stuck.
    """
    threading.Thread(target=_watch, args=(sys.stdin.fileno(), last_words), daemon=True).start()


def _watch(terminal: int, last_words: Callable[[], None]) -> None:
    poll = select.poll()
    poll.register(terminal, 0)  # only what is always told: hang-up and error
    poll.poll()
    time.sleep(GRACE)
    try:
        last_words()
    finally:
        os._exit(1)
