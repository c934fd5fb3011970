"""Pictures of the screens of notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from notice_desk import NoticeDesk
from test_snapshots_screens import LARGE, SMALL, settled
from textual.pilot import Pilot
from textual.screen import Screen

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.screens.notice_settings import NoticeSettingsScreen
from vchat_tui.screens.notices import NoticesScreen

SCREENS = {"list": NoticesScreen, "settings": NoticeSettingsScreen}


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize(("size", "language"), [(SMALL, "es"), (LARGE, "en")])
def test_notices(
    snap_compare: Any, make_app: Callable[..., VchatApp], name: str, size: tuple[int, int],
    language: str,
) -> None:  # fmt: skip
    i18n.use(language)

    async def show(pilot: Pilot[Any]) -> None:
        screen: Screen[None] = SCREENS[name]()
        await pilot.app.push_screen(screen)
        await settled(pilot)

    assert snap_compare(make_app(NoticeDesk()), terminal_size=size, run_before=show)
