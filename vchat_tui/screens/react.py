"""Which emoji to put on a message: a few to choose from, any other typed, or none."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.i18n import _
from vchat_tui.screens.choose import Choose
from vchat_tui.text import clean

NONE = ""


def _names() -> dict[str, str]:
    return {
        "👍": _("thumbs up"),
        "❤️": _("heart"),
        "😂": _("laughing"),
        "🙏": _("thank you"),
        "👏": _("applause"),
        "🎉": _("party"),
        "😮": _("surprised"),
        "😢": _("sad"),
        "✅": _("done"),
        "👀": _("looking at it"),
    }


class React(Choose[str]):
    """Dismisses with an emoji, `NONE` to take ours away, or None.

    Args:
        has_one: there is one of ours to take away.
    """

    def __init__(self, has_one: bool) -> None:
        super().__init__(_("An emoji, or a word for one"))
        self._has_one = has_one

    async def find(self, text: str) -> list[tuple[str, Content]]:
        """Those whose name holds what was typed; what was typed, where it is none of letters."""
        sought = clean(text.strip(), one_line=True)
        found = [
            (emoji, Content.assemble(emoji, ("  " + name, "dim")))
            for emoji, name in _names().items()
            if sought.casefold() in name or sought == emoji
        ]
        if self._has_one and not sought:
            found.insert(0, (NONE, Content(_("Take our reaction away"))))
        if sought and not found and not any(character.isalnum() for character in sought):
            found.append((sought, Content(sought)))
        return found
