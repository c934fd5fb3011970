"""What is done with a customer's file: opened by a viewer, saved, or neither; and reactions."""

from __future__ import annotations

import io
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, until
from file_desk import PDF, PNG, FileDesk
from test_chat import open_first
from textual.pilot import Pilot

from vchat_tui import opening
from vchat_tui.desk.calls import FetchAgain
from vchat_tui.models import Direction, Media, MessageError, Reaction, Status

WIDE = (120, 40)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Where the viewer would have been started."""
    found: list[Path] = []
    monkeypatch.setattr(opening, "show", found.append)
    monkeypatch.setattr(opening, "private_folder", lambda: Path(tempfile.mkdtemp(dir=tmp_path)))
    return found


async def mark_last(pilot: Pilot[Any]) -> None:
    """Go to the timeline, its newest message marked."""
    screen = await open_first(pilot)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.focused is screen.chat.timeline)
    await pilot.press("end")


async def test_a_picture_is_opened_under_a_safe_name(make_app: Any, shown: list[Path]) -> None:
    desk = FileDesk()
    desk.with_file(PNG, "../../.ssh/fo\u202eto.exe", "image")
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        assert "PNG · 102 KB" in drawn(pilot)
        await pilot.press("x")
        await until(pilot, lambda: shown)
    (path,) = shown
    assert path.name == "_.._.._.ssh_fo_to.exe.png"
    assert path.read_bytes() == PNG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_small_picture_stands_under_its_message(make_app: Any) -> None:
    image = pytest.importorskip("PIL.Image")
    made = io.BytesIO()
    image.new("RGB", (200, 100), "#336699").save(made, "PNG")
    desk = FileDesk()
    item = desk.with_file(made.getvalue(), "azul.png", "image")
    desk.change(item.message.id, direction=Direction.OUT, status=Status.FAILED)
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await open_first(pilot)
        await until(pilot, lambda: "▀" * 48 in drawn(pilot))
        assert drawn(pilot).rindex("▀") < drawn(pilot).rindex("Try again")
        assert "azul.png" in drawn(pilot)


async def test_what_could_run_something_is_never_opened(make_app: Any, shown: list[Path]) -> None:
    desk = FileDesk()
    desk.with_file(HTML, "photo.jpg")
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        assert "HTML · 40 B" in drawn(pilot)
        await pilot.press("x")
        await until(pilot, lambda: "could run commands" in drawn(pilot))
    assert shown == []


async def test_what_nobody_knows_is_asked_about(make_app: Any, shown: list[Path]) -> None:
    desk = FileDesk()
    desk.with_file(b"PK\x03\x04" + b"\0" * 40, "a.zip")
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        await pilot.press("x")
        await until(pilot, lambda: "A customer sent this file (ZIP)" in drawn(pilot))
        assert shown == []
        await pilot.press("right", "enter")
        await until(pilot, lambda: shown)


async def test_a_file_is_saved_and_replaces_nothing(make_app: Any, tmp_path: Path) -> None:
    desk = FileDesk()
    desk.with_file(PDF, "factura.pdf")
    (tmp_path / "factura.pdf").write_text("mine")
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "Save the file" in drawn(pilot))
        screen = pilot.app.screen
        screen.query_one("#folder").value = "/no/such/folder"
        await pilot.press("enter")
        await until(pilot, lambda: "no such folder" in drawn(pilot))
        screen.query_one("#folder").value = str(tmp_path)
        await pilot.press("enter")
        await until(pilot, lambda: "Saved as" in drawn(pilot))
    assert (tmp_path / "factura.pdf").read_text() == "mine"
    assert (tmp_path / "factura-1.pdf").read_bytes() == PDF


async def test_a_file_that_could_not_be_fetched_says_why_and_is_fetched_again(
    make_app: Any,
) -> None:
    desk = FileDesk()
    problem = MessageError(code="no_answer")
    item = desk.with_media(Media(id="1", state="failed", mime_type="image/png", problem=problem))
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        await until(pilot, lambda: "The provider did not answer" in drawn(pilot))
        await pilot.press("x")
        await until(pilot, lambda: "not here yet" in drawn(pilot))
        await pilot.press("t")
        await until(pilot, lambda: desk.of(FetchAgain))
    assert desk.of(FetchAgain) == [FetchAgain(message_id=item.message.id)]


async def test_a_reaction_is_chosen_by_a_word_or_typed(make_app: Any) -> None:
    desk = FileDesk()
    item = desk.with_file(PDF, "a.pdf")
    async with make_app(desk).run_test(size=WIDE, notifications=True) as pilot:
        await mark_last(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "thumbs up" in drawn(pilot))
        await pilot.press(*"heart", "enter")
        await until(pilot, lambda: desk.sent)
        await pilot.press("e")
        await until(pilot, lambda: "thumbs up" in drawn(pilot))
        await pilot.press("🚀")
        await until(pilot, lambda: "thumbs up" not in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: len(desk.sent) == 2)
    target = item.message.provider_id or ""
    assert [call.content.reaction for call in desk.sent] == [
        Reaction(message_id=target, emoji="❤️"), Reaction(message_id=target, emoji="🚀"),
    ]  # fmt: skip
