"""Dialogs that end in a conversation: choose one of several, or begin one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.desk.calls import ListInboxes, StartConversation
from vchat_tui.i18n import _
from vchat_tui.models import Conversation, Inbox, User, UserCard
from vchat_tui.phones import PhoneError, to_e164
from vchat_tui.screens.form import CleanInput
from vchat_tui.screens.page import MUTED, Dialog, line, problem_line, problems, show_problem
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import inbox_name, whose


def conversation_line(conversation: Conversation, when: str) -> Content:
    """A conversation as one line: inbox, time, last words."""
    return Content.assemble(
        (inbox_name(conversation), "bold"),
        (f"  {when}  ", MUTED),
        (f"→ {owner}  " if (owner := whose(conversation)) else "", MUTED),
        clean(conversation.last_text or "", one_line=True),
    )


def _shown_name(inbox: Inbox) -> str:
    return clean(inbox.settings.get("display_name") or inbox.name, one_line=True)


class ChooseConversationDialog(Dialog[int | None]):
    """One of several conversations; dismisses with its id.

    Args:
        whose: the name of the customer.
        conversations: what there is to choose from.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, whose: str, conversations: Sequence[Conversation]) -> None:
        super().__init__()
        self._whose = whose
        self._conversations = conversations

    def compose(self) -> ComposeResult:
        """Whose conversations, and which."""
        clock = console(self).clock
        with Vertical(id="dialog"):
            yield line(
                _("Conversations of {name}").format(name=clean(self._whose, one_line=True)),
                classes="title",
            )
            yield OptionList(
                *(
                    Option(
                        conversation_line(
                            row, clock.short(row.last_message_at) if row.last_message_at else ""
                        ),
                        id=str(row.id),
                    )
                    for row in self._conversations
                ),
                compact=True,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """One was chosen."""
        self.dismiss(int(event.option_id or 0))


class StartConversationDialog(Dialog[int | None]):
    """Begin a conversation with a user, or with a typed number; dismisses with its id.

    Args:
        user: with whom; None: a phone number is asked for.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        self._user = user
        self._inboxes: tuple[Inbox, ...] = ()

    def compose(self) -> ComposeResult:
        """With whom, and from which of our numbers."""
        with Vertical(id="dialog"):
            yield line(_("New conversation"), classes="title")
            if self._user is None:
                yield line(_("Phone number, with country code"))
                yield CleanInput(placeholder="+52 55 1234 5678", id="phone", compact=True)
            else:
                yield line(clean(self._user.name, one_line=True))
            yield line("", id="inboxes-label", classes="hint")
            yield OptionList(id="inboxes", compact=True)
            yield problem_line()
            with Horizontal(classes="buttons"):
                yield Button(Content(_("Cancel")), id="cancel", compact=True)
                yield Button(Content(_("Start")), id="start", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Ask which numbers we have."""
        self.load()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Show our numbers to choose from; the first is marked."""
        with problems(self):
            self._inboxes = await console(self).desk.call(ListInboxes())
            options = self.query_one("#inboxes", OptionList)
            options.add_options(
                Option(Content(_shown_name(inbox)), id=str(inbox.id)) for inbox in self._inboxes
            )
            options.highlighted = self._default_place() if self._inboxes else None
            label = _("From") if self._inboxes else ""
            self.query_one("#inboxes-label", Static).update(Content(label))
            if not self._inboxes:
                show_problem(self, _("There is no number to write from yet: add one in Settings."))

    def _default_place(self) -> int:
        """Where the inbox stands that new conversations use."""
        for place, inbox in enumerate(self._inboxes):
            if inbox.settings.get("default_outbound"):
                return place
        return 0

    def on_input_submitted(self) -> None:
        """Enter in the number."""
        self.start()

    def on_option_list_option_selected(self) -> None:
        """Enter on one of our numbers."""
        self.start()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or leave it."""
        if event.button.id == "start":
            self.start()
        else:
            self.dismiss(None)

    @work(group="start", exclusive=True, exit_on_error=False)
    async def start(self) -> None:
        """Open the conversation; what was typed stays where the desk refuses it."""
        place = self.query_one("#inboxes", OptionList).highlighted
        if place is None:
            return
        address = None
        if self._user is None:
            try:
                address = to_e164(self.query_one("#phone", CleanInput).value)
            except PhoneError as error:
                show_problem(self, _(error.message).format(**error.values))
                self.query_one("#phone").focus()
                return
        with problems(self):
            conversation = await console(self).desk.call(
                StartConversation(
                    inbox_id=self._inboxes[place].id,
                    user_id=self._user.id if self._user else None,
                    address=address,
                )
            )
            self.dismiss(conversation.id)


async def choose_conversation(app: App[Any], card: UserCard) -> int | None:
    """The conversation of a user: the only one, the chosen one, or a new one. From a worker."""
    if len(card.conversations) == 1:
        return card.conversations[0].id
    dialog = (
        ChooseConversationDialog(card.user.name, card.conversations)
        if card.conversations
        else StartConversationDialog(card.user)
    )
    return await app.push_screen_wait(dialog)
