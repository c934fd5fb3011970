"""How the screens look: pictures at the two sizes that matter, in both languages.

After a change that is meant: `pytest --snapshot-update`, and look at every picture that changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driving import type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk, make_item
from textual.pilot import Pilot
from textual.screen import Screen

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.models import Direction, InboxHealth, MessageError, Status
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.failed import FailedScreen
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.search import SearchScreen
from vchat_tui.screens.settings import SettingsScreen
from vchat_tui.screens.user_card import UserCardScreen
from vchat_tui.screens.users import UsersScreen

SMALL, LARGE = (80, 24), (120, 40)


def busy_desk() -> StubDesk:
    """A desk with some trouble."""
    desk = StubDesk()
    paused = MessageError(code="190", title="Error validating access token")
    desk.inboxes[2] = replace(desk.inboxes[2], paused=paused)
    desk.diagnostics = replace(
        desk.diagnostics,
        inboxes=(
            InboxHealth(inbox=desk.inboxes[1], last_good_at=NOW, good=1204, handshake_at=NOW),
            InboxHealth(inbox=desk.inboxes[2], queued=3, unknown=1),
        ),
        outbox_queued=3,
        outbox_unknown=1,
    )
    desk.timelines[1].append(
        make_item(52, "Su pedido salió hoy", minutes=1, direction=Direction.OUT,
                  status=Status.UNKNOWN, attempts=1)
    )  # fmt: skip
    return desk


SCREENS: dict[str, Callable[[], Screen[Any]]] = {
    "users": UsersScreen,
    "search": SearchScreen,
    "failed": FailedScreen,
    "settings": SettingsScreen,
    "inbox": lambda: InboxScreen(1),
    "new inbox": lambda: InboxScreen(None),
    "diagnostics": DiagnosticsScreen,
    "user card": lambda: UserCardScreen(1),
}
PICTURES = [
    ("users", SMALL, "en", "textual-dark"),
    ("users", LARGE, "es", "textual-dark"),
    ("search", SMALL, "es", "textual-dark"),
    ("failed", SMALL, "en", "textual-dark"),
    ("failed", LARGE, "es", "textual-dark"),
    ("settings", SMALL, "es", "textual-dark"),
    ("inbox", SMALL, "en", "textual-dark"),
    ("inbox", LARGE, "es", "textual-dark"),
    ("new inbox", LARGE, "en", "textual-dark"),
    ("diagnostics", SMALL, "es", "textual-dark"),
    ("diagnostics", LARGE, "en", "textual-light"),
    ("user card", SMALL, "es", "textual-dark"),
]


@pytest.mark.parametrize(("name", "size", "language", "theme"), PICTURES)
def test_picture(
    name: str,
    size: tuple[int, int],
    language: str,
    theme: str,
    make_app: Callable[..., VchatApp],
    snap_compare: Callable[..., bool],
) -> None:
    i18n.use(language)
    app = make_app(busy_desk())

    async def show(pilot: Pilot[Any]) -> None:
        app.theme = theme
        await app.push_screen(SCREENS[name]())
        await pilot.pause()
        if name == "search":
            await type_text(pilot, "el")
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until no worker but the one that follows the desk has anything left to do."""
    app = pilot.app
    await pilot.pause(0.3)  # the search waits for a pause in typing
    await until(pilot, lambda: all(w.group == "follow" or w.is_finished for w in app.workers))
    for box in app.screen.query("CleanInput"):
        box.cursor_blink = False  # a picture does not blink
    await pilot.pause()
