"""Go to a conversation by a few letters of a name, a number or an e-mail address."""

from __future__ import annotations

from textual.content import Content

from vchat_tui.desk.calls import ConversationFilter, ListConversations
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, Folder
from vchat_tui.phones import pretty
from vchat_tui.screens.choose import Choose
from vchat_tui.text import clean
from vchat_tui.widgets.console import console

SHOWN = 20


class GoTo(Choose[int]):
    """Dismisses with the id of a conversation, or None."""

    def __init__(self) -> None:
        super().__init__(_("Name, number or e-mail"))

    async def find(self, text: str) -> list[tuple[int, Content]]:
        """Conversations of the inbox, then archived ones."""
        rows: list[Conversation] = []
        for folder in (Folder.INBOX, Folder.ARCHIVE):
            page = await console(self).desk.call(
                ListConversations(
                    filter=ConversationFilter(folder=folder, text=text.strip()), limit=SHOWN
                )
            )
            rows += page.rows
        return [(row.id, self._line(row)) for row in rows[:SHOWN]]

    def _line(self, row: Conversation) -> Content:
        when = console(self).clock.short(row.last_message_at) if row.last_message_at else ""
        mark = "●" if row.unread else " "
        number = f"  {pretty(row.address or '')}"
        if number.strip() == row.title:  # who has no name is called by it
            number = ""
        return Content.assemble(
            (f"{mark} ", "$text-accent"),
            (f"{when:>7}  ", "dim"),
            (clean(row.title, one_line=True), "bold"),
            (number, "dim"),
        )
