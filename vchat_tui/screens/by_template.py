"""Those whom the text of a broadcast cannot reach, as a broadcast with a template."""

from __future__ import annotations

import uuid

from vchat_tui.broadcast_models import Broadcast, BroadcastContent
from vchat_tui.desk.calls import AddRecipients, CreateBroadcast, DeleteBroadcast
from vchat_tui.i18n import _
from vchat_tui.screens.template_form import TemplateValues
from vchat_tui.widgets.console import Console

MAX_NAME = 80  # characters, as the desk takes them


class ByTemplate:
    """A broadcast about to be made of those whose window is closed.

    Args:
        here: the console.
        first: the broadcast that leaves them out.
    """

    def __init__(self, here: Console, first: Broadcast) -> None:
        self._here = here
        self._first = first
        self.made: Broadcast | None = None

    async def take(self, given: TemplateValues) -> None:
        """Makes the draft with the chosen template.

        Raises:
            DeskError: refused; the field names the place of a wrong value.
        """
        first, desk = self._first, self._here.desk
        ending = " · " + _("template")
        values = {place: value for place, value in given.values.items() if value}
        made = await desk.call(
            CreateBroadcast(
                client_id=uuid.uuid4().hex, inbox_id=first.inbox_id, quiet=first.quiet,
                name=first.name[: MAX_NAME - len(ending)] + ending, author=self._here.author,
                content=BroadcastContent(
                    template=given.template.name, language=given.template.language, values=values
                ),
            )
        )  # fmt: skip
        try:
            await desk.call(AddRecipients(broadcast_id=made.id, closed_in=first.id))
        except BaseException:
            await desk.call(DeleteBroadcast(broadcast_id=made.id))
            raise
        self.made = made
