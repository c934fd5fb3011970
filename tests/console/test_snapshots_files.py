"""How the dialogs for files look, at the sizes that matter, in both languages.

After a change that is meant: `pytest --snapshot-update`, and look at every picture that changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import drawn, until
from file_desk import PDF, PNG, FileDesk
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from vchat_tui import i18n
from vchat_tui.attachments import look_at
from vchat_tui.screens import save_file
from vchat_tui.screens.attach import Attach
from vchat_tui.screens.pick_file import PickFile
from vchat_tui.screens.place_form import ContactForm, PlaceForm
from vchat_tui.screens.react import React
from vchat_tui.screens.save_file import SaveFile

SMALL, LARGE = (80, 24), (120, 40)


def folder(place: Path) -> Path:
    (place / "catálogo").mkdir()
    (place / "foto del escaparate.png").write_bytes(PNG)
    (place / "factura 0042.pdf").write_bytes(PDF)
    return place


def attach(desk: FileDesk, place: Path) -> Screen[Any]:
    names = ("foto del escaparate.png", "factura 0042.pdf")
    return Attach(desk.conversations[1], [look_at(folder(place) / name) for name in names[:1]]
                  + [look_at(place / names[1])])  # fmt: skip


def save(desk: FileDesk, place: Path) -> Screen[Any]:
    desk.with_file(PDF, None)
    return SaveFile(desk._stored(next(iter(desk.files))), "../factura.exe")


SCREENS: dict[str, tuple[Callable[[FileDesk, Path], Screen[Any]], str]] = {
    "attach": (attach, "0042"),
    "pick": (lambda desk, place: PickFile(folder(place)), "0042"),
    "save": (save, ".exe.pdf"),
    "react": (lambda desk, place: React(True), "👍"),
    "place": (lambda desk, place: PlaceForm(desk.conversations[1]), "19.4326"),
    "contact": (lambda desk, place: ContactForm(desk.conversations[1]), "Web"),
}
PICTURES = [
    ("attach", SMALL, "es"),
    ("attach", LARGE, "en"),
    ("pick", SMALL, "en"),
    ("save", SMALL, "es"),
    ("react", SMALL, "en"),
    ("place", SMALL, "es"),
    ("contact", LARGE, "en"),
]


@pytest.mark.parametrize(("name", "size", "language"), PICTURES)
def test_picture(
    snap_compare: Callable[..., bool], make_app: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, name: str, size: tuple[int, int], language: str,
) -> None:  # fmt: skip
    i18n.use(language)
    monkeypatch.setattr(save_file, "download_folder", lambda: Path("~/Descargas"))
    desk = FileDesk()
    make, sign = SCREENS[name]
    place = tmp_path / "files"
    place.mkdir()
    screen = make(desk, place)

    async def show(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(screen)
        await until(pilot, lambda: sign in drawn(pilot))
        for box in screen.query(Input):
            box.cursor_blink = False  # a picture does not blink
        await pilot.pause()

    assert snap_compare(make_app(desk), terminal_size=size, run_before=show)
