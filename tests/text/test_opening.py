"""Files of customers on our disk: under safe names, in no other place, replacing nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hostile_names import FILE_NAMES
from hypothesis import given
from test_names_and_links import NAMES, check_name

from vchat_tui import opening
from vchat_tui.desk.calls import StoredFile

PDF = StoredFile(
    sha256="0" * 64, size=1, mime_type="application/pdf", extension="pdf", kind="document"
)


def test_there_are_enough_hostile_names() -> None:
    assert len(set(FILE_NAMES)) >= 72


def check_export(name: str, folder: Path) -> None:
    safe = opening.export_name(name, PDF)
    check_name(safe)
    assert safe.lower().endswith(".pdf")
    made = []
    for _ in range(2):
        descriptor, path = opening.create(folder, safe)
        os.close(descriptor)
        assert path.parent == folder and path.resolve().parent == folder.resolve()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        made.append(path)
    assert made[0] != made[1]
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("name", FILE_NAMES)
def test_hostile_names_are_saved_beside_each_other(name: str, tmp_path: Path) -> None:
    check_export(name, tmp_path)


@given(NAMES)
def test_any_name_is_saved(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_export(name, Path(folder))


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "victim"
    (tmp_path / "a.pdf").symlink_to(target)
    descriptor, path = opening.create(tmp_path, "a.pdf")
    os.close(descriptor)
    assert path.name == "a-1.pdf"
    assert not target.exists()


def test_the_viewer_gets_one_argument_and_no_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[Any] = []

    def start(arguments: Any, **more: Any) -> None:
        started.append((arguments, more.get("shell", False)))

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(opening.shutil, "which", lambda name, path: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "Popen", start)
    path = tmp_path / "_-rf; $(id).png"
    opening.show(path)
    (((program, argument), shell),) = started
    assert Path(program).is_absolute() and argument == str(path) and not shell


def test_without_a_screen_there_is_no_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(opening.NoViewer):
        opening.show(Path("/tmp/a.png"))
