"""An inbox of any channel: chosen from a list, its own words on the form, its check."""

from __future__ import annotations

from collections.abc import Callable

from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk

from vchat_tui.app import VchatApp
from vchat_tui.channels.account import (
    AccountReport,
    NumberFacts,
    SubscriptionFacts,
    TokenFacts,
    TokenState,
)
from vchat_tui.desk.calls import InspectInbox, SaveInbox, SubscribeApp
from vchat_tui.models import AccountCheck, Diagnostics, Inbox, InboxHealth
from vchat_tui.screens.diagnostics import DiagnosticsScreen
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.inbox_check import InboxCheckScreen
from vchat_tui.screens.settings import SettingsScreen

URL = "https://chat.example.com/webhooks/twilio"
REPORT = AccountReport(
    token=TokenFacts(state=TokenState.VALID),
    number=NumberFacts(number="+15005550006", trial=True, answers=True),
    subscription=SubscriptionFacts(subscribed=False, override_url="demo.twilio.com/…"),
)


def texting_desk() -> StubDesk:
    """A desk whose only inbox sends SMS."""
    desk = StubDesk()
    desk.inboxes = {
        7: Inbox(id=7, name="Textos", channel="sms_twilio", settings={"sender": "+15005550006"})
    }
    desk.diagnostics = Diagnostics(
        inboxes=(InboxHealth(inbox=desk.inboxes[7], last_good_at=NOW, good=3),),
        listening="http://127.0.0.1:8765",
    )
    desk.report = REPORT
    return desk


async def test_an_sms_number_is_added_with_its_own_words(make_app: Callable[..., VchatApp]) -> None:
    desk = texting_desk()
    app = make_app(desk)
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, SettingsScreen(), "SMS · Twilio · +15005550006")
        await pilot.press("n")
        await until(pilot, lambda: "WhatsApp · 360dialog" in drawn(pilot))
        await type_text(pilot, "texto sms")
        await until(pilot, lambda: "Nothing found" in drawn(pilot))
        for _ in range(6):
            await pilot.press("backspace")
        await type_text(pilot, "t mess")
        await until(pilot, lambda: "360dialog" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Account SID" in drawn(pilot))
        shown = " ".join(drawn(pilot).split())
        assert "Add a number: SMS · Twilio" in shown and URL in shown
        assert "Active numbers" in shown and "WhatsApp" not in shown and "Meta" not in shown
        await pilot.press("alt+u")
        await until(pilot, lambda: app.clipboard == URL)
        await type_text(pilot, "Textos 2")
        await pilot.press("enter")
        await type_text(pilot, "AC0123456789abcdef0123456789abcdef")
        await pilot.press("enter")
        await type_text(pilot, "geheim1")
        await pilot.press("enter")
        await type_text(pilot, "+15005550009")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.of(SaveInbox))
    [call] = desk.of(SaveInbox)
    assert (call.channel, call.values["sender"]) == ("sms_twilio", "+15005550009")


async def test_diagnostics_speak_of_a_channel_in_its_own_words(
    make_app: Callable[..., VchatApp],
) -> None:
    desk = texting_desk()
    check = AccountCheck(at=NOW, token_state="valid", subscribed=False)
    desk.inboxes[7] = replace(desk.inboxes[7], check=check)
    desk.diagnostics = Diagnostics(inboxes=(InboxHealth(inbox=desk.inboxes[7]),))
    async with make_app(desk).run_test(size=(120, 40)) as pilot:
        await open_screen(pilot, DiagnosticsScreen(), "never heard")
        shown = " ".join(drawn(pilot).split())
    assert "does not know where to send messages. Its check says" in shown
    assert not [word for word in ("Meta", "verified", "the app", "Guided") if word in shown]


async def test_an_inbox_is_shown_as_its_channel_has_it(make_app: Callable[..., VchatApp]) -> None:
    app = make_app(texting_desk())
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(7), "Account SID")
        assert "SMS · Twilio · Textos" in drawn(pilot)
        assert not app.screen.query_one("#templates").display
        await pilot.click("#check")
        await until(pilot, lambda: "trial" in drawn(pilot))


async def test_the_check_lists_findings_and_registers(make_app: Callable[..., VchatApp]) -> None:
    desk = texting_desk()
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "Textos")
        await pilot.press("g")
        await until(pilot, lambda: "customers can answer +15005550006" in drawn(pilot).lower())
        assert "verified numbers only" in drawn(pilot)
        await pilot.press("c")
        await until(pilot, lambda: app.clipboard == URL)
        await pilot.press("s")
        await until(pilot, lambda: desk.of(SubscribeApp))
        asked = len(desk.of(InspectInbox))
        await pilot.press("r")
        await until(pilot, lambda: len(desk.of(InspectInbox)) > asked)
        assert desk.of(InspectInbox)[-1].max_age == 0
        assert isinstance(app.screen, InboxCheckScreen)
        await pilot.press("escape")
        await until(pilot, lambda: "Add a number" in drawn(pilot))
