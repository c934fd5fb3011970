"""Selecting users, making a broadcast, the check before the start, steering; how it looks."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, open_screen, type_text, until
from msgspec.structs import replace
from stub_desk import NOW, StubDesk
from template_desk import TemplateDesk
from test_snapshots_screens import LARGE, SMALL, settled
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.broadcast_models import (
    Broadcast,
    BroadcastContent,
    BroadcastPlan,
    BroadcastState,
    Recipient,
    RecipientPage,
)
from vchat_tui.desk import calls
from vchat_tui.models import Inbox, MessageError
from vchat_tui.screens import broadcast as broadcast_screen
from vchat_tui.screens.broadcast import BroadcastScreen
from vchat_tui.screens.broadcast_text import BroadcastText
from vchat_tui.screens.broadcasts import BroadcastsScreen
from vchat_tui.screens.new_broadcast import Audience, BroadcastForm
from vchat_tui.screens.users import UsersScreen

S = BroadcastState
RUNNING = Broadcast(
    id=1, name="Navidad [bold]2026[/]", inbox_id=1, inbox="Ventas", channel="whatsapp_cloud",
    state=S.RUNNING, content=BroadcastContent(template="promo_primavera", language="es"),
    created_at=NOW - timedelta(hours=2), started_at=NOW - timedelta(minutes=3), total=1200,
    counts={"pending": 500, "queued": 80, "sending": 12, "accepted": 30, "delivered": 400,
            "read": 150, "failed": 8, "unknown": 2, "skipped": 18},
    rate=79.6, seconds_left=440, quiet="21:00-09:00", in_quiet_hours=120,
    quiet_until=NOW + timedelta(hours=2),
)  # fmt: skip
PAUSED = replace(
    RUNNING,
    state=S.PAUSED,
    quiet_until=None,
    rate=None,
    seconds_left=None,
    reason=MessageError(code="131048"),
)
DRAFT = replace(
    RUNNING, state=S.DRAFT, started_at=None, rate=None, seconds_left=None, counts={"pending": 1200}
)
PLAN = BroadcastPlan(
    ready=1150, left_out={"opted_out": 30, "missing_value": 12, "duplicate": 8},
    category="marketing", reach_limit=2000, reach_left=900,
    sample="¡Hola Ana! Esta semana, 20 % en café de temporada.", seconds=15,
    quiet=210, quiet_hours="21:00-09:00",
)  # fmt: skip
BY_SMS = replace(
    DRAFT, inbox="Avisos", channel="sms_twilio",
    content=BroadcastContent(text="Hola {recipient_name|amigo}, hoy abrimos a las seis."),
)  # fmt: skip
SMS_PLAN = BroadcastPlan(
    ready=1150, left_out={"no_number": 38, "opted_out": 12}, segments=2300, answers=False,
    sample="Hola Ana, hoy abrimos a las seis.", seconds=2300,
)  # fmt: skip
SMS = Inbox(id=3, name="Avisos", channel="sms_twilio", settings={"sender": "ACME"})
PEOPLE = (
    Recipient(number=1, state="read", user_id=1, name="Ana Belén Ríos", address="5215512345678",
              message_id=1, conversation_id=1),
    Recipient(number=2, state="failed", user_id=2, name="=cmd|' /C calc'!A0",
              address="34600000102", message_id=2, conversation_id=2,
              error=MessageError(code="131026")),
    Recipient(number=3, state="skipped", user_id=3, name="[red]Emma[/] 🐝", address="13055550117",
              reason="opted_out"),
)  # fmt: skip


class BroadcastDesk(TemplateDesk):
    """A desk with one broadcast."""

    def __init__(self, broadcast: Broadcast = DRAFT) -> None:
        super().__init__()
        self.broadcast = broadcast

    def _as(self, state: BroadcastState) -> Broadcast:
        self.broadcast = replace(self.broadcast, state=state)
        return self.broadcast

    def _create_broadcast(self, call: calls.CreateBroadcast) -> Broadcast:
        return self.broadcast

    def _add_recipients(self, call: calls.AddRecipients) -> Broadcast:
        return self.broadcast

    def _get_broadcast(self, call: calls.GetBroadcast) -> Broadcast:
        return self.broadcast

    def _list_broadcasts(self, call: calls.ListBroadcasts) -> tuple[Broadcast, ...]:
        return (RUNNING, replace(PAUSED, id=2, name="Oferta"), replace(DRAFT, id=3, name="Prueba"))

    def _plan_broadcast(self, call: calls.PlanBroadcast) -> BroadcastPlan:
        return SMS_PLAN if self.broadcast.channel == SMS.channel else PLAN

    def _start_broadcast(self, call: calls.StartBroadcast) -> Broadcast:
        return self._as(S.SCHEDULED if call.at else S.RUNNING)

    def _pause_broadcast(self, call: calls.PauseBroadcast) -> Broadcast:
        return self._as(S.PAUSED)

    def _resume_broadcast(self, call: calls.ResumeBroadcast) -> Broadcast:
        return self._as(S.RUNNING)

    def _cancel_broadcast(self, call: calls.CancelBroadcast) -> Broadcast:
        return self._as(S.CANCELLED)

    def _list_recipients(self, call: calls.ListRecipients) -> RecipientPage:
        rows = [row for row in PEOPLE if call.state in (None, row.state)]
        return RecipientPage(rows=tuple(rows[call.offset :]), total=len(rows))


@pytest.fixture
def desk() -> BroadcastDesk:
    return BroadcastDesk()


async def test_users_are_selected_and_a_broadcast_is_made(
    app: VchatApp, desk: BroadcastDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("down", "space", "space")
        await until(pilot, lambda: "2 selected" in drawn(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "New broadcast · 2 customers" in drawn(pilot))
        await type_text(pilot, "Navidad")
        await pilot.press("tab", "tab", "tab", "tab")
        await type_text(pilot, "nachts")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "must look like 21:00-09:00" in drawn(pilot))
        await pilot.press("ctrl+u")
        await type_text(pilot, "21-9")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "promo_primavera" in drawn(pilot) or "templates" in drawn(pilot))
        await type_text(pilot, "hello")
        await until(pilot, lambda: "Hello World" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "needs no values" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "will get it" in drawn(pilot))
    [made] = desk.of(calls.CreateBroadcast)
    assert (made.name, made.content.template, made.quiet) == ("Navidad", "hello_world", "21-9")
    [added] = desk.of(calls.AddRecipients)
    assert len(added.user_ids) == 2


async def nothing(text: str) -> None:
    """Takes a text."""


async def test_an_sms_is_counted_and_what_was_typed_is_kept(
    app: VchatApp, desk: BroadcastDesk
) -> None:
    desk.inboxes = {3: SMS}
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await pilot.press("down", "space", "space", "b")
        await until(pilot, lambda: "New broadcast · 2 customers" in drawn(pilot))
        await type_text(pilot, "Hoy")
        await pilot.press("tab", "tab")
        await type_text(pilot, "telegram")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "There is no channel “telegram” here" in drawn(pilot))
        await pilot.press(*["backspace"] * 8)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "New broadcast · Avisos" in drawn(pilot))
        await type_text(pilot, "Hola " + "a" * 70 + "ó")
        await until(pilot, lambda: "2 segments · about 4 in all · “ó” halves" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "New broadcast · 2 customers" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "2 segments" in drawn(pilot))
        desk.refuse[calls.CreateBroadcast] = calls.DeskError("Too long.", field="text")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Too long." in drawn(pilot))
        desk.refuse.clear()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "will get it" in drawn(pilot))
    made = desk.of(calls.CreateBroadcast)[-1]
    assert (made.inbox_id, made.name, made.content.text) == (3, "Hoy", "Hola " + "a" * 70 + "ó")


async def test_everybody_whom_the_filter_finds(app: VchatApp, desk: BroadcastDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, UsersScreen(), "Ahmed Hassan")
        await type_text(pilot, "ana")
        await until(pilot, lambda: "Ahmed" not in drawn(pilot))
        await pilot.press("down", "A")
        await until(pilot, lambda: "selected" in drawn(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "New broadcast" in drawn(pilot))
        await type_text(pilot, "Navidad")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "templates" in drawn(pilot))
        await type_text(pilot, "hello")
        await until(pilot, lambda: "Hello World" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "needs no values" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "will get it" in drawn(pilot))
    assert [call.matching for call in desk.of(calls.AddRecipients)] == ["ana"]


async def test_the_start_names_the_numbers_and_everything_can_be_steered(
    app: VchatApp, desk: BroadcastDesk
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, BroadcastScreen(1), "will get it")
        await pilot.press("s")
        await until(pilot, lambda: "1,150 messages" in drawn(pilot))
        await pilot.press("escape")
        assert not desk.of(calls.StartBroadcast)
        await pilot.press("s")
        await until(pilot, lambda: "1,150 messages" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "running" in drawn(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "paused" in drawn(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "running" in drawn(pilot))
        await pilot.press("x")
        await until(pilot, lambda: "End this broadcast?" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "cancelled" in drawn(pilot))


async def test_a_time_is_read_on_the_wall_clock(app: VchatApp, desk: BroadcastDesk) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, BroadcastScreen(1), "will get it")
        for typed, shows in (("mañana", "is no time"), ("2026-12-01 09:00", "scheduled")):
            await pilot.press("w")
            await until(pilot, lambda: "When should it start" in drawn(pilot))
            await type_text(pilot, typed)
            await pilot.press("enter")
            await until(pilot, lambda shows=shows: shows in drawn(pilot))  # type: ignore[misc]
    [call] = desk.of(calls.StartBroadcast)
    assert call.at.isoformat() == "2026-12-01T09:00:00+00:00"


async def test_results_are_filtered_opened_and_exported(
    app: VchatApp, desk: BroadcastDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_screen, "download_folder", lambda: tmp_path)
    desk.broadcast = replace(RUNNING, state=S.DONE)
    async with app.run_test(size=(100, 30)) as pilot:
        results = await open_screen(pilot, BroadcastScreen(1), "Ana Belén")
        await pilot.press("e")
        await until(pilot, lambda: "Emma" in exported(tmp_path)[1])
        mode, text = exported(tmp_path)
        assert mode == 0o600
        assert "\"'=cmd" in text
        assert text.count("\r\n") == 4
        await pilot.press("v")
        await until(pilot, lambda: "Ana Belén" not in drawn(pilot) and "=cmd" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: results)
    assert results == [2]


async def test_an_export_that_is_interrupted_leaves_nothing(
    app: VchatApp, desk: BroadcastDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    monkeypatch.setattr(broadcast_screen, "download_folder", lambda: folder)
    desk.broadcast = replace(RUNNING, state=S.DONE)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_screen(pilot, BroadcastScreen(1), "Ana Belén")
        desk.hold[calls.ListRecipients] = asyncio.Event()
        await pilot.press("e")
        await until(pilot, lambda: names(folder) == [".part"])
        await pilot.press("escape")
        await until(pilot, lambda: not names(folder))


def names(folder: Path) -> list[str]:
    """The endings of what lies there."""
    return [path.suffix for path in folder.iterdir()]


def exported(folder: Path) -> tuple[int, str]:
    """Mode and text of the only CSV file there."""
    for file in folder.glob("*.csv"):
        return stat.S_IMODE(file.stat().st_mode), file.read_bytes().decode()
    return 0, ""


INBOXES = tuple(StubDesk().inboxes.values())
PICTURES: dict[str, Callable[[], Any]] = {
    "form": lambda: BroadcastForm(INBOXES, Audience(user_ids=(1, 2), count=2), {}),
    "text": lambda: BroadcastText(SMS, "Hoy abrimos a las seis. ¡Le esperamos! 😀", 230, nothing),
    "sms": lambda: BroadcastScreen(1),
    "list": BroadcastsScreen,
    "draft": lambda: BroadcastScreen(1),
    "running": lambda: BroadcastScreen(1),
    "paused": lambda: BroadcastScreen(1),
}
STANDS = {"running": RUNNING, "paused": PAUSED, "sms": BY_SMS}


@pytest.mark.parametrize(
    ("name", "size", "language"),
    [
        ("form", SMALL, "es"),
        ("form", LARGE, "en"),
        ("list", SMALL, "es"),
        ("draft", SMALL, "es"),
        ("draft", LARGE, "en"),
        ("running", SMALL, "en"),
        ("paused", LARGE, "es"),
        ("text", SMALL, "es"),
        ("sms", SMALL, "en"),
    ],
)
def test_picture(
    name: str,
    size: tuple[int, int],
    language: str,
    make_app: Callable[..., VchatApp],
    snap_compare: Callable[..., bool],
) -> None:
    i18n.use(language)
    app = make_app(BroadcastDesk(STANDS.get(name, DRAFT)))

    async def show(pilot: Pilot[Any]) -> None:
        app.theme = "textual-dark"
        await app.push_screen(PICTURES[name]())
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)
