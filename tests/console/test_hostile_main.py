"""Whatever customers send, the main screen draws it as plain text and nothing of it acts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from kinds import ALL
from msgspec.structs import replace
from stub_desk import StubDesk, make_item
from test_main_screen import NARROW, WIDE, main, screen_text, until

from vchat_tui.app import VchatApp
from vchat_tui.desk import calls
from vchat_tui.events import InboxesChanged
from vchat_tui.models import (
    Direction,
    Media,
    MessageError,
    Reaction,
    ReactionMark,
    Reply,
    Status,
)

RAW = re.compile(r"[\x00-\x1f\x7f-\x9f]")
EVIL = [
    "a \x1b]0;PWNED\x07 b \x1b[31mRED\x1b[2J \x9b31m \x9d0;x\x9c",
    "[@click=app.leave]x[/] [b]BOLD[/b] [/nope] [red a [$text] $x",
    "\u202egnp.exe \u2066x\r\n\x7f\x00\x85\u2028 \ud800",
]


def spoil(desk: StubDesk) -> None:
    """Put hostile text in every field that a customer or a provider fills."""
    for row in desk.conversations.values():
        evil = EVIL[row.id % len(EVIL)]
        desk.conversations[row.id] = replace(
            row, title=evil, address=evil, last_text=evil, inbox=evil,
            draft=evil if row.id % 5 == 0 else None,
        )  # fmt: skip
    for inbox in desk.inboxes.values():
        paused = MessageError(code=EVIL[0], title=EVIL[1])
        desk.inboxes[inbox.id] = replace(inbox, name=EVIL[0], paused=paused)
    for user in desk.users.values():
        desk.users[user.id] = replace(
            user, name=EVIL[0], email=EVIL[1], phone=EVIL[2], language=EVIL[0],
            details={EVIL[1]: EVIL[0]},
        )  # fmt: skip
    items = []
    for place, evil in enumerate(EVIL):
        error = MessageError(code=evil, title=evil, details=evil)
        odd = {evil: evil, "name": evil, "address": evil, "latitude": evil}
        items += [
            make_item(10 * place + 1, evil, author=evil, quote=evil, edited_text=evil,
                      reactions=(ReactionMark(emoji=evil, direction=Direction.IN),)),
            make_item(10 * place + 2, evil, type=evil, profile_name=evil, location=odd, form=odd,
                      media=(Media(filename=evil, mime_type=evil, state=evil),),
                      contacts=(odd,), order={"product_items": [odd, evil]}, referral=odd,
                      reply=Reply(title=evil), reaction=Reaction(message_id=evil, emoji=evil)),
            make_item(10 * place + 3, evil, direction=Direction.OUT, status=Status.FAILED,
                      error=error, author=evil),
        ]  # fmt: skip
    desk.timelines[1] = [*items, *ALL]


def assert_clean(app: VchatApp) -> None:
    text = "".join(strip.text for strip in app.screen._compositor.render_strips())
    assert not RAW.search(text), RAW.search(text)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_nothing_raw_is_drawn(
    size: tuple[int, int], desk: StubDesk, make_app: Callable[..., VchatApp]
) -> None:
    spoil(desk)
    desk.drafts[1] = calls.Draft(text=EVIL[0])
    desk.refuse[calls.MarkRead] = calls.DeskError("No {x}", x=EVIL[0])
    app = make_app(desk)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = main(app)
        await until(pilot, lambda: screen.conversations.total)
        desk.push(InboxesChanged())
        assert_clean(app)
        screen.open_conversation(1)
        await until(pilot, lambda: app.focused is screen.chat.composer.editor)
        for key in ("escape", "home", "q", "ctrl+o", "escape", "escape", "pageup", "pageup"):
            await pilot.press(key)
            await pilot.pause()
            assert_clean(app)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: type(app.screen).__name__ == "GoTo")
        await pilot.pause(0.1)
        assert_clean(app)
        await pilot.press("escape", "escape", "o")
        await pilot.pause(0.1)
        assert_clean(app)
    assert app.return_code in (None, 0)


async def test_no_click_on_foreign_text_acts(
    desk: StubDesk, make_app: Callable[..., VchatApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(desk)
    app = make_app(desk)
    left: list[int] = []
    monkeypatch.setattr(app, "exit", lambda *_a, **_k: left.append(1))
    opened: list[str] = []
    monkeypatch.setattr(app, "open_url", lambda url, **_k: opened.append(url))
    async with app.run_test(size=WIDE) as pilot:
        screen = main(app)
        await until(pilot, lambda: screen.conversations.total)
        screen.open_conversation(1)
        await until(pilot, lambda: app.focused is screen.chat.composer.editor)
        styles = [
            segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None
        ]
        assert not [style for style in styles if style.link]
        assert not [style for style in styles if "@click" in style.meta]
        for y in range(6, 36, 3):
            for x in range(46, 118, 9):
                await pilot.click(offset=(x, y))
    assert not left and not opened
    assert not desk.of(calls.Reply) and not desk.of(calls.MoveConversation)


async def test_a_giant_message_is_folded_and_shown_in_pages(app: VchatApp, desk: StubDesk) -> None:
    desk.timelines[1].append(make_item(999, "x\n" * 65_536, minutes=1))
    async with app.run_test(size=WIDE) as pilot:
        screen = main(app)
        await until(pilot, lambda: screen.conversations.total)
        screen.open_conversation(1)
        await until(pilot, lambda: "shows all" in screen_text(app))
        await pilot.press("escape", "o")
        await until(pilot, lambda: "1 / " in screen_text(app))
        await pilot.press("right")
        await until(pilot, lambda: "2 / " in screen_text(app))
