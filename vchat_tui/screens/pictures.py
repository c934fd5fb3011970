"""Brings small pictures into the timeline: each file is read from the desk and decoded once."""

from __future__ import annotations

import shutil
from collections import OrderedDict

from textual.content import Content

from vchat_tui import opening, thumbnails
from vchat_tui.desk.calls import Desk, GetFile
from vchat_tui.models import Media
from vchat_tui.widgets.message_view import MessageView
from vchat_tui.widgets.picture import HEIGHT, WIDTH, draw

KINDS = ("image", "sticker")
LARGEST = 5 * 1024 * 1024  # bytes, of what is read over the link for a picture the size of a stamp
NEWEST = 20  # messages from the end of the timeline that are looked at
KEPT = 100


class Pictures:
    """What was decoded, by hash; None where a file gave no picture."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Content | None] = OrderedDict()

    async def show(self, desk: Desk, views: list[MessageView]) -> None:
        """Put pictures into the newest of these messages that have one."""
        for view in reversed(views[-NEWEST:]):
            message = view.item.message
            for file in message.media:
                if message.type in KINDS and file.state == "ready" and not view.has_picture:
                    picture = await self._picture(desk, file)
                    if picture is not None and view.is_mounted:
                        view.show_picture(picture)

    async def _picture(self, desk: Desk, file: Media) -> Content | None:
        if file.sha256 is None or (file.size or 0) > LARGEST:
            return None
        if file.sha256 not in self._known:
            self._known[file.sha256] = await _decoded(desk, file.sha256)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[file.sha256]


async def _decoded(desk: Desk, sha256: str) -> Content | None:
    folder = opening.private_folder()
    try:
        stored = await desk.call(GetFile(sha256=sha256))
        path = await opening.save(desk, stored, folder, f"picture.{stored.extension}")
        pixels = await thumbnails.make(path, WIDTH, HEIGHT)
        return draw(pixels) if pixels is not None else None
    except OSError:
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
