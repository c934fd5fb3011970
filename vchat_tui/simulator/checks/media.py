"""Media in a message: an uploaded id or a public link, never both."""

from __future__ import annotations

from typing import Any

from vchat_tui.simulator.checks.fields import only, text
from vchat_tui.simulator.errors import GraphError

# What each kind may carry beside its id or link.
_EXTRAS: dict[str, frozenset[str]] = {
    "image": frozenset({"caption"}),
    "video": frozenset({"caption"}),
    "audio": frozenset({"voice"}),
    "document": frozenset({"caption", "filename"}),
    "sticker": frozenset(),
}


def check_media(content: dict[str, Any], kind: str, where: str = "") -> None:
    """Check a media object.

    Args:
        kind: image, video, audio, document or sticker.
        where: the path of the object that holds it, with a dot at its end.

    Raises:
        GraphError: 100, 131008 or 131009.
    """
    where = f"{where}{kind}."
    only(content, where, _EXTRAS[kind] | {"id", "link"})
    if (content.get("id") is None) == (content.get("link") is None):
        raise GraphError(131009, f"{where}id or {where}link is required, and not both")
    media_id = text(content, "id", where, most=64, required=False)
    if media_id is not None and not (media_id.isascii() and media_id.isdigit()):
        raise GraphError(131009, f"{where}id is not a valid media id")
    link = text(content, "link", where, most=2048, required=False)
    if link is not None and not link.startswith(("https://", "http://")):
        raise GraphError(131009, f"{where}link is not a valid URL")
    text(content, "caption", where, most=1024, required=False)
    text(content, "filename", where, most=240, required=False)
    if not isinstance(content.get("voice", False), bool):
        raise GraphError(131009, f"{where}voice must be true or false")
