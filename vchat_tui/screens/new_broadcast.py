"""A new broadcast: through which number, to whom, which template, its values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.types import CSSPathType

from vchat_tui import audience_words, quiet_hours
from vchat_tui.actions import bindings
from vchat_tui.broadcast_models import Broadcast, BroadcastContent
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk.calls import (
    AddRecipients,
    CreateBroadcast,
    DeleteBroadcast,
    DeskError,
    ListInboxes,
)
from vchat_tui.i18n import _, ngettext
from vchat_tui.models import Inbox
from vchat_tui.screens.broadcast import BroadcastScreen
from vchat_tui.screens.broadcast_text import BroadcastText
from vchat_tui.screens.form import Form
from vchat_tui.screens.form_page import FormPage
from vchat_tui.screens.send_template import choose_and_fill
from vchat_tui.screens.template_form import TemplateValues
from vchat_tui.settings import _ as marked
from vchat_tui.settings.field import Field
from vchat_tui.widgets.console import Console, console

AT_ONCE = 1000  # people in one call


@dataclass(frozen=True)
class Audience:
    """Who was selected: users by id, or all whom a search finds.

    `count`: how many these are.
    """

    user_ids: tuple[int, ...] = ()
    matching: str | None = None
    count: int = 0


class BroadcastForm(FormPage):
    """Name, number and people; `taken` is what was typed, None where the person left."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["page.tcss", "form_page.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("next_form")]

    def __init__(
        self, inboxes: tuple[Inbox, ...], audience: Audience, typed: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self._typed = typed
        self._inboxes = inboxes
        self._audience = audience
        self.taken: dict[str, Any] | None = None

    def scopes(self) -> tuple[str, ...]:
        """Nothing is saved or sent yet."""
        return ("next_form",)

    def heading(self) -> str:
        """How many were selected."""
        if not self._audience.count:
            return _("New broadcast")
        count = ngettext("{n} customer", "{n} customers", self._audience.count)
        return f"{_('New broadcast')} · {count.format(n=self._audience.count)}"

    def save_label(self) -> str:
        """Nothing is sent yet."""
        return _("Go on")

    def done_text(self) -> str:
        """The next form comes at once."""
        return ""

    async def read_form(self) -> Form:
        """The rows; there is nothing stored."""
        names = tuple(inbox.name for inbox in self._inboxes)
        people = Field(
            key="typed", label=marked("More people"), kind="lines",
            required=not self._audience.count,
            help=marked("Numbers with + and the country code, user ids, All, or a channel such as"
                        " whatsapp; one a line or with commas"),
        )  # fmt: skip
        fields = [
            Field(
                key="name", label=marked("Name"), required=True,
                help=marked("For your own list; customers do not see it"),
            ),
            Field(
                key="inbox", label=marked("From"), kind="choice", choices=names, required=True,
                help=marked("The number that it comes from"),
            ),
            people,
            Field(
                key="text", label=marked("Text, no template"), kind="bool", default=False,
                help=marked("On WhatsApp only customers with an open window get a text; an SMS always"
                            " is one"),
            ),
            Field(
                key="quiet", label=marked("Quiet hours"),
                help=marked("For example 21:00-09:00: by the clock where they live; whoever is in"
                            " them gets it when they end"),
            ),
        ]  # fmt: skip
        return Form(fields, {"inbox": names[0]} | dict(self._typed))

    async def save_values(self, values: dict[str, Any]) -> None:
        """Keep what was typed."""
        try:
            quiet_hours.read(str(values.get("quiet") or ""))
        except ValueError:
            raise DeskError(quiet_hours.LOOKS_LIKE, field="quiet") from None
        try:
            for word in _words(str(values.get("typed") or "")):
                audience_words.channels(word.strip())
        except audience_words.WordError as error:
            raise DeskError(error.message, field="typed", **error.values) from None
        self.taken = values


async def make_broadcast(app: App[Any], audience: Audience) -> int | None:
    """Asks for everything, makes a draft and shows it; answers a conversation to open. From a
    worker."""
    here = console(app.screen)
    inboxes = await here.desk.call(ListInboxes())
    if not inboxes:
        here.say(_("Connect a number first: Settings."), severity="warning")
        return None
    typed: Mapping[str, Any] = {}
    text = ""
    while True:  # who leaves the second page is back at the first, with what was typed
        form = BroadcastForm(inboxes, audience, typed)
        await app.push_screen_wait(form)
        if form.taken is None:
            return None
        typed = form.taken
        inbox = next(inbox for inbox in inboxes if inbox.name == typed["inbox"])
        draft = _Draft(here, inbox, typed, audience)
        if typed.get("text") or not capabilities(inbox.channel).templates:
            page = BroadcastText(inbox, text, draft.people, draft.take_text)
            await app.push_screen_wait(page)
            text = page.typed
        else:
            await choose_and_fill(app, inbox.id, draft.take, action=_("Check"))
        if draft.made is not None:
            return await app.push_screen_wait(BroadcastScreen(draft.made.id))


class _Draft:
    """A broadcast about to be made; made once, however often its form is handed in."""

    def __init__(
        self, here: Console, inbox: Inbox, typed: Mapping[str, Any], audience: Audience
    ) -> None:
        self._here = here
        self._inbox = inbox
        self._name = str(typed["name"])
        self._quiet = str(typed.get("quiet") or "") or None
        self._typed = [word.strip()[:200] for word in _words(str(typed.get("typed") or ""))]
        self._audience = audience
        self.made: Broadcast | None = None

    @property
    def people(self) -> int:
        """How many were selected and typed; 0 where a word stands for many."""
        many = any(audience_words.stands_for_many(word) for word in self._typed)
        return 0 if many else self._audience.count + len(self._typed)

    async def take_text(self, text: str) -> None:
        """The text was typed."""
        await self.make(BroadcastContent(text=text))

    async def take(self, given: TemplateValues) -> None:
        """The template and its values were chosen."""
        template = given.template
        values = {place: value for place, value in given.values.items() if value}
        await self.make(
            BroadcastContent(template=template.name, language=template.language, values=values)
        )

    async def make(self, content: BroadcastContent) -> None:
        """Makes the draft with its people.

        Raises:
            DeskError: refused; the field names the place of a wrong value.
        """
        desk = self._here.desk
        made = await desk.call(
            CreateBroadcast(
                client_id=uuid.uuid4().hex, inbox_id=self._inbox.id, name=self._name,
                content=content, author=self._here.author, quiet=self._quiet,
            )
        )  # fmt: skip
        try:
            await self._add_people(made.id)
        except BaseException:
            await desk.call(DeleteBroadcast(broadcast_id=made.id))
            raise
        self.made = made

    async def _add_people(self, broadcast_id: int) -> None:
        desk, audience = self._here.desk, self._audience
        if audience.matching is not None:
            await desk.call(AddRecipients(broadcast_id=broadcast_id, matching=audience.matching))
        for start in range(0, len(audience.user_ids), AT_ONCE):
            some = audience.user_ids[start : start + AT_ONCE]
            await desk.call(AddRecipients(broadcast_id=broadcast_id, user_ids=some))
        for start in range(0, len(self._typed), AT_ONCE):
            words = tuple(self._typed[start : start + AT_ONCE])
            await desk.call(AddRecipients(broadcast_id=broadcast_id, typed=words))


def _words(typed: str) -> list[str]:
    for separator in ",;\t\r":
        typed = typed.replace(separator, "\n")
    return [word for word in typed.split("\n") if word.strip()]
