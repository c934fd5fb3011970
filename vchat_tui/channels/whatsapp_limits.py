"""What WhatsApp takes, checked before anything leaves: limits kind by kind.

Facts from Meta's pages "Messages" and "Interactive messages" of the WhatsApp Business Platform.
"""

from __future__ import annotations

from vchat_tui.channels.base import Problem
from vchat_tui.models import Content
from vchat_tui.settings import _

MAX_TEXT = 4096


def check_content(content: Content) -> Problem | None:
    """The first thing that Meta would refuse; None where there is none."""
    if content.type != "text":
        return Problem(field="type", message=_("This kind of message cannot be sent here."))
    return _check_text(content.text or "")


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
