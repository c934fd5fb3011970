"""Which channel a new inbox is of."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.channels_shown import CHANNELS
from vchat_tui.fold import fold_key
from vchat_tui.i18n import _
from vchat_tui.screens.choose import Choose
from vchat_tui.settings import CHANNEL_FIELDS


class ChooseChannel(Choose[str]):
    """Dismisses with the channel, None where none was chosen."""

    def __init__(self) -> None:
        super().__init__(_("Which channel?"))

    async def find(self, text: str) -> list[tuple[str, Content]]:
        """The channels whose name or description has what is typed."""
        wanted = fold_key(text)
        rows = [(channel, CHANNELS[channel]) for channel in CHANNEL_FIELDS]
        return [
            (
                channel,
                Content.assemble((shown.name, "bold"), "\n", (f"  {_(shown.what)}", "dim")),
            )
            for channel, shown in rows
            if wanted in fold_key(f"{shown.name} {_(shown.what)}")
        ]
