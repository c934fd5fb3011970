"""A console on a home: attaches to the server that runs there, or starts one and paints meanwhile."""

from __future__ import annotations

from vchat_tui import i18n
from vchat_tui.app import run_console
from vchat_tui.home import Home
from vchat_tui.remote import RemoteDesk
from vchat_tui.spawn import ensure_server


def run_attached(home: Home, agent: str | None) -> int:
    """Runs the console until the person leaves; answers the exit code.

    Args:
        agent: the name of who sits here, where it is known already.
    """
    home.prepare()
    desk = RemoteDesk(home.socket, prepare=lambda: ensure_server(home.path))
    return run_console(desk, home.path, i18n.preferred(), agent)
