"""The public HTTP listener: providers deliver webhooks here, and nothing else is served.

`protocol` caps what a request may cost, `app` says what each path means, `meta` proves that a
webhook comes from Meta, `gate` is what the listener needs from the desk, and `server` starts and
stops it all inside the process's own event loop.
"""

from vchat_tui.listener.gate import Gate, JournalUnavailable
from vchat_tui.listener.limits import Limits
from vchat_tui.listener.server import Listener

__all__ = ["Gate", "JournalUnavailable", "Limits", "Listener"]
