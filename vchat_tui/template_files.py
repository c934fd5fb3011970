"""The file of a template's header, on its way from this machine to the server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vchat_tui.attachments import Chosen, Unusable, look_at, upload
from vchat_tui.channels.base import MediaRule
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import Desk, DeskError
from vchat_tui.settings import _
from vchat_tui.text import safe_filename

_AS_IT_IS = "{reason}"
_NO_FIELDS = {ord("{"): "(", ord("}"): ")"}  # a file's name holds no merge fields


async def bring_file(desk: Desk, channel: str, path: str, kind: str) -> str:
    """Brings a file to the server; answers what a template's value calls it.

    Args:
        path: as it was typed; `~` is the person's own folder.
        kind: image, video or document; the file must be one that the channel takes.

    Raises:
        DeskError: it cannot be read, is too large, or is of another kind.
        Disconnected: the server is away.
    """
    try:
        chosen = await asyncio.to_thread(_look_at, path)
        _check(chosen, kind, capabilities(channel).media.get(kind))
        stored = await upload(desk, chosen, lambda _bytes: None)
    except Unusable as error:
        raise DeskError(_AS_IT_IS, reason=str(error)) from None
    return f"{stored.sha256} {safe_filename(chosen.path.name).translate(_NO_FIELDS)}"


def _look_at(path: str) -> Chosen:
    try:
        return look_at(Path(path.strip().strip("'\"")).expanduser())
    except (ValueError, RuntimeError):  # a null character, or nobody's home
        raise DeskError(_("This file cannot be read; check its path.")) from None


def _check(chosen: Chosen, kind: str, rule: MediaRule | None) -> None:
    mime = chosen.type.mime_type
    if rule is None or (rule.mime_types and mime not in rule.mime_types):
        takes = ", ".join(rule.mime_types) if rule else "-"
        raise DeskError(
            _("This file is {mime}; WhatsApp takes here: {known}"), mime=mime, known=takes
        )
    if chosen.size > rule.max_bytes:
        most = rule.max_bytes // (1024 * 1024)
        raise DeskError(_("This file is larger than {limit} MB."), limit=str(most))
