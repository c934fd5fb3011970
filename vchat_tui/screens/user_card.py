"""One customer: details, the addresses that channels know them by, conversations; and edit."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from vchat_tui.actions import bindings
from vchat_tui.clock import Clock
from vchat_tui.desk.calls import DeskError, GetConversation, GetUser, SaveUser, SetOptOut
from vchat_tui.events import Event, ManyChanged, UserChanged
from vchat_tui.i18n import _
from vchat_tui.models import Identity, User, UserCard
from vchat_tui.phones import pretty
from vchat_tui.screens.confirm import leave_question
from vchat_tui.screens.form import Form
from vchat_tui.screens.page import MUTED, Dialog, line, problem_line, problems, refusal
from vchat_tui.screens.start import choose_conversation, conversation_line
from vchat_tui.settings import Field
from vchat_tui.text import clean
from vchat_tui.widgets.console import console
from vchat_tui.widgets.describe import phone_line
from vchat_tui.widgets.key_bar import KeyBar


def edit_fields() -> tuple[Field, ...]:
    """What may be changed of a user, as a table for the form."""
    return (
        Field(key="name", label=_("Name"), help=_("How the console calls them"), required=True),
        Field(key="phone", label=_("Phone"), help=_("With country code: +52 55 1234 5678")),
        Field(key="email", label=_("E-mail"), help=_("For notices and search")),
        Field(key="language", label=_("Language"), help=_("For example es or en_US")),
    )


class EditUserDialog(Dialog[bool]):
    """Change details; dismisses with True once they are saved.

    Args:
        user: as the desk knows them now.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "user_card.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False),
        Binding("ctrl+s", "save", show=False, priority=True),
    ]

    def __init__(self, user: User) -> None:
        super().__init__()
        self._user = user

    def compose(self) -> ComposeResult:
        """The form and its buttons."""
        user = self._user
        values = {
            "name": user.name,
            "phone": user.phone,
            "email": user.email,
            "language": user.language,
        }
        with Vertical(id="dialog"):
            yield line(_("Edit details"), classes="title")
            yield Form(edit_fields(), values)
            yield problem_line()
            with Horizontal(classes="buttons"):
                yield Button(Content(_("Cancel")), id="cancel", compact=True)
                yield Button(Content(_("Save")), id="save", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Start in the name."""
        self.query_one(Form).focus_first()

    def on_input_submitted(self) -> None:
        """Enter saves."""
        self.action_save()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save, or leave it."""
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_cancel()

    @work(group="cancel", exclusive=True, exit_on_error=False)
    async def action_cancel(self) -> None:
        """Leave; unsaved changes ask first."""
        if self.query_one(Form).changed and not await self.app.push_screen_wait(leave_question()):
            return
        self.dismiss(False)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Send what was changed; a refusal stands at its row, and all that was typed stays."""
        form = self.query_one(Form)
        if not form.check():
            return
        changes: dict[str, Any] = form.changes()
        with problems(self):
            try:
                if changes:
                    await console(self).desk.call(SaveUser(user_id=self._user.id, **changes))
            except DeskError as error:
                if not form.show_problem(error.field, refusal(error)):
                    raise
                return
            self.dismiss(True)


class UserCardScreen(Dialog[int | None]):
    """All that we know of a user; dismisses with a conversation to open, or None.

    Args:
        user_id: who.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "user_card.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("user_card")]

    def __init__(self, user_id: int) -> None:
        super().__init__()
        self._user_id = user_id
        self._card: UserCard | None = None

    def compose(self) -> ComposeResult:
        """Name, facts, conversations; filled in once the desk answered."""
        with Vertical(id="dialog"):
            yield line("…", id="name", classes="title")
            with VerticalScroll(id="facts", can_focus=False):
                yield line("", id="details")
                yield line(_("Addresses"), classes="heading")
                yield line("", id="identities")
            yield line(_("Conversations"), classes="heading")
            yield OptionList(id="conversations", compact=True)
            yield problem_line()
            with Horizontal(classes="buttons"):
                yield Button(Content(_("Close")), id="close", compact=True)
                yield Button(Content(_("Edit")), id="edit", variant="primary", compact=True)
        yield KeyBar("user_card")

    def on_mount(self) -> None:
        """Read the card."""
        self.load()

    def on_desk_event(self, event: Event) -> None:
        """They changed, or more than events name."""
        ours = isinstance(event, UserChanged) and event.user_id == self._user_id
        if ours or isinstance(event, ManyChanged):
            self.load()

    @work(group="load", exclusive=True, exit_on_error=False)
    async def load(self) -> None:
        """Read the card and draw it."""
        with problems(self):
            self._card = await console(self).desk.call(GetUser(user_id=self._user_id))
            self._draw(self._card, console(self).clock)

    def _draw(self, card: UserCard, clock: Clock) -> None:
        self.query_one("#name", Static).update(Content(clean(card.user.name, one_line=True)))
        self.query_one("#details", Static).update(details(card.user, clock))
        identities = [identity_line(identity) for identity in card.identities]
        self.query_one("#identities", Static).update(Content("\n").join(identities))
        options = self.query_one("#conversations", OptionList)
        options.clear_options()
        for row in card.conversations:
            when = clock.short(row.last_message_at) if row.last_message_at else ""
            options.add_option(Option(conversation_line(row, when), id=str(row.id)))
        if card.conversations:
            options.highlighted = 0
        else:
            options.add_option(Option(Content(_("none yet")), disabled=True))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a conversation."""
        self.dismiss(int(event.option_id or 0))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Edit, or close."""
        if event.button.id == "edit":
            self.action_edit()
        else:
            self.dismiss(None)

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Correct the details, then show them."""
        if self._card is None:
            return
        if await self.app.push_screen_wait(EditUserDialog(self._card.user)):
            self.load()

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def action_template(self) -> None:
        """Send a template, in the conversation that the person chooses, also in a new one."""
        from vchat_tui.screens.send_template import send_template  # only when asked for

        if self._card is None:
            return
        conversation_id = await choose_conversation(self.app, self._card)
        if conversation_id is None:
            return
        with problems(self):
            conversation = await console(self).desk.call(
                GetConversation(conversation_id=conversation_id)
            )
            if await send_template(self.app, conversation):
                self.dismiss(conversation_id)

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def action_opt_out(self) -> None:
        """They told an agent that they want no marketing, or want it again."""
        if self._card is None or not self._card.identities:
            return
        out = all(identity.opted_out_at for identity in self._card.identities)
        with problems(self):
            self._card = await console(self).desk.call(
                SetOptOut(user_id=self._user_id, out=not out)
            )
            self._draw(self._card, console(self).clock)

    def action_back(self) -> None:
        """Close without opening anything."""
        self.dismiss(None)


def details(user: User, clock: Clock) -> Content:
    """What we know, a line each; what we do not know is left out, but for the phone."""
    facts = [
        (_("Phone"), phone_line(user)),
        (_("E-mail"), user.email),
        (_("Language"), user.language),
        (_("Country"), user.country),
        (_("Since"), clock.day(user.created_at) if user.created_at else None),
        (_("Last seen"), clock.full(user.last_seen_at) if user.last_seen_at else None),
        *user.details.items(),
    ]
    return Content("\n").join(fact(label, value) for label, value in facts if value)


def fact(label: str, value: str) -> Content:
    """A label and what it says, aligned with the others."""
    return Content.assemble(
        (f"{clean(label, one_line=True)[:18]:<19}", MUTED), clean(value, one_line=True)
    )


def identity_line(identity: Identity) -> Content:
    """How one of our inboxes knows them."""
    address = pretty(identity.address) if identity.address else None
    parts = [address, identity.business_scoped_id]
    if identity.username:
        parts.append(f"@{identity.username}")
    parts.append(identity.profile_name)
    if identity.opted_out_at is not None:
        parts.append("⊘ " + _("wants no marketing"))
    if identity.unreachable_at is not None:
        parts.append("⊘ " + _("not on this channel, says the provider"))
    return fact(identity.inbox, " · ".join(part for part in parts if part))
