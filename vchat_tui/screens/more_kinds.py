"""What can be sent besides text: one table of entries, and the menu made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.content import Content

from vchat_tui.channels.registry import capabilities
from vchat_tui.i18n import _
from vchat_tui.models import Conversation
from vchat_tui.screens.choose import Choose
from vchat_tui.screens.interactive_form import InteractiveForm
from vchat_tui.screens.interactive_kinds import KINDS
from vchat_tui.screens.place_form import CARD, PLACE, ContactForm, PlaceForm
from vchat_tui.screens.send_form import SendForm
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import window_open

Make = Callable[[Conversation], SendForm]


@dataclass(frozen=True)
class Entry:
    """A kind of message, and the screen where it is made.

    Attributes:
        label: a message id, a few words.
        help: a message id, one sentence.
        kind: the type of content that the channel must be able to send.
        interactive: of interactive messages, which.
        screen: makes the screen for a conversation; it sends, and dismisses with nothing.
    """

    label: str
    help: str
    kind: str
    screen: Make
    interactive: str = ""


def _interactive(kind_id: str) -> Make:
    return lambda conversation: InteractiveForm(conversation, KINDS[kind_id])


ENTRIES: tuple[Entry, ...] = (
    Entry(*PLACE, "location", PlaceForm),
    Entry(*CARD, "contacts", ContactForm),
    *(
        Entry(kind.label, kind.help, "interactive", _interactive(kind_id), kind_id)
        for kind_id, kind in KINDS.items()
    ),
)


def offered(conversation: Conversation) -> list[Entry]:
    """What the conversation's channel can send."""
    able = capabilities(conversation.channel)
    as_text = able.interactive_as_text
    return [
        entry
        for entry in ENTRIES
        if entry.kind in able.kinds
        and (not as_text or not entry.interactive or entry.interactive in as_text)
    ]


class MoreKinds(Choose[Entry]):
    """Dismisses with an entry, or None.

    Args:
        entries: those that the channel can send.
    """

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(_("What to send?"))
        self._entries = entries

    async def find(self, text: str) -> list[tuple[Entry, Content]]:
        """Those whose words hold what was typed."""
        sought = text.strip().casefold()
        return [
            (entry, Content.assemble((_(entry.label), "bold"), (f"  {_(entry.help)}", "dim")))
            for entry in self._entries
            if sought in f"{_(entry.label)} {_(entry.help)}".casefold()
        ]


async def offer(app: App[Any], conversation: Conversation, reply_to: int | None = None) -> None:
    """Asks what to send and opens its screen. All these kinds need an open window. From a worker.

    Args:
        reply_to: the message that it answers.
    """
    here = console(app.screen)
    entries = offered(conversation)
    if not entries:
        here.say(_("This channel sends text only."), severity="warning")
    elif not window_open(conversation, here.clock):
        here.say(_("The window is closed: only a template may be sent now."), severity="warning")
    elif (chosen := await app.push_screen_wait(MoreKinds(entries))) is not None:
        screen = chosen.screen(conversation)
        screen.reply_to = reply_to
        await app.push_screen_wait(screen)
