"""The main screen as pictures: both sizes, both languages, a dark, a light and the terminal's
own colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kinds import ALL
from stub_desk import StubDesk
from test_main_screen import NARROW, WIDE, main, until
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp

MakeApp = Callable[..., VchatApp]


async def ready(pilot: Pilot[Any], conversation: int | None) -> None:
    """Wait for the list, open a conversation, and hold the cursor still."""
    app = pilot.app
    assert isinstance(app, VchatApp)
    screen = main(app)
    await pilot.pause()
    await until(pilot, lambda: screen.conversations.total and screen._inboxes)
    if conversation is not None:
        screen.open_conversation(conversation)
        chat = screen.chat
        await until(pilot, lambda: chat.conversation and not chat.timeline._busy)
        chat.composer.editor.cursor_blink = False
        await until(pilot, lambda: not chat.conversation or not chat.conversation.unread)
        await pilot.pause()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
def test_an_open_conversation(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)
    assert snap_compare(make_app(desk), terminal_size=size, run_before=lambda p: ready(p, 1))


def test_the_list_on_a_narrow_terminal(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk
) -> None:
    app = make_app(desk)
    assert snap_compare(app, terminal_size=NARROW, run_before=lambda p: ready(p, None))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
def test_every_kind_of_message(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, theme: str
) -> None:
    desk.timelines[1] = ALL
    app = make_app(desk)

    async def prepare(pilot: Pilot[Any]) -> None:
        app.theme = theme
        await ready(pilot, 1)
        await pilot.press("escape", "ctrl+o")
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=(140, 110), run_before=prepare)


def test_a_closed_window(snap_compare: Any, make_app: MakeApp, desk: StubDesk) -> None:
    app = make_app(desk)
    assert snap_compare(app, terminal_size=WIDE, run_before=lambda p: ready(p, 11))


def test_nothing_there_yet(snap_compare: Any, make_app: MakeApp) -> None:
    desk = StubDesk()
    desk.conversations.clear()
    app = make_app(desk)

    async def prepare(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: main(app)._inboxes)

    assert snap_compare(app, terminal_size=NARROW, run_before=prepare)


def test_help(snap_compare: Any, make_app: MakeApp, desk: StubDesk) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await ready(pilot, None)
        await pilot.press("f1")
        await pilot.pause()

    assert snap_compare(make_app(desk), terminal_size=WIDE, run_before=prepare)
