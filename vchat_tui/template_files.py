"""A file of this machine on its way to the server, piece by piece."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vchat_tui.desk.calls import AppendUpload, BeginUpload, Desk, DeskError, FinishUpload
from vchat_tui.desk.calls.files import PIECE
from vchat_tui.i18n import _
from vchat_tui.text import safe_filename


async def bring_file(desk: Desk, path: str, kind: str) -> str:
    """Brings a file to the server; answers what a template's value calls it.

    Args:
        path: as it was typed; `~` is the person's own folder.
        kind: image, video or document; the file must be one.

    Raises:
        DeskError: it cannot be read, or is of another kind.
        Disconnected: the server is away.
    """
    try:
        file, size = await asyncio.to_thread(_look_at, path)
        upload_id = await desk.call(BeginUpload(size=size))
        with file.open("rb") as source:
            offset = 0
            while piece := await asyncio.to_thread(source.read, PIECE):
                call = AppendUpload(upload_id=upload_id, offset=offset, data=piece)
                offset = await desk.call(call)
    except (OSError, ValueError, RuntimeError):
        raise DeskError(_("This file cannot be read; check its path.")) from None
    stored = await desk.call(FinishUpload(upload_id=upload_id))
    if kind != "document" and stored.kind != kind:
        raise DeskError(_("This file is of another kind: {mime}."), mime=stored.mime_type)
    name = safe_filename(file.name).translate({ord("{"): "(", ord("}"): ")"})  # no merge fields
    return f"{stored.sha256} {name}"


def _look_at(path: str) -> tuple[Path, int]:
    """The file that was meant, and its size.

    Raises:
        OSError, ValueError, RuntimeError: there is none.
    """
    file = Path(path.strip().strip("'\"")).expanduser()
    if not file.is_file():
        raise FileNotFoundError(path)
    return file, file.stat().st_size
