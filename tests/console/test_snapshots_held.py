"""The closed window as pictures: held answers in each of their states, and what closes soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from stub_desk import NOW, StubDesk, make_item
from test_main_screen import NARROW, WIDE, main, until
from test_snapshots_main import ready
from textual.pilot import Pilot

from vchat_tui import i18n
from vchat_tui.app import VchatApp
from vchat_tui.models import Direction, Elsewhere, Held, Refused, Status, TimelineItem

MakeApp = Callable[..., VchatApp]


@dataclass
class Waiting:
    """A held answer and how it stands."""

    text: str
    held: Held


NO_SMS = Refused(
    message="There is no SMS number that could tell the customer. An administrator adds one: Settings."
)
SMS = Elsewhere(
    conversation_id=12, message_id=5, inbox="SMS", channel="sms_twilio", status=Status.DELIVERED,
    to="+525512345678",
)  # fmt: skip
STATES = (
    Waiting(
        "Las tenemos en azul.",
        Held(no_notice=(NO_SMS,)),
    ),
    Waiting("¿Le reservo un par?", Held(notice=Status.FAILED, sms=SMS)),
    Waiting("Abrimos a las diez.", Held(release_at=NOW + timedelta(seconds=10))),
    Waiting("La oferta acaba hoy.", Held(asks="stale")),
)


def held_items(conversation: int) -> list[TimelineItem]:
    """A customer's message, and answers that wait."""
    items = [make_item(11001, "¿Y en azul?", conversation=conversation, minutes=1500)]
    for number, waiting in enumerate(STATES, 11002):
        item = make_item(
            number, waiting.text, conversation=conversation, minutes=9, direction=Direction.OUT,
            status=Status.HELD,
        )  # fmt: skip
        items.append(replace(item, held=waiting.held))
    note = make_item(
        11007, "Le hemos respondido.", conversation=conversation, minutes=5, direction=Direction.NOTE,
        type="elsewhere",
    )  # fmt: skip
    return [*items, replace(note, elsewhere=SMS)]


@pytest.mark.parametrize(
    ("size", "language"), [(WIDE, "en"), (NARROW, "es")], ids=["120x40-en", "80x24-es"]
)
def test_held_answers(
    snap_compare: Any, make_app: MakeApp, desk: StubDesk, size: tuple[int, int], language: str
) -> None:
    i18n.use(language)
    desk.timelines[11] = held_items(11)

    async def prepare(pilot: Pilot[Any]) -> None:
        await ready(pilot, 11)
        await pilot.press("alt+w")
        main(pilot.app).chat.composer.editor.cursor_blink = False  # type: ignore[arg-type]
        await pilot.pause()

    assert snap_compare(make_app(desk), terminal_size=size, run_before=prepare)


def test_what_closes_soon(snap_compare: Any, make_app: MakeApp, desk: StubDesk) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await ready(pilot, None)
        await pilot.press("5")
        await until(pilot, lambda: main(pilot.app).conversations.total == 10)  # type: ignore[arg-type]
        await pilot.pause()

    assert snap_compare(make_app(desk), terminal_size=NARROW, run_before=prepare)
