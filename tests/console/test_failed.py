"""Failed messages and those of unknown fate."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driving import drawn, open_screen, until
from stub_desk import StubDesk, make_item

from vchat_tui.app import VchatApp
from vchat_tui.desk.calls import ConfirmArrived, DeskError, GetConversation, Retry
from vchat_tui.events import DiagnosticsChanged
from vchat_tui.models import Direction, MessageError, Status
from vchat_tui.screens.failed import FailedScreen


@pytest.fixture
def desk() -> StubDesk:
    """One message in doubt (the newest), one that failed."""
    desk = StubDesk()
    for number, items in desk.timelines.items():
        desk.timelines[number] = [
            item for item in items if item.message.status is not Status.FAILED
        ]
    error = MessageError(code="131026", title="Message undeliverable")
    desk.timelines[1] += [
        make_item(51, "¿Sigue ahí?", minutes=3, direction=Direction.OUT, status=Status.FAILED,
                  error=error, attempts=2),
        make_item(52, "Su pedido salió", minutes=1, direction=Direction.OUT,
                  status=Status.UNKNOWN, attempts=1),
    ]  # fmt: skip
    return desk


async def test_each_says_what_happened_in_plain_words(app: VchatApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        text = drawn(pilot)
        for part in ("? may have arrived", "✗ failed", "Ana Belén Ríos", "cannot deliver",
                     "code 131026 · 2 attempts", "it may or may not have arrived"):  # fmt: skip
            assert part in text


async def test_a_failed_one_is_retried(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        await pilot.press("down", "t")
        await until(pilot, lambda: "¿Sigue ahí?" not in drawn(pilot))
    assert desk.of(Retry) == [Retry(message_id=51)]


async def test_one_in_doubt_is_never_sent_without_asking(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "Su pedido")
        await pilot.press("t")
        await until(pilot, lambda: "Press v if you know" in drawn(pilot))
        await pilot.press("s")
        await until(pilot, lambda: "would get it twice" in drawn(pilot))
        await pilot.press("enter")  # the harmless answer has the focus
        await until(pilot, lambda: "would get it twice" not in drawn(pilot))
        assert desk.of(Retry) == []
        await pilot.press("s")
        await until(pilot, lambda: "would get it twice" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "Su pedido" not in drawn(pilot))
    assert desk.of(Retry) == [Retry(message_id=52, may_double=True)]


async def test_a_person_may_say_that_it_arrived(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "Su pedido")
        await pilot.press("v")
        await until(pilot, lambda: "Su pedido" not in drawn(pilot))
        await pilot.press("v")  # the one that certainly failed
        await until(pilot, lambda: "certainly failed" in drawn(pilot))
    assert desk.of(ConfirmArrived) == [ConfirmArrived(message_id=52)]


async def test_enter_jumps_to_the_message(app: VchatApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        results = await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        await pilot.press("down", "enter")
        await until(pilot, lambda: results)
    assert results == [(1, 51)]


async def test_the_mark_stays_on_its_message_when_the_list_grows(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        results = await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        await pilot.press("down")
        desk.timelines[1].append(
            make_item(53, "Otro más", minutes=0, direction=Direction.OUT, status=Status.UNKNOWN)
        )
        desk.push(DiagnosticsChanged())
        await until(pilot, lambda: "Otro más" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: results)
    assert results == [(1, 51)]


async def test_a_refused_retry_is_told(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[Retry] = DeskError("The window is closed")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        await pilot.press("down", "t")
        await until(pilot, lambda: "✗ The window is closed" in drawn(pilot))


async def test_a_conversation_that_is_gone_does_not_hide_the_rest(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.refuse[GetConversation] = DeskError("There is no such conversation")
    async with app.run_test(size=(100, 30)) as pilot:
        await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")


async def test_nothing_failed_says_so(make_app: Callable[..., VchatApp]) -> None:
    app = make_app(StubDesk(empty=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, FailedScreen(), "no message failed")


async def test_the_mouse_alone_can_retry(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        results = await open_screen(pilot, FailedScreen(), "¿Sigue ahí?")
        row = drawn(pilot).splitlines().index("   ¿Sigue ahí?")
        await pilot.click(offset=(10, row))
        await pilot.click("KeyBar", offset=(drawn(pilot).splitlines()[-1].index("Try"), 0))
        await until(pilot, lambda: desk.of(Retry))
    assert desk.of(Retry) == [Retry(message_id=51)]
    assert not results
