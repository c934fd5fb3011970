"""The users screen and the customer's card."""

from __future__ import annotations

from collections.abc import Callable

from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from stub_desk import StubDesk
from textual import events

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import (
    DeskError,
    Disconnected,
    ListUsers,
    SaveUser,
    StartConversation,
)
from vchat_tui.events import UserChanged
from vchat_tui.screens.user_card import UserCardScreen
from vchat_tui.screens.users import UsersScreen


async def test_typing_filters_and_enter_opens_the_only_conversation(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await type_text(pilot, "hiroshi")
        await until(pilot, lambda: "Ahmed" not in drawn(pilot) and "Hiroshi" in drawn(pilot))
        assert "no phone (WhatsApp username)" in drawn(pilot)
        assert desk.of(ListUsers)[-1].text == "hiroshi"
        await pilot.press("enter")
        await until(pilot, lambda: results)
    assert results == [9]


async def test_a_click_marks_and_a_second_opens(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.click("UserList", offset=(5, 2))
        await pilot.pause()
        assert not results
        await pilot.click("UserList", offset=(5, 2))
        await until(pilot, lambda: results)
    assert results == [1]


async def test_several_conversations_are_offered(app: VchatApp, desk: StubDesk) -> None:
    desk.conversations[77] = replace(desk.conversations[1], id=77, inbox="Soporte", inbox_id=2)
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UsersScreen(), "Ana Belén")
        await type_text(pilot, "ana")
        await until(pilot, lambda: "Ahmed" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Conversations of Ana" in drawn(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: results)
    assert results == [77]


async def test_a_user_without_conversation_gets_one_through_the_chosen_inbox(
    app: VchatApp, desk: StubDesk
) -> None:
    del desk.conversations[9]
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UsersScreen(), "Hiroshi")
        await type_text(pilot, "hiroshi")
        await until(pilot, lambda: "Ahmed" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "Soporte" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: results)
    [call] = desk.of(StartConversation)
    assert (call.inbox_id, call.user_id, call.address) == (2, 9, None)


async def test_a_wrong_number_is_explained_and_stays_typed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("alt+n")
        await until(pilot, lambda: "Soporte" in drawn(pilot))
        await type_text(pilot, "55 1234")
        await pilot.press("enter")
        await until(pilot, lambda: "Start with + and the country code" in drawn(pilot))
        assert "55 1234" in drawn(pilot)
        assert not desk.of(StartConversation)
        await pilot.press("home")
        await type_text(pilot, "+52")
        await type_text(pilot, " 55 ")
        await type_text(pilot, "34 ")
        await pilot.press("enter")
        await until(pilot, lambda: results)
    [call] = desk.of(StartConversation)
    assert call.address == "+525534551234"


async def test_a_refused_number_stays_typed(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[StartConversation] = DeskError("There is no number {given}", given="+99[/x]")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("alt+n")
        await until(pilot, lambda: "Soporte" in drawn(pilot))
        await type_text(pilot, "+525512345678")
        await pilot.press("enter")
        await until(pilot, lambda: "There is no number +99[/x]" in drawn(pilot))
        assert "+525512345678" in drawn(pilot)


async def test_editing_sends_only_what_changed(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("down", "e")
        await until(pilot, lambda: "Edit details" in drawn(pilot))
        await pilot.press("end", "X", "ctrl+s")
        await until(pilot, lambda: "Ahmed HassanX" in drawn(pilot))
    [call] = desk.of(SaveUser)
    assert call == SaveUser(user_id=19, name="Ahmed HassanX")


async def test_a_refused_edit_stands_at_its_field(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[SaveUser] = DeskError("Somebody else has this number", field="phone")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("alt+e")
        await until(pilot, lambda: "Edit details" in drawn(pilot))
        await pilot.press("end", "X", "enter")
        await until(pilot, lambda: "✗ Somebody else has this number" in drawn(pilot))
        assert "Ahmed HassanX" in drawn(pilot)
        assert app.focused is not None
        assert "row-phone" in [node.id for node in app.focused.ancestors]


async def test_the_card_shows_all_and_opens_a_conversation(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        results = await open_screen(pilot, UserCardScreen(1), "¿Tienen talla 38")
        text = drawn(pilot)
        for part in (
            "Ana Belén Ríos",
            "+34 611 000 001",
            "ana@example.com",
            "+34 611 000 001 · Ana",
        ):
            assert part in text
        await pilot.press("enter")
        await until(pilot, lambda: results)
    assert results == [1]


async def test_an_empty_list_says_what_to_do(make_app: Callable[..., VchatApp]) -> None:
    app = make_app(StubDesk(empty=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Nobody has written yet")
        assert "press Alt+N" in drawn(pilot)


async def test_an_event_reads_the_list_again(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        desk.users[19] = replace(desk.users[19], name="Ahmed Renamed")
        desk.push(UserChanged(user_id=19))
        await until(pilot, lambda: "Ahmed Renamed" in drawn(pilot))


async def test_a_lost_server_is_told_on_the_page(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[ListUsers] = Disconnected()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "The server cannot be reached")


async def test_alt_keys_work_in_the_filter_as_a_terminal_sends_them(app: VchatApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        app.post_message(events.Key("alt+n", "n"))  # with a character, unlike Pilot's keys
        await until(pilot, lambda: "New conversation" in drawn(pilot))


async def test_an_unsaved_edit_asks_before_it_is_lost(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UserCardScreen(1), "¿Tienen talla 38")
        await pilot.press("e")
        await until(pilot, lambda: "Edit details" in drawn(pilot))
        await pilot.press("end", "X", "escape")
        await until(pilot, lambda: "Leave and lose it?" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "Ana Belén RíosX" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Edit details" not in drawn(pilot))
        await until(pilot, lambda: "Ana Belén RíosX" in drawn(pilot))
    assert desk.of(SaveUser) == [SaveUser(user_id=1, name="Ana Belén RíosX")]
