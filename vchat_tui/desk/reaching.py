"""Whether the internet reaches this server at its public address."""

from __future__ import annotations

import time

from vchat_tui.channels.reach import Reached
from vchat_tui.desk import calls
from vchat_tui.desk.services import Services
from vchat_tui.store import inboxes


async def check_public_url(services: Services, call: calls.CheckPublicUrl) -> Reached | None:
    """Asks ourselves by way of the internet; None where no address is set."""
    url = (await services.core.store.read(inboxes.server_settings)).get("public_url")
    if not isinstance(url, str) or not url:
        return None
    known = services.reached
    if known is not None and known[0] == url and time.monotonic() - known[1] < call.max_age:
        return known[2]
    from vchat_tui.channels.public_url import probe  # HTTP only where it is asked for

    found = await probe(url)
    services.reached = (url, time.monotonic(), found)
    return found
