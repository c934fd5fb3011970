"""The console over a desk in memory, as a program of its own: for tests on a real terminal.

Usage: terminal_app.py HOME [crash]
"""

from __future__ import annotations

import sys
from datetime import UTC
from pathlib import Path

from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import Disconnected, SaveDraft


class ConsoleApp(VchatApp):
    """Crashes soon after the start, where it is asked to."""

    def on_ready(self) -> None:
        if "crash" in sys.argv:
            self.set_timer(0.5, lambda: 1 / 0)


desk = StubDesk()
desk.refuse[SaveDraft] = Disconnected()  # what is typed must survive on this machine
app = ConsoleApp(desk, home=Path(sys.argv[1]), clock=Clock(now=lambda: NOW, zone=UTC))
app.run()
sys.exit(app.return_code)
