"""The settings hub, the form of an inbox, the server's settings."""

from __future__ import annotations

from collections.abc import Callable

from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk
from textual.widgets import Input

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import (
    DeleteInbox,
    DeskError,
    Disconnected,
    GetDiagnostics,
    ListInboxes,
    SaveInbox,
    SaveServerSettings,
)
from vchat_tui.events import InboxesChanged
from vchat_tui.models import InboxHealth, MessageError
from vchat_tui.screens.inbox import InboxScreen
from vchat_tui.screens.server_settings import ServerSettingsScreen
from vchat_tui.screens.settings import SettingsScreen


async def test_the_hub_tells_the_state_of_each_number(app: VchatApp, desk: StubDesk) -> None:
    desk.inboxes[1] = replace(
        desk.inboxes[1], paused=MessageError(code="190", title="Token expired")
    )
    desk.diagnostics = replace(
        desk.diagnostics,
        inboxes=(
            InboxHealth(inbox=desk.inboxes[1], last_good_at=NOW, good=3),
            InboxHealth(inbox=desk.inboxes[2]),
        ),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "Ventas")
        assert "■ paused" in drawn(pilot)
        assert "○ never heard" in drawn(pilot)


async def test_without_a_number_the_hub_explains_the_first_steps(
    make_app: Callable[..., VchatApp],
) -> None:
    desk = StubDesk(empty=True)
    app = make_app(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "No number is connected yet")
        assert "▲ no public URL yet" in drawn(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Which channel?" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Phone number ID" in drawn(pilot))


async def test_the_hub_follows_events(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "Ventas")
        desk.inboxes[2] = replace(desk.inboxes[2], name="Postventa")
        desk.push(InboxesChanged())
        await until(pilot, lambda: "Postventa" in drawn(pilot))


async def test_a_number_is_added(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, SettingsScreen(), "Ventas")
        await pilot.press("n")
        await until(pilot, lambda: "Which channel?" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Phone number ID" in drawn(pilot))
        assert "https://chat.example.com/webhooks/meta" in drawn(pilot)
        await type_text(pilot, "Nuevo")
        await pilot.click(".generate")
        await pilot.click("#row-phone_number_id Input")
        await type_text(pilot, "123456789")
        await pilot.press("enter")
        await type_text(pilot, "EAAsecret")
        await pilot.press("enter", "enter")
        await type_text(pilot, "0123456789abcdef")
        assert "EAAsecret" not in drawn(pilot)  # a typed secret is not shown
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Numbers" in drawn(pilot) and "Nuevo" in drawn(pilot))
    [call] = desk.of(SaveInbox)
    assert (call.inbox_id, call.name, call.channel) == (None, "Nuevo", "whatsapp_cloud")
    assert call.values["phone_number_id"] == "123456789"
    assert call.values["access_token"] == "EAAsecret"
    assert call.values["app_secret"] == "0123456789abcdef"
    assert len(call.values["verify_token"]) == 32


async def test_a_generated_key_is_shown_and_can_be_copied(app: VchatApp) -> None:
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(None), "Phone number ID")
        await pilot.click(".generate")
        await pilot.pause()
        await pilot.click(".copy")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard in drawn(pilot)


async def test_the_configuration_url_is_copied(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Phone number ID")
        await pilot.click("#copy-url")
        await until(pilot, lambda: app.clipboard == "https://chat.example.com/webhooks/meta")


async def test_without_a_public_url_the_page_says_where_to_set_it(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.server_settings.clear()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Set the public URL first")


async def test_a_stored_secret_is_only_a_fingerprint_and_stays(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Ventas")
        assert drawn(pilot).count("set · fingerprint ab12cd34") == 3
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.of(SaveInbox))
    assert not {"access_token", "app_secret", "verify_token"} & set(desk.of(SaveInbox)[0].values)


async def test_wrong_values_are_explained_beside_them_and_stay(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(None), "Phone number ID")
        await pilot.click("#row-phone_number_id Input")
        await type_text(pilot, "12x")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "must be a number of 5 to 32 digits" in drawn(pilot))
        text = drawn(pilot)
        assert "12x" in text
        assert "✗ is required" in text
    assert not desk.of(SaveInbox)


async def test_a_refusal_stands_at_its_row(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[SaveInbox] = DeskError("“{given}” has it", field="phone_number_id", given="[/b]")
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Ventas")
        await pilot.press("end", "2", "ctrl+s")
        await until(pilot, lambda: "✗ “[/b]” has it" in drawn(pilot))
        assert "Ventas2" in drawn(pilot)
        assert app.focused is not None
        assert "row-phone_number_id" in [node.id for node in app.focused.ancestors]


async def test_a_lost_server_keeps_the_form(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[SaveInbox] = Disconnected()
    async with app.run_test(size=(80, 40)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Ventas")
        await pilot.press("end", "2", "ctrl+s")
        await until(pilot, lambda: "The server cannot be reached" in drawn(pilot))
        assert "Ventas2" in drawn(pilot)


async def test_unsaved_changes_ask_before_leaving(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, InboxScreen(1), "Ventas")
        await pilot.press("end", "2")
        await until(pilot, lambda: "not saved" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Leave and lose it?" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Leave and lose it?" not in drawn(pilot))
        assert "Ventas2" in drawn(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "Leave and lose it?" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: results)


async def test_an_untouched_form_leaves_at_once(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, InboxScreen(1), "Ventas")
        await pilot.press("escape")
        await until(pilot, lambda: results)


async def test_deleting_asks_and_a_refusal_is_told(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[DeleteInbox] = DeskError("It has conversations")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Ventas")
        await pilot.click("#delete")
        await until(pilot, lambda: "Remove this number?" in drawn(pilot))
        assert not desk.of(DeleteInbox)
        await pilot.press("right", "enter")
        await until(pilot, lambda: "✗ It has conversations" in drawn(pilot))


async def test_a_switch_says_its_state_in_a_word(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 60)) as pilot:
        await open_screen(pilot, InboxScreen(1), "Ventas")
        await until(pilot, lambda: "Send read receipts" in drawn(pilot))
        before = drawn(pilot).count("yes")
        await pilot.click("#row-read_receipts Switch")
        await until(pilot, lambda: drawn(pilot).count("yes") == before + 1)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.of(SaveInbox))
    assert desk.of(SaveInbox)[0].values["read_receipts"] is True


async def test_the_public_url_is_saved(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, ServerSettingsScreen(), "https://chat.example.com")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await type_text(pilot, "ftp://x")  # replaces what was marked
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "must be a full address" in drawn(pilot))
        await pilot.press("ctrl+u", "home", "ctrl+k")
        await type_text(pilot, "https://b.example.com")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: results)
    [call] = desk.of(SaveServerSettings)
    assert call.values["public_url"] == "https://b.example.com"


async def test_a_hub_without_server_says_so(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[GetDiagnostics] = Disconnected()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, SettingsScreen(), "The server cannot be reached")


async def test_a_new_number_comes_with_the_steps_where_there_is_room(app: VchatApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await open_screen(pilot, InboxScreen(None), "How to connect it")
        assert "whatsapp_business_messaging" in drawn(pilot)


async def test_a_form_that_could_not_be_read_comes_once_the_server_is_back(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.refuse[ListInboxes] = Disconnected()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, InboxScreen(1), "The server cannot be reached")
        del desk.refuse[ListInboxes]
        desk.push(resync=True)
        await until(pilot, lambda: "Phone number ID" in drawn(pilot))
        await pilot.press("end", "2")
        desk.push(resync=True)
        await until(pilot, lambda: "Ventas2" in drawn(pilot))
