"""What WhatsApp takes, checked before anything leaves: limits kind by kind.

Facts from Meta's pages "Messages" and "Interactive messages" of the WhatsApp Business Platform.
"""

from __future__ import annotations

from vchat_tui.channels.base import MediaRule, Problem
from vchat_tui.models import Content
from vchat_tui.settings import _

MAX_TEXT = 4096

_MB = 1024 * 1024
MEDIA = {
    "image": MediaRule(max_bytes=5 * _MB, mime_types=("image/jpeg", "image/png"), caption=True),
    "video": MediaRule(max_bytes=16 * _MB, mime_types=("video/mp4", "video/3gpp"), caption=True),
    "audio": MediaRule(
        max_bytes=16 * _MB,
        mime_types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    ),
    "document": MediaRule(max_bytes=100 * _MB, caption=True),
    "sticker": MediaRule(max_bytes=500 * 1024, mime_types=("image/webp",)),
}
"""Which files each kind takes."""


def check_content(content: Content) -> Problem | None:
    """The first thing that Meta would refuse; None where there is none."""
    if content.type == "text":
        return _check_text(content.text or "")
    part = "media" if content.type in MEDIA else content.type
    if not getattr(content, part, None):
        return Problem(field="type", message=_("This kind of message cannot be sent here."))
    return None


def _check_text(text: str) -> Problem | None:
    if not text.strip():
        return Problem(field="text", message=_("The message is empty."))
    if len(text) > MAX_TEXT:
        return Problem(
            field="text",
            message=_("The message has {length} characters; at most {limit} are allowed here."),
            values={"length": str(len(text)), "limit": str(MAX_TEXT)},
        )
    return None
