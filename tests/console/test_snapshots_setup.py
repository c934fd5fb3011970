"""How the guided set-up looks: at both sizes, in both languages, well and in trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from driving import drawn, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.channels.account import (
    NEEDED_SCOPES,
    AccountReport,
    BusinessFacts,
    HealthFacts,
    NumberFacts,
    Part,
    SubscriptionFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.channels.reach import Reach, Reached
from vchat_tui.desk.calls import CheckPublicUrl
from vchat_tui.models import InboxHealth
from vchat_tui.screens.setup import SetupScreen

SMALL, LARGE = (80, 24), (120, 40)
TROUBLE = AccountReport(
    token=TokenFacts(
        state=TokenState.VALID,
        type="USER",
        scopes=NEEDED_SCOPES,
        expires_at=NOW + timedelta(hours=20, minutes=5),
    ),
    number=NumberFacts(number="+1 555-078-3881", name="Café Aurora", status="CONNECTED",
                       quality="GREEN", limit="TIER_2K"),
    health=HealthFacts(can_send="AVAILABLE", on_phone_app=False),
    business=BusinessFacts(has_number=True),
    templates=Part(),
    subscription=SubscriptionFacts(subscribed=False),
)  # fmt: skip


def half_way() -> StubDesk:
    """A number with a temporary token and an app that is not subscribed."""
    desk = StubDesk()
    desk.report = TROUBLE
    desk.diagnostics = replace(
        desk.diagnostics,
        listening="http://127.0.0.1:8765",
        inboxes=(InboxHealth(inbox=desk.inboxes[1], handshake_at=NOW),),
    )
    return desk


PICTURES = [
    (SMALL, "en", 3, 1),
    (SMALL, "es", 7, 1),
    (LARGE, "es", 4, 1),
    (LARGE, "en", 2, None),
]


@pytest.mark.parametrize(("size", "language", "place", "inbox_id"), PICTURES)
def test_picture(
    snap_compare: Callable[..., bool],
    make_app: Callable[..., VchatApp],
    size: tuple[int, int],
    language: str,
    place: int,
    inbox_id: int | None,
) -> None:
    i18n.use(language)

    async def open_it(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.app.push_screen(SetupScreen(inbox_id))
        await until(pilot, lambda: "11" in drawn(pilot))
        await pilot.press("home", *["down"] * (place - 1))
        await pilot.pause()

    app = make_app(half_way())
    app.theme = "textual-dark"
    assert snap_compare(app, terminal_size=size, run_before=open_it)


async def test_a_name_that_leads_nowhere_is_said_at_its_step(
    make_app: Callable[..., VchatApp],
) -> None:
    desk = half_way()
    desk.reached = Reached(reach=Reach.NO_NAME)
    async with make_app(desk).run_test(size=SMALL) as pilot:
        await pilot.app.push_screen(SetupScreen(1))
        await until(pilot, lambda: "Public" in drawn(pilot))
        await pilot.press("home")
        await until(pilot, lambda: "leads nowhere" in drawn(pilot))
        assert desk.of(CheckPublicUrl)
