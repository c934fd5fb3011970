"""While an SMS is written: what it costs, and how it is cut."""

from __future__ import annotations

from collections.abc import Callable

from driving import drawn, until
from msgspec.structs import replace
from stub_desk import StubDesk
from test_main_screen import main
from test_snapshots_main import ready

from vchat_tui.app import VchatApp


async def test_segments_are_counted_and_shown(make_app: Callable[..., VchatApp]) -> None:
    desk = StubDesk()
    desk.conversations[1] = replace(
        desk.conversations[1], channel="sms_twilio", window_ends_at=None
    )
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, 1)
        editor = main(app).chat.composer.editor
        editor.focus()
        editor.text = "a" * 160
        await until(pilot, lambda: "160 characters · 1 segment" in drawn(pilot))
        editor.text = "a" * 160 + "😀"
        await until(pilot, lambda: "3 segments · “😀” halves" in drawn(pilot))
        await pilot.press("alt+x")
        await until(pilot, lambda: "UCS-2" in drawn(pilot) and "3/3 " in drawn(pilot))
        await pilot.press("alt+x")
        await until(pilot, lambda: "3/3 " not in drawn(pilot))
        editor.text = "a" * 1601
        await pilot.press("enter")
        await until(pilot, lambda: "Too long by 1" in drawn(pilot))
    assert not [call for call in desk.made if type(call).__name__ == "Reply"]


async def test_an_opt_out_is_seen_and_blocks(make_app: Callable[..., VchatApp]) -> None:
    desk = StubDesk()
    desk.conversations[1] = replace(
        desk.conversations[1], channel="sms_twilio", window_ends_at=None, opted_out=True
    )
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, 1)
        await until(pilot, lambda: main(app).chat.composer.is_blocked)
        shown = " ".join(drawn(pilot).split())
        assert "wrote STOP" in shown and "until they write START" in shown
