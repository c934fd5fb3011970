"""The main screen: keys become calls to the desk, events become what is on screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import until
from stub_desk import StubDesk, make_item
from textual import events
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError, Disconnected
from vchat_tui.events import CountsChanged, InboxesChanged, MessageChanged
from vchat_tui.models import Counts, Direction, Folder, MessageError, Status
from vchat_tui.remote import RemoteDesk
from vchat_tui.screens.main import MainScreen

WIDE = (120, 40)
NARROW = (80, 24)


def screen_text(app: VchatApp) -> str:
    """Everything that is drawn now."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def main(app: VchatApp) -> MainScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


async def opened(pilot: Pilot[Any], app: VchatApp, desk: StubDesk) -> MainScreen:
    """Open the first conversation; the cursor is where one writes."""
    screen = main(app)
    await until(pilot, lambda: screen.conversations.total)
    await pilot.press("enter")
    await until(pilot, lambda: app.focused is screen.chat.composer.editor)
    await until(pilot, lambda: not screen.chat.timeline._busy)
    return screen


async def test_the_list_shows_names_times_and_previews(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        text = screen_text(app)
    assert "●3      11:56 Ana Belén Ríos" in text
    assert "✎ draft Hola" in text
    assert "⊘ closed" in text
    assert "◔ 38 min" in text


async def test_enter_opens_and_reading_the_tail_marks_read(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await until(pilot, lambda: desk.of(calls.MarkRead))
        text = screen_text(app)
    assert "Busco las botas" in text and "── new ──" in text and "── Yesterday ──" in text
    assert desk.of(calls.MarkRead)[0].conversation_id == 1
    assert desk.watched == 1


async def test_nothing_is_marked_read_while_the_terminal_is_not_looked_at(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        app.app_focus = False
        main(app).open_conversation(1)
        await until(pilot, lambda: main(app).chat.timeline.at_tail)
        await pilot.pause(0.1)
        assert not desk.of(calls.MarkRead)
        app.app_focus = True
        await until(pilot, lambda: desk.of(calls.MarkRead))


async def test_sending_clears_only_once_the_desk_has_it(app: VchatApp, desk: StubDesk) -> None:
    gate = desk.hold[calls.Reply] = asyncio.Event()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        await pilot.press(*"Hola", "enter", "enter", "enter")
        await pilot.pause()
        assert screen.chat.composer.editor.text == "Hola"
        gate.set()
        await until(pilot, lambda: not screen.chat.composer.editor.text)
    replies = desk.of(calls.Reply)
    assert [reply.text for reply in replies] == ["Hola"]
    assert sum(item.message.text == "Hola" for item in desk.timelines[1]) == 1


async def test_what_is_typed_while_a_send_is_under_way_stays(app: VchatApp, desk: StubDesk) -> None:
    gate = desk.hold[calls.Reply] = asyncio.Event()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        await pilot.press(*"uno", "enter", *" dos")
        gate.set()
        await until(pilot, lambda: screen.chat.composer.editor.text == " dos")


async def test_a_lost_answer_is_repeated_under_the_same_id(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[calls.Reply] = Disconnected()
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        await pilot.press(*"Hola", "enter")
        await until(pilot, lambda: "cannot be reached" in screen_text(app))
        assert screen.chat.composer.editor.text == "Hola"
        del desk.refuse[calls.Reply]
        await pilot.press("enter")
        await until(pilot, lambda: not screen.chat.composer.editor.text)
    first, second = desk.of(calls.Reply)
    assert first.client_id == second.client_id


async def test_the_id_survives_a_crash_after_the_send(
    desk: StubDesk, make_app: Callable[..., VchatApp]
) -> None:
    desk.refuse[calls.Reply] = Disconnected()
    for typed in ("Hola", ""):
        app = make_app(desk)
        async with app.run_test(size=WIDE) as pilot:
            await opened(pilot, app, desk)
            await pilot.press(*typed, "enter")
            await until(pilot, lambda app=app: "cannot be reached" in screen_text(app))
    assert len({reply.client_id for reply in desk.of(calls.Reply)}) == 1


async def test_drafts_come_back_with_their_cursor(
    desk: StubDesk, make_app: Callable[..., VchatApp]
) -> None:
    app = make_app(desk)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await pilot.press(*"Hola", "ctrl+j", *"Ana", "left")
        await pilot.press("ctrl+q")
    app = make_app(desk)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        editor = screen.chat.composer.editor
        assert editor.text == "Hola\nAna"
        assert editor.cursor_location == (1, 2)


async def test_a_terminal_that_goes_leaves_a_draft(
    desk: StubDesk, make_app: Callable[..., VchatApp]
) -> None:
    desk.refuse[calls.SaveDraft] = Disconnected()
    app = make_app(desk)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await pilot.press(*"casi")
        app._terminal_goes()
        await pilot.pause()
    file = app.home / "drafts" / "1.json"
    assert file.stat().st_mode & 0o777 == 0o600
    app = make_app(desk)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        assert screen.chat.composer.editor.text == "casi"


async def test_a_draft_is_saved_without_being_sent(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await pilot.press(*"Hola")
        await until(pilot, lambda: desk.of(calls.SaveDraft))
        await until(pilot, lambda: not (app.home / "drafts" / "1.json").exists())
    assert desk.drafts[1].text == "Hola"


async def test_too_long_is_refused_with_the_text_kept(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        screen.chat.composer.editor.insert("x" * 4100)
        await pilot.press("enter")
        await until(pilot, lambda: "Too long by 4" in screen_text(app))
        assert "4100 / 4096" in screen_text(app)
    assert not desk.of(calls.Reply)


async def test_pasted_control_characters_become_visible(app: VchatApp, desk: StubDesk) -> None:
    from textual.events import Paste

    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        screen.chat.composer.editor.post_message(Paste("a\x1b]0;x\x07b\r\nc"))
        await until(pilot, lambda: screen.chat.composer.editor.text)
        assert "\x1b" not in screen.chat.composer.editor.text
        assert screen.chat.composer.editor.text.count("\n") == 1


async def test_a_closed_window_says_why_and_keeps_what_was_typed(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.drafts[11] = calls.Draft(text="Hola Nils")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        main(app).open_conversation(11)
        await until(pilot, lambda: app.focused is main(app).chat.timeline)
        assert "are over" in screen_text(app) and "Hola Nils" in screen_text(app)
        await pilot.press("enter", "x", "enter")
        assert main(app).chat.composer.editor.text == "Hola Nils"
        assert not desk.of(calls.Reply)
        desk.arrive(11, "Hello again")
        await until(pilot, lambda: not main(app).chat.composer.is_blocked)
        await pilot.press("enter")
        await until(pilot, lambda: desk.of(calls.Reply))


async def test_a_quote_is_sent_and_escape_takes_it_back(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await pilot.press("escape", "q")
        await pilot.pause()
        assert "Reply to" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "Reply to" not in screen_text(app)
        await pilot.press("escape", "up", "q", *"ok", "enter")
        await until(pilot, lambda: desk.of(calls.Reply))
    assert desk.of(calls.Reply)[0].reply_to == desk.timelines[1][-3].message.id


async def test_messages_and_states_arrive(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        item = desk.arrive(1, "Una cosa más")
        await until(pilot, lambda: "Una cosa más" in screen_text(app))
        desk.push(MessageChanged(item=item))
        await pilot.press(*"Claro", "enter")
        await until(pilot, lambda: "◌ queued  Clara" in screen_text(app))
        sent = desk.timelines[1][-1].message.id
        for status, word in ((Status.SENT, "✓ sent"), (Status.READ, "✓✓ read")):
            desk.change(sent, status=status)
            await until(pilot, lambda word=word: f"{word}  Clara" in screen_text(app))
        views = main(app).chat.timeline.views
    assert [view.message_id for view in views].count(item.message.id) == 1


async def test_failed_and_unclear_messages_offer_their_remedy(
    app: VchatApp, desk: StubDesk
) -> None:
    out = Direction.OUT
    desk.timelines[1] += [
        make_item(801, "uno", minutes=3, direction=out, status=Status.FAILED,
                  error=MessageError(code="131026", title="Message undeliverable")),
        make_item(802, "dos", minutes=2, direction=out, status=Status.UNKNOWN),
        make_item(803, "tres", minutes=1, direction=out, status=Status.UNKNOWN),
    ]  # fmt: skip
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        assert "[t] Try again" in screen_text(app)
        assert "[v] It arrived" in screen_text(app)
        await pilot.press("escape", "v", "up", "s")
        await pilot.pause()
        assert not desk.of(calls.Retry)
        await pilot.press("s", "up", "t")
        await until(pilot, lambda: len(desk.of(calls.Retry)) == 2)
    assert desk.of(calls.ConfirmArrived)[0].message_id == 803
    assert [(call.message_id, call.may_double) for call in desk.of(calls.Retry)] == [
        (802, True),
        (801, False),
    ]


async def test_a_click_on_a_remedy_does_what_its_key_does(app: VchatApp, desk: StubDesk) -> None:
    item = make_item(801, "uno", minutes=1, direction=Direction.OUT, status=Status.UNKNOWN)
    desk.timelines[1].append(item)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        view = screen.chat.timeline.views[-1]
        await pilot.click(view, offset=(3, view.size.height - 1))
        await until(pilot, lambda: desk.of(calls.ConfirmArrived))
    assert desk.of(calls.ConfirmArrived)[0].message_id == 801


async def test_archive_undo_and_folders(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        rows = main(app).conversations
        await until(pilot, lambda: rows.total)
        await pilot.press("down", "a")
        await until(pilot, lambda: rows.total == 23)
        assert rows.marked_row is not None and rows.marked_row.id == 3
        await pilot.press("z")
        await until(pilot, lambda: rows.total == 24)
        assert desk.conversations[2].folder is Folder.INBOX
        await until(pilot, lambda: "Taken back: Tom Becker" in screen_text(app))
        await pilot.press("d", "4")
        await until(pilot, lambda: rows.total == 1)
        await pilot.press("i")
        await until(pilot, lambda: "The trash is empty" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: rows.total == 3)


async def test_mark_unread_stays_although_the_tail_is_in_view(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await until(pilot, lambda: len(desk.of(calls.MarkRead)) == 1)
        await pilot.press("alt+u")
        await until(pilot, lambda: desk.conversations[1].unread)
        await pilot.pause(0.1)
        assert desk.conversations[1].unread == 1
        desk.arrive(1, "¿Hola?")
        await until(pilot, lambda: not desk.conversations[1].unread)


async def test_alt_keys_work_while_writing_as_a_terminal_sends_them(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        app.post_message(events.Key("alt+a", "a"))  # with a character, unlike Pilot's keys
        await until(pilot, lambda: desk.conversations[1].folder is Folder.ARCHIVE)
        app.post_message(events.Key("alt+z", "z"))
        await until(pilot, lambda: desk.conversations[1].folder is Folder.INBOX)
        assert not screen.chat.composer.editor.text


async def test_next_unread_and_go_to(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: desk.watched == 4)
        await pilot.press("ctrl+g", *"hiro")
        await until(pilot, lambda: "Hiroshi" in screen_text(app))
        await pilot.pause(0.1)
        await pilot.press("enter")
        await until(pilot, lambda: desk.watched == 9)


async def test_the_mark_stays_on_its_conversation_when_the_order_changes(
    app: VchatApp, desk: StubDesk
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        rows = main(app).conversations
        await until(pilot, lambda: rows.total)
        await pilot.press("down", "down", "down")
        assert rows.marked_row is not None and rows.marked_row.id == 4
        desk.arrive(9, "Any news?")
        await until(pilot, lambda: rows.cursor == 4)
        assert rows.marked_row is not None and rows.marked_row.id == 4


async def test_new_messages_never_scroll_the_reader(app: VchatApp, desk: StubDesk) -> None:
    desk.timelines[1] = [make_item(n, f"mensaje {n}", minutes=500 - n) for n in range(1, 60)]
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        timeline = screen.chat.timeline
        await until(pilot, lambda: timeline.at_tail)
        await pilot.press("escape", "pageup", "pageup")
        await until(pilot, lambda: not timeline.at_tail)
        place = timeline.scroll_y
        for text in ("a", "b", "c"):
            desk.arrive(1, text)
        await until(pilot, lambda: "↓ 3 new" in screen_text(app))
        assert timeline.scroll_y == place
        await pilot.press("end")
        await until(pilot, lambda: timeline.at_tail)
        assert "↓ 3 new" not in screen_text(app)


async def test_older_messages_come_without_moving_what_is_read(
    app: VchatApp, desk: StubDesk
) -> None:
    desk.timelines[1] = [make_item(n, f"mensaje {n}", minutes=5000 - n) for n in range(1, 501)]
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app, desk)
        timeline = screen.chat.timeline
        await pilot.press("escape")
        for _page in range(12):
            await pilot.press("pageup")
            await until(pilot, lambda: not timeline._busy)
        ids = [view.message_id for view in timeline.views]
        assert ids == sorted(set(ids)) and len(ids) <= 200
        assert ids[0] < 400
        await pilot.press("end")
        await until(pilot, lambda: timeline.at_tail and not timeline._busy)
        assert timeline.views[-1].message_id == 500


async def test_narrow_terminals_show_one_pane_at_a_time(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        assert "Write an answer" not in screen_text(app)
        await opened(pilot, app, desk)
        assert "Tom Becker" not in screen_text(app)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "+34 611 000 001" in screen_text(app))
        await pilot.press("escape", "escape", "escape")
        await until(pilot, lambda: "Tom Becker" in screen_text(app))


async def test_the_banner_says_what_stops_an_inbox(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        from msgspec.structs import replace

        paused = MessageError(code="190", title="Token expired")
        desk.inboxes[1] = replace(desk.inboxes[1], paused=paused)
        desk.push(InboxesChanged())
        await until(
            pilot,
            lambda: "Ventas does not send [F5 settings]: The WhatsApp" in screen_text(app),
        )


async def test_counts_are_told(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "3 unread" in screen_text(app))
        desk.push(CountsChanged(counts=Counts(unread_conversations=7, unknown=2)))
        await until(pilot, lambda: "7 unread" in screen_text(app))


async def test_a_lost_server_is_told_at_once(
    make_app: Callable[..., VchatApp], tmp_path: Path
) -> None:
    remote = RemoteDesk(tmp_path / "no-server")
    app = make_app(remote)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◌ connecting" in screen_text(app))
        remote.start()
        await until(pilot, lambda: "○ offline" in screen_text(app))
        await until(pilot, lambda: "The server cannot be reached" in screen_text(app))
        await remote.close()


async def test_the_bell_rings_only_for_what_nobody_looks_at(
    app: VchatApp, desk: StubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        desk.arrive(1, "aquí")
        await until(pilot, lambda: "aquí" in screen_text(app))
        assert not rung
        desk.arrive(2, "there")
        desk.arrive(3, "allá")
        await until(pilot, lambda: "allá" in screen_text(app))
    assert len(rung) == 1


async def test_help_and_palette_come_from_the_table(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        await pilot.press("question_mark")
        await until(pilot, lambda: "In the conversation list" in screen_text(app))
        assert "Archive" in screen_text(app)
        await pilot.press("escape", "ctrl+p", *"waits")
        await until(pilot, lambda: "that waits" in screen_text(app))
        await pilot.pause(0.1)
        await pilot.press("enter")
        await until(pilot, lambda: desk.watched == 4)


async def test_the_language_switches_at_once(app: VchatApp, desk: StubDesk) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, app, desk)
        await app.run_action("app.switch_language")
        await pilot.pause()
        assert i18n.language() == "es"


async def test_the_first_run_leads_to_the_guided_set_up(make_app: Callable[..., VchatApp]) -> None:
    app = make_app(StubDesk(empty=True))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: type(app.screen).__name__ == "SetupScreen")


async def test_a_refusal_is_told_in_a_toast(app: VchatApp, desk: StubDesk) -> None:
    desk.refuse[calls.MoveConversation] = DeskError("No [b]{x}", x="\x1b[31mway")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: main(app).conversations.total)
        await pilot.press("a")
        await until(pilot, lambda: "No [b]" in screen_text(app))
        assert "\x1b" not in screen_text(app)


async def test_what_needs_an_open_conversation_says_so(app: VchatApp) -> None:
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "Ana Belén" in screen_text(app))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "Open a conversation first" in screen_text(app))
