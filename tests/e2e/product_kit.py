"""What the end-to-end tests talk to."""

from __future__ import annotations

from typing import NamedTuple

from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.simulator.world import Simulator


class Product(NamedTuple):
    """What a test talks to."""

    simulator: Simulator
    desk: LocalDesk
    home: Home
