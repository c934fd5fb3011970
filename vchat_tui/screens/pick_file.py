"""A list of files and folders of this machine, to choose one: typed, or with the arrows.

Names of files are foreign text too: they are shown cleaned, and chosen as they are.
"""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from textual.content import Content
from textual.widgets import Input

from vchat_tui.i18n import _
from vchat_tui.screens.choose import Choose
from vchat_tui.text import clean
from vchat_tui.widgets.describe import size_text

MOST_SHOWN = 200


class PickFile(Choose[Path]):
    """Dismisses with a file, or None.

    Args:
        folder: where to begin.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(_("Part of a name, or a path that begins with / or ~"))
        self._folder = folder

    async def find(self, text: str) -> list[tuple[Path, Content]]:
        """What the folder has whose name begins with, or holds, what was typed."""
        folder, part = self._place(text)
        return await asyncio.to_thread(_listing, folder, part)

    def _place(self, text: str) -> tuple[Path, str]:
        """The folder that is meant, and the beginning of a name in it."""
        head, slash, part = text.rpartition("/")
        if not slash:
            return self._folder, part
        try:
            return self._folder / Path(head + "/").expanduser(), part
        except RuntimeError:  # nobody's home
            return self._folder, part

    def take(self, thing: Path) -> None:
        """Into a folder; a file is the answer."""
        if thing.is_dir():
            self._folder = thing
            typed = self.query_one(Input)
            if typed.value:
                typed.value = ""
            else:
                self.refill("")
        else:
            self.dismiss(thing)


def _listing(folder: Path, part: str) -> list[tuple[Path, Content]]:
    """Folders first, then files, by name; hidden ones only where a dot was typed."""
    sought = part.casefold()
    rows: list[tuple[tuple[bool, bool, str], Path, Content]] = []
    try:
        entries = list(folder.iterdir())
    except (OSError, ValueError):
        return []
    for entry in entries:
        name = entry.name
        folded = name.casefold()
        if sought not in folded or (name.startswith(".") and not sought.startswith(".")):
            continue
        try:
            found = entry.stat()
        except OSError:
            continue
        is_folder = stat.S_ISDIR(found.st_mode)
        if not is_folder and not stat.S_ISREG(found.st_mode):
            continue
        facts = "▸" if is_folder else size_text(found.st_size)
        shown = Content.assemble((f"{facts:>9}  ", "dim"), clean(name, one_line=True))
        rows.append(((not folded.startswith(sought), not is_folder, folded), entry, shown))
    rows.sort(key=lambda row: row[0])
    listed = [(path, shown) for _order, path, shown in rows[:MOST_SHOWN]]
    if folder.parent != folder and not part:
        listed.insert(0, (folder.parent, Content.assemble(("        ◂  ", "dim"), "..")))
    return listed
