"""How channels other than the first look: the check of an inbox, and a text that is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from driving import drawn, until
from msgspec.structs import replace
from stub_desk import StubDesk
from test_channels_of_inboxes import texting_desk
from test_main_screen import NARROW, WIDE, main
from test_snapshots_main import ready
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.screens.inbox_check import InboxCheckScreen

MakeApp = Callable[..., VchatApp]


@pytest.mark.parametrize(("size", "language"), [(NARROW, "es"), (WIDE, "en")])
def test_the_check_of_an_inbox(
    snap_compare: Callable[..., bool], make_app: MakeApp, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)

    async def open_it(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.app.push_screen(InboxCheckScreen(7))
        await until(pilot, lambda: "+15005550006" in drawn(pilot))

    assert snap_compare(make_app(texting_desk()), terminal_size=size, run_before=open_it)


def test_a_text_from_a_sender_name_in_segments(
    snap_compare: Callable[..., bool], make_app: MakeApp, desk: StubDesk
) -> None:
    i18n.use("es")
    desk.conversations[1] = replace(
        desk.conversations[1], channel="sms_twilio", window_ends_at=None, takes_answers=False
    )
    app = make_app(desk)

    async def write(pilot: Pilot[Any]) -> None:
        await ready(pilot, 1)
        editor = main(app).chat.composer.editor
        editor.focus()
        editor.text = "Su pedido está listo; puede recogerlo hoy hasta las 18 h. " * 3
        await until(pilot, lambda: "3 segmentos" in drawn(pilot))
        await pilot.press("alt+x")
        await until(pilot, lambda: "3/3" in drawn(pilot))

    assert snap_compare(app, terminal_size=NARROW, run_before=write)
