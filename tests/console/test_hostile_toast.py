"""Toasts draw what they are given: no markup of it is read, no click on it acts."""

from __future__ import annotations

import pytest
from driving import drawn, until

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError

MARKUP = "\x1b[31m[b]bold[/b] [@click=app.bell]press[/] [/nope] [$text] [red"


@pytest.mark.parametrize("way", ["say", "error"])
async def test_markup_is_drawn_as_it_is(
    app: VchatApp, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VchatApp, "NOTIFICATION_TIMEOUT", 600)  # a slow machine draws late
    rung: list[int] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await pilot.pause()
        if way == "say":
            app.say(MARKUP)
        else:
            app.say_error(DeskError("{why}", why=MARKUP))
        await until(pilot, lambda: "[b]bold[/b]" in drawn(pilot))
        assert "[@click=app.bell]" in drawn(pilot)
        lines = drawn(pilot).splitlines()
        row = next(number for number, line in enumerate(lines) if "[b]bold" in line)
        assert "\x1b" not in drawn(pilot)
        for x in range(lines[row].index("[b]bold"), len(lines[row].rstrip()), 2):
            await pilot.click(offset=(x, row))
    assert not rung
