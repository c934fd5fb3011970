"""Whatever customers and providers write is drawn literally, and no click on it does anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk, make_item
from textual.screen import Screen

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import DeskError, GetUser, ListUsers
from vchat_tui.models import (
    Direction,
    Identity,
    Inbox,
    InboxHealth,
    Media,
    MessageError,
    Status,
    User,
    Webhook,
    WebhookState,
)
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.failed import FailedScreen
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.raw import RawScreen
from vchat_tui.screens.search import SearchScreen
from vchat_tui.screens.server_settings import ServerSettingsScreen
from vchat_tui.screens.settings import SettingsScreen
from vchat_tui.screens.start import ChooseConversationDialog, StartConversationDialog
from vchat_tui.screens.user_card import EditUserDialog, UserCardScreen
from vchat_tui.screens.users import UsersScreen
from vchat_tui.screens.webhook import WebhookScreen

EVIL = "evil[/x] [@click=app.bell]k[/] [$text \x1b[2J\x1b]0;P\x07\x9b31m\x85\u202e\r\n\ttail"
RAW = re.compile("[\x00-\x1f\x7f-\x9f]")


def evil_desk() -> StubDesk:
    """A desk where every text is hostile."""
    desk = StubDesk(empty=True)
    error = MessageError(code=EVIL, title=EVIL, details=EVIL)
    inbox = Inbox(
        id=1, name=EVIL, channel="whatsapp_cloud", paused=error,
        settings={"phone_number_id": EVIL, "display_name": EVIL, "api_version": EVIL},
    )  # fmt: skip
    desk.inboxes[1] = inbox
    base = StubDesk().conversations[1]
    for number in (1, 2):
        desk.conversations[number] = replace(
            base, id=number, user_id=1, title=EVIL, inbox=EVIL, last_text=EVIL, address=EVIL,
            draft=EVIL,
        )  # fmt: skip
        desk.timelines[number] = [
            make_item(number * 10, EVIL, conversation=number, direction=Direction.OUT,
                      status=Status.FAILED, error=error, author=EVIL, to=EVIL,
                      media=(Media(filename=EVIL, mime_type=EVIL),)),
            make_item(number * 10 + 1, EVIL, conversation=number, direction=Direction.OUT,
                      status=Status.UNKNOWN, error=error),
        ]  # fmt: skip
    desk.users[1] = User(
        id=1, name=EVIL, email=EVIL, phone=EVIL, language=EVIL, country=EVIL,
        details={EVIL: EVIL}, created_at=NOW, last_seen_at=NOW,
    )  # fmt: skip
    desk.server_settings = {"public_url": EVIL}
    desk.webhooks[7] = Webhook(
        id=7, received_at=NOW, state=WebhookState.DEAD, inbox=EVIL, error=EVIL, body=EVIL,
        facts=({"kind": EVIL, EVIL: [EVIL]},),
    )  # fmt: skip
    desk.diagnostics = replace(
        desk.diagnostics, listening=EVIL, listener_error=EVIL, public_url=EVIL, bad_signatures=1,
        last_bad_reason=EVIL,
        inboxes=(InboxHealth(inbox=inbox, bad=1, last_bad_reason=EVIL, last_error=error),),
    )  # fmt: skip
    return desk


def _card_with_identity(desk: StubDesk) -> None:
    """A card whose identity is hostile in each part."""
    identity = Identity(
        id=1, user_id=1, inbox_id=1, inbox=EVIL, channel="whatsapp_cloud", address=EVIL,
        business_scoped_id=EVIL, username=EVIL, profile_name=EVIL,
    )  # fmt: skip
    card = desk._get_user(GetUser(user_id=1))
    desk._get_user = lambda call: replace(card, identities=(identity,))  # type: ignore[method-assign]


SCREENS: dict[str, Callable[[StubDesk], Screen[Any]]] = {
    "users": lambda desk: UsersScreen(),
    "user card": lambda desk: UserCardScreen(1),
    "edit": lambda desk: EditUserDialog(desk.users[1]),
    "choose": lambda desk: ChooseConversationDialog(EVIL, tuple(desk.conversations.values())),
    "start": lambda desk: StartConversationDialog(desk.users[1]),
    "failed": lambda desk: FailedScreen(),
    "settings": lambda desk: SettingsScreen(),
    "inbox": lambda desk: InboxScreen(1),
    "server": lambda desk: ServerSettingsScreen(),
    "diagnostics": lambda desk: DiagnosticsScreen(),
    "webhook": lambda desk: WebhookScreen(7),
    "raw": lambda desk: RawScreen(EVIL, {EVIL: [EVIL]}),
    "confirm": lambda desk: ConfirmDialog(EVIL, EVIL),
}


@pytest.mark.parametrize("name", SCREENS)
async def test_hostile_text_is_drawn_literally(
    name: str, make_app: Callable[..., VchatApp]
) -> None:
    desk = evil_desk()
    _card_with_identity(desk)
    app = make_app(desk)
    async with app.run_test(size=(120, 50)) as pilot:
        await open_screen(pilot, SCREENS[name](desk), "evil[/x]")
        assert "[@click=app.bell]k[/]" in drawn(pilot)
        for strip in app.screen._compositor.render_strips():
            assert not RAW.search(strip.text)


async def test_hostile_hits_and_refusals(make_app: Callable[..., VchatApp]) -> None:
    desk = evil_desk()
    desk.refuse[ListUsers] = DeskError("No: {why}", why=EVIL)
    app = make_app(desk)
    async with app.run_test(size=(120, 50)) as pilot:
        await open_screen(pilot, UsersScreen(), "✗ No: evil[/x]")
        assert not RAW.search(drawn(pilot).replace("\n", ""))
        await pilot.press("escape")
        await open_screen(pilot, SearchScreen(), "accents and capitals")
        await type_text(pilot, "evil")
        await until(pilot, lambda: "evil[/x]" in drawn(pilot))
        assert not RAW.search(drawn(pilot).replace("\n", ""))


async def test_a_click_on_hostile_text_runs_no_action(make_app: Callable[..., VchatApp]) -> None:
    desk = evil_desk()
    app = make_app(desk)
    rung: list[bool] = []
    app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
    async with app.run_test(size=(120, 50)) as pilot:
        await open_screen(pilot, RawScreen(EVIL, {EVIL: [EVIL]}), "evil[/x]")
        for y in range(6):
            for x in range(0, 120, 5):
                await pilot.click(offset=(x, y))
    assert rung == []
