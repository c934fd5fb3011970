"""How an inbox is connected, step by step, as its channel's row has it."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.channels_shown import CHANNELS, PERMISSIONS
from vchat_tui.i18n import _


def setup_steps(channel: str) -> Content:
    """The steps, in the order in which they work."""
    parts: list[Content] = [Content.styled(_("How to connect it"), "bold")]
    for number, step in enumerate(CHANNELS[channel].steps, 1):
        text = _(step).replace("{permissions}", PERMISSIONS)
        parts.append(Content.assemble((f"{number}. ", "bold"), (text, "")))
    return Content("\n\n").join(parts)
