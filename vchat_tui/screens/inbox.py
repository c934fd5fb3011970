"""One of our numbers: everything that its provider shows and asks for, with its help beside it.

The form is the channel's row of `settings.CHANNEL_FIELDS`, its words that of `channels_shown`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Button, Static

from vchat_tui.actions import bindings
from vchat_tui.channels.registry import capabilities
from vchat_tui.channels_shown import CHANNELS, shown_name
from vchat_tui.desk.calls import (
    CheckFallback,
    DeleteInbox,
    GetServerSettings,
    ListInboxes,
    SaveInbox,
)
from vchat_tui.i18n import _
from vchat_tui.models import Inbox
from vchat_tui.screens.confirm import ConfirmDialog
from vchat_tui.screens.form import Form
from vchat_tui.screens.form_page import FormPage
from vchat_tui.screens.guide import setup_steps
from vchat_tui.screens.inbox_check import InboxCheckScreen
from vchat_tui.screens.page import line, problems, show_problem
from vchat_tui.screens.templates import TemplatesScreen
from vchat_tui.settings import Field, fields_of
from vchat_tui.setup_check import GUIDED, configuration_url
from vchat_tui.text import clean
from vchat_tui.widgets.console import console


def name_field() -> Field:
    """An inbox's name, which scripts and the settings file know it by."""
    return Field(
        key="name",
        label=_("Name"),
        help=_("How this number is called here, for example Sales"),
        required=True,
    )


class InboxScreen(FormPage):
    """Add or change an inbox.

    Args:
        inbox_id: which; None: a new one.
        channel: of a new one.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "form_page.tcss", "inbox.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("inbox")]

    def __init__(self, inbox_id: int | None, channel: str = "whatsapp_cloud") -> None:
        super().__init__()
        self._inbox_id = inbox_id
        self._channel = channel  # once it was read: that of the inbox
        self._inbox: Inbox | None = None
        self._url = ""

    def heading(self) -> str:
        """The title line."""
        channel = shown_name(self._channel)
        if self._inbox_id is None:
            return _("Add a number: {channel}").format(channel=channel)
        return f"{channel} · {clean(self._inbox.name, one_line=True)}" if self._inbox else "…"

    def scopes(self) -> tuple[str, ...]:
        """The form's actions, and the copying of the address."""
        return ("form", "inbox")

    def compose_above(self) -> ComposeResult:
        """The Configuration URL, which the provider needs: it is made, not typed."""
        with Horizontal(id="url-row"):
            yield line(_("Configuration URL"), classes="label")
            with Vertical(classes="body"):
                with Horizontal(classes="editor"):
                    yield line("…", id="url")
                    yield Button(Content(_("Copy")), id="copy-url", compact=True)
                yield line("", id="url-help", classes="help")

    def compose_beside(self) -> ComposeResult:
        """A new number comes with the way to connect it."""
        if self._inbox_id is None:
            with VerticalScroll(id="guide", can_focus=False):
                yield Static(setup_steps(self._channel))

    def compose_buttons(self) -> ComposeResult:
        """An inbox that exists can be checked and removed."""
        if self._inbox_id is not None:
            yield Button(Content(_("Templates")), id="templates", compact=True)
            yield Button(Content(_("Check")), id="check", compact=True)
            yield Button(Content(_("Delete")), id="delete", variant="error", compact=True)

    async def read_form(self) -> Form:
        """What is stored now; secrets only as their fingerprints."""
        desk = console(self).desk
        public_url = (await desk.call(GetServerSettings())).get("public_url")
        known = {inbox.id: inbox for inbox in await desk.call(ListInboxes())}
        self._inbox = known.get(self._inbox_id) if self._inbox_id is not None else None
        if self._inbox is not None:
            self._channel = self._inbox.channel
            self.query_one("#title", Static).update(Content(self.heading()))
            self.query_one("#templates").display = capabilities(self._channel).templates
            self.query_one("#check").display = self._channel not in GUIDED
        elif self._inbox_id is not None:
            show_problem(self, _("This number is gone: somebody removed it."))
        self._show_url(public_url)
        fields = (name_field(), *fields_of(self._channel))
        if self._inbox is None:
            return Form(fields, {})
        values = {**self._inbox.settings, "name": self._inbox.name}
        return Form(fields, values, self._inbox.secrets)

    def _show_url(self, public_url: str | None) -> None:
        paste = CHANNELS[self._channel].paste
        self._url = configuration_url(public_url, self._channel)
        if self._url:
            help = (
                _(paste)
                if paste
                else _("It is registered by itself; the check of this number shows it")
            )
        else:
            help = _("Set the public URL first: Settings › Server settings")
        shown = self._url or "▲ " + _("no public URL yet")
        self.query_one("#url", Static).update(Content(clean(shown, one_line=True)))
        self.query_one("#url-help", Static).update(Content(help))
        self.query_one("#copy-url").display = bool(self._url and paste)

    async def save_values(self, values: dict[str, Any]) -> None:
        """Add it or change it."""
        name = values.pop("name")
        desk = console(self).desk
        saved = await desk.call(
            SaveInbox(inbox_id=self._inbox_id, name=name, channel=self._channel, values=values)
        )
        problem = await desk.call(CheckFallback(inbox_id=saved.id))
        if problem is not None:  # saved all the same: it could not be checked before
            why = _(problem.message).format(**problem.values)
            text = _("Fallback template: {reason}").format(reason=why)
            console(self).say(text, severity="warning")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Copy the URL, or remove the inbox; the base class hears of Save by itself."""
        if event.button.id == "copy-url":
            self.action_copy_url()
        elif event.button.id == "templates" and self._inbox_id is not None:
            self.app.push_screen(TemplatesScreen(self._inbox_id, manage=True))
        elif event.button.id == "check" and self._inbox_id is not None:
            self.app.push_screen(InboxCheckScreen(self._inbox_id))
        elif event.button.id == "delete":
            self.delete()

    def action_copy_url(self) -> None:
        """The Configuration URL, to paste at the provider."""
        if self._url and CHANNELS[self._channel].paste:
            self.app.copy_to_clipboard(clean(self._url, one_line=True))
            console(self).say(_("Copied"))

    @work(group="delete", exclusive=True, exit_on_error=False)
    async def delete(self) -> None:
        """Remove the inbox, once the person is sure."""
        if self._inbox_id is None:
            return
        question = _("Remove this number? Its settings and secrets are deleted.")
        if await self.app.push_screen_wait(ConfirmDialog(question, _("Delete"))):
            with problems(self):
                await console(self).desk.call(DeleteInbox(inbox_id=self._inbox_id))
                self.dismiss(None)
