"""Giving a customer's file to a person: saved under a safe name, or opened by the system's viewer.

The customer's name for it decides nothing: the ending is that of what the bytes are, and what may
run a stranger's commands is never handed to a viewer.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from vchat_tui.desk.calls import Desk, ReadFile, StoredFile
from vchat_tui.file_types import HARMLESS, REFUSED
from vchat_tui.text import SafeText, safe_filename

_MOST_NUMBERS = 1000
_PLACES = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"


class NoViewer(Exception):
    """This machine has no program that opens files for others."""


def export_name(filename: str | None, stored: StoredFile) -> SafeText:
    """A safe name that ends as the bytes are, whatever ending the customer gave it."""
    name = safe_filename(filename or stored.kind)
    ending = f".{stored.extension}"
    return name if name.lower().endswith(ending) else safe_filename(name + ending)


def is_refused(stored: StoredFile) -> bool:
    """It may run commands when it is opened: it can only be saved."""
    return stored.mime_type in REFUSED


def needs_question(stored: StoredFile) -> bool:
    """It is none of what viewers show without running something in it."""
    return stored.mime_type not in HARMLESS


def create(folder: Path, name: str) -> tuple[int, Path]:
    """A new, empty file of this safe name, numbered where there is one; it replaces nothing.

    Returns:
        Its descriptor and its path.

    Raises:
        OSError: the folder takes none.
    """
    stem, dot, ending = name.rpartition(".")
    for number in range(_MOST_NUMBERS):
        tried = name if not number else f"{stem or ending}-{number}{dot if stem else ''}"
        tried += ending if number and stem else ""
        path = folder / tried
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            return os.open(path, flags, 0o600), path
        except FileExistsError:
            continue
    raise FileExistsError(f"{folder} has a thousand files of this name")


async def save(desk: Desk, stored: StoredFile, folder: Path, name: str) -> Path:
    """Writes a file of the home to a folder of this machine; answers its path.

    Raises:
        OSError: it cannot be written.
        DeskError, Disconnected: it cannot be read.
    """
    descriptor, path = create(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            while piece := await desk.call(ReadFile(sha256=stored.sha256, offset=file.tell())):
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def private_folder() -> Path:
    """A new folder for what is only looked at; the system clears it away some day."""
    return Path(tempfile.mkdtemp(prefix="vchat-"))


def show(path: Path) -> None:
    """Hands a file to the system's viewer, as one argument, without a shell.

    Raises:
        NoViewer: there is no such program, or no screen to show it on.
    """
    program = "open" if sys.platform == "darwin" else "xdg-open"
    opener = shutil.which(program, path=_PLACES)
    graphical = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if opener is None or not graphical:
        raise NoViewer
    subprocess.Popen(
        [opener, str(path.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def download_folder() -> Path:
    """Where people look for what they saved."""
    for folder in (Path.home() / "Downloads", Path.home() / "Descargas"):
        if folder.is_dir():
            return folder
    return Path.home()


def usable_folder(typed: str) -> Path | None:
    """The folder that a person typed; None where there is none."""
    try:
        folder = Path(typed.strip() or ".").expanduser()
        return folder if stat.S_ISDIR(folder.stat().st_mode) else None
    except (OSError, ValueError, RuntimeError):
        return None
