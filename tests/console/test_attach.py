"""Attaching files: chosen from a list, pasted as a path, checked before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, open_screen, type_text, until
from file_desk import PDF, PNG, FileDesk
from hostile_names import FILE_NAMES
from msgspec.structs import replace
from test_chat import open_first
from textual import events
from textual.pilot import Pilot

from vchat_tui import attachments
from vchat_tui.attachments import look_at
from vchat_tui.desk.calls import AppendUpload, DeskError, ListInboxes, Reply, Send
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.screens.attach import Attach
from vchat_tui.screens.pick_file import PickFile
from vchat_tui.screens.place_form import ContactForm, PlaceForm

WIDE, SMALL = (120, 40), (80, 24)


@pytest.fixture
def desk() -> FileDesk:
    return FileDesk()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a picture, a document and a folder, from which the console was started."""
    place = tmp_path / "here"
    place.mkdir()
    (place / "foto.png").write_bytes(PNG)
    (place / "factura.pdf").write_bytes(PDF)
    (place / "vacío.txt").write_bytes(b"")
    (place / "más").mkdir()
    (place / "más" / "nota.txt").write_text("hola")
    monkeypatch.chdir(place)
    return place


async def test_a_file_from_the_list_with_a_caption(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    async with make_app(desk).run_test(size=SMALL) as pilot:
        await open_first(pilot)
        await pilot.press("f7")
        await until(pilot, lambda: "factura.pdf" in drawn(pilot))
        await pilot.press(*"foto", "enter")
        await until(pilot, lambda: "PNG · 102 KB · foto.png" in drawn(pilot))
        await type_text(pilot, "mire")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.sent)
        await until(pilot, lambda: not isinstance(pilot.app.screen, Attach))
    (call,) = desk.sent
    (file,) = call.content.media
    assert (call.content.type, call.content.text) == ("image", "mire")
    assert desk.files[file.sha256 or ""] == PNG
    assert (file.filename, file.size, file.mime_type) == ("foto.png", len(PNG), "image/png")
    pieces = desk.of(AppendUpload)
    assert len(pieces) == -(-len(PNG) // PIECE)


async def test_several_files_are_several_messages(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    async with make_app(desk).run_test(size=WIDE) as pilot:
        chosen = [look_at(folder / "foto.png")]
        dialog = Attach(desk.conversations[1], chosen, reply_to=7)
        results = await open_screen(pilot, dialog, "foto.png")
        await pilot.press("f7")
        await until(pilot, lambda: "más" in drawn(pilot))
        await pilot.press(*"fact", "enter")
        await until(pilot, lambda: "factura.pdf" in drawn(pilot))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: results)
    assert results == [True]
    assert [call.content.type for call in desk.sent] == ["image", "document"]
    assert [call.reply_to for call in desk.sent] == [7, None]
    assert len({call.client_id for call in desk.sent}) == 2


async def test_what_the_channel_would_refuse_is_said_before_anything_leaves(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    async with make_app(desk).run_test(size=WIDE) as pilot:
        dialog = Attach(desk.conversations[1], [look_at(folder / "factura.pdf")])
        results = await open_screen(pilot, dialog, "factura.pdf")
        dialog.query_one("Select").value = "image"
        await until(pilot, lambda: "only: jpeg, png" in drawn(pilot))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not desk.uploads and not results
        dialog.query_one("Select").value = "document"
        await until(pilot, lambda: "only: jpeg" not in drawn(pilot))
        dialog.query_one(".caption").value = "x" * 1025
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not desk.uploads
        dialog.query_one(".caption").value = "x" * 1024
        await pilot.press("ctrl+s")
        await until(pilot, lambda: results)


async def test_a_refusal_keeps_what_was_typed_and_the_same_id(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    async with make_app(desk).run_test(size=WIDE) as pilot:
        dialog = Attach(desk.conversations[1], [look_at(folder / "factura.pdf")])
        results = await open_screen(pilot, dialog, "factura.pdf")
        await type_text(pilot, "aquí")
        desk.refuse[Send] = DeskError("The disk is full")
        await pilot.press("enter")
        await until(pilot, lambda: "The disk is full" in drawn(pilot))
        assert "aquí" in drawn(pilot)
        desk.refuse.clear()
        await pilot.press("enter")
        await until(pilot, lambda: results)
    first, second = desk.of(Send)
    assert first == second


async def test_a_picture_that_is_too_large_goes_as_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG.ljust(6 * 1024 * 1024, b"\0"))
    chosen = look_at(path)
    assert attachments.best_kind("whatsapp_cloud", chosen) == "document"
    assert attachments.problem_of("whatsapp_cloud", chosen, "image", "") is not None


async def paste(pilot: Pilot[Any], text: str) -> None:
    pilot.app.focused.post_message(events.Paste(text))  # type: ignore[union-attr]
    await pilot.pause()


async def test_a_pasted_path_is_attached_or_is_text(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    async with make_app(desk).run_test(size=WIDE) as pilot:
        screen = await open_first(pilot)
        await paste(pilot, f"file://{folder}/m%C3%A1s/nota.txt\n")
        await until(pilot, lambda: "Attach nota.txt?" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "nota.txt" in screen.chat.composer.editor.text)
        screen.chat.composer.editor.text = ""
        await paste(pilot, f"'{folder}/foto.png' {folder}/factura.pdf")
        await until(pilot, lambda: "Attach foto.png, factura.pdf?" in drawn(pilot))
        await pilot.press("right", "enter")
        await until(pilot, lambda: "PDF · 2 KB · factura.pdf" in drawn(pilot))
        assert screen.chat.composer.editor.text == ""
        await pilot.press("escape")
        await paste(pilot, "/no/such/file.png")
        await until(pilot, lambda: "/no/such" in screen.chat.composer.editor.text)
    assert desk.of(Reply) == []


async def test_names_of_files_are_hostile_too(
    make_app: Any, desk: FileDesk, tmp_path: Path
) -> None:
    made = 0
    for number, name in enumerate(FILE_NAMES):
        try:
            (tmp_path / f"{number}{name.replace('/', '_')}"[:60]).write_bytes(b"hola")
            made += 1
        except (OSError, ValueError):
            continue
    assert made > 40
    async with make_app(desk).run_test(size=WIDE) as pilot:
        await open_screen(pilot, PickFile(tmp_path), "4 B")
        assert "\x1b" not in drawn(pilot)


async def test_what_is_no_file_is_not_offered(make_app: Any, desk: FileDesk, folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    (folder / "nowhere.txt").symlink_to(folder / "gone")
    async with make_app(desk).run_test(size=WIDE) as pilot:
        results = await open_screen(pilot, PickFile(folder), "foto.png")
        assert "pipe" not in drawn(pilot) and "nowhere" not in drawn(pilot)
        await pilot.press(*"más", "enter")
        await until(pilot, lambda: "nota.txt" in drawn(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: results)
    assert results == [folder / "más" / "nota.txt"]
    for name in ("pipe.txt", "nowhere.txt", "más", "vacío.txt"):
        with pytest.raises(attachments.Unusable):
            look_at(folder / name)


async def test_a_place_and_a_card(make_app: Any, desk: FileDesk) -> None:
    async with make_app(desk).run_test(size=WIDE) as pilot:
        form = PlaceForm(desk.conversations[1])
        await open_screen(pilot, form, "Latitude")
        form.query_one("#row-coordinates Input").value = "19.4, -190"
        form.query_one("#row-address Input").value = "Av. Juárez 1"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗" in drawn(pilot))
        assert desk.sent == []
        form.query_one("#row-coordinates Input").value = "19.4326, -99.1332"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "only together with a name" in drawn(pilot))
        form.query_one("#row-name Input").value = "Tienda"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: desk.sent)

        card = ContactForm(desk.conversations[1])
        await open_screen(pilot, card, "Phone numbers")
        card.query_one("#row-first_name Input").value = "Ana"
        card.query_one("#row-phones TextArea").text = "+52 55 1234 5678"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(desk.sent) == 2)
    place, people = (call.content for call in desk.sent)
    assert place.location == {
        "latitude": 19.4326, "longitude": -99.1332, "name": "Tienda", "address": "Av. Juárez 1",
    }  # fmt: skip
    (person,) = people.contacts
    assert person["name"] == {"formatted_name": "Ana", "first_name": "Ana"}
    assert person["phones"] == [{"phone": "+525512345678", "type": "CELL", "wa_id": "525512345678"}]


async def test_it_says_where_an_sms_carries_links_and_no_files(
    make_app: Any, desk: FileDesk, folder: Path
) -> None:
    told = "the customer gets a link to each file"
    here = replace(desk.conversations[1], channel="sms_twilio", inbox_id=1)
    async with make_app(desk).run_test(size=SMALL) as pilot:
        for number, links in (("+34611000001", True), ("+14155550123", False)):
            desk.inboxes[1] = replace(
                desk.inboxes[1], channel="sms_twilio", settings={"sender": "+15005550006"}
            )
            there = replace(here, address=number.removeprefix("+"))
            await open_screen(pilot, Attach(there, [look_at(folder / "foto.png")]), "foto.png")
            await until(pilot, lambda: desk.of(ListInboxes))
            how = [worker for worker in pilot.app.workers if worker.group == "how"]
            await until(pilot, lambda how=how: all(worker.is_finished for worker in how))
            await pilot.pause()
            shown = " ".join(drawn(pilot).split())
            assert (told in shown) is links
            await pilot.press("escape")
