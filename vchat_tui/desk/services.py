"""The running parts of a desk, as the capabilities use them."""

from __future__ import annotations

from dataclasses import dataclass

from vchat_tui.channels.reach import Reached
from vchat_tui.desk.core import Core
from vchat_tui.desk.gate import Gate
from vchat_tui.desk.hub import Hub
from vchat_tui.desk.inbound import Projector
from vchat_tui.desk.notifying import Notifier
from vchat_tui.desk.order_posts import OrderPoster
from vchat_tui.desk.outbound import Sender
from vchat_tui.desk.presence import Presence
from vchat_tui.desk.receipts import Receipts
from vchat_tui.desk.uploads import Files


@dataclass
class Services:
    """One of each; `listening` and `listener_error` tell how the public listener fares."""

    core: Core
    projector: Projector
    sender: Sender
    gate: Gate
    hub: Hub
    order_poster: OrderPoster
    files: Files
    receipts: Receipts
    presence: Presence
    notifier: Notifier
    listening: str | None = None
    listener_error: str | None = None
    reached: tuple[str, float, Reached] | None = None  # public address, when (monotonic), how
