"""Whether a recipient of a broadcast may be written to now, and what their message says.

The check before the start and the feeder ask the same judge, so that what was shown is what
happens, unless something changed meanwhile.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from vchat_tui import quiet_hours
from vchat_tui.channels import registry
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.merging import LINK, PlacedMergeError, fill_all
from vchat_tui.desk.templates import choose, content_of
from vchat_tui.models import Content, Conversation, Inbox
from vchat_tui.store import conversations, inboxes, people, recipients, templates
from vchat_tui.store.broadcasts import Job
from vchat_tui.store.recipients import Contact
from vchat_tui.store.times import to_ms
from vchat_tui.store.turns import Pending
from vchat_tui.templates.model import Template
from vchat_tui.zones import zone_of

MADE_UP = "x" * 40  # as long as a link to the page of a conversation
_LINK = re.compile(r"\{" + LINK + r"(\|[^{}]*)?\}")
DAY_MS = 24 * 3_600_000


class Ready(NamedTuple):
    """Somebody to write to, with what to write."""

    contact: Contact
    content: Content


class Skip(NamedTuple):
    """Somebody who gets nothing: the reason as in `broadcast_models.LEFT_OUT`."""

    reason: str
    detail: str | None = None


class Judge:
    """Decides about the recipients of one broadcast, at one time.

    Args:
        now: in milliseconds.
        trial: nothing may be written: a link to the page of a conversation is made up.
    """

    def __init__(
        self, db: sqlite3.Connection, job: Job, inbox: Inbox, now: int, *, trial: bool = False
    ) -> None:
        self._db = db
        self._job = job
        self._inbox = inbox
        self._now = now
        self._chosen: dict[str | None, Template | None] = {}
        self._trial = trial
        self._public_url = inboxes.server_settings(db).get("public_url")
        self._quiet = quiet_hours.read(job.quiet or "")
        self._window = registry.capabilities(inbox.channel).window_hours is not None

    @property
    def needs_conversation(self) -> bool:
        """The message has a link to the page of the conversation, which must be there first."""
        content = self._job.content
        return any(_LINK.search(text) for text in (content.text or "", *content.values.values()))

    def decide(self, recipient: Pending) -> Ready | Skip:
        """What becomes of a recipient."""
        contact = self._contact(recipient)
        if isinstance(contact, Skip):
            return contact
        if contact.opted_out_at is not None:
            return Skip("opted_out")
        if contact.unreachable_at is not None:
            return Skip("unreachable")
        if not contact.address and not contact.business_scoped_id:
            return Skip("no_number")
        conversation = self._conversation(contact)
        if self._job.content.template is None:
            return self._text(contact, conversation)
        return self._template(contact, conversation)

    def quiet_until(self, decision: Ready | Skip) -> int | None:
        """When the quiet hours of somebody who would be written to end; None where it is not quiet
        there. Whose zone is not known from their number lives in ours."""
        if self._quiet is None or not isinstance(decision, Ready):
            return None
        now = datetime.fromtimestamp(self._now / 1000, UTC)
        until = self._quiet.until(now, zone_of(decision.contact.address))
        return to_ms(until) if until else None

    def _contact(self, recipient: Pending) -> Contact | Skip:
        if recipient.user_id is None:
            assert recipient.address is not None
            assert recipient.address_key is not None
            return recipients.contact_at(
                self._db, self._inbox.id, recipient.address, recipient.address_key
            )
        if people.get_user(self._db, recipient.user_id) is None:
            return Skip("no_user")
        contact = recipients.contact_of_user(
            self._db, recipient.user_id, self._inbox.id, recipient.address_key
        )
        return contact or Skip("no_number")

    def _conversation(self, contact: Contact) -> Conversation:
        """Their conversation, or what it would be."""
        known = contact.conversation_id and conversations.get(self._db, contact.conversation_id)
        return known or Conversation(
            id=0, user_id=contact.user_id or 0, inbox_id=self._inbox.id, inbox=self._inbox.name,
            channel=self._inbox.channel, title=contact.address or "", address=contact.address,
        )  # fmt: skip

    def _text(self, contact: Contact, conversation: Conversation) -> Ready | Skip:
        if self._window and (contact.window_ends_at or 0) <= self._now:
            return Skip("window_closed")
        try:
            texts = {"text": self._job.content.text or ""}
            if self._public_url:
                texts = self._texts(texts, conversation, f"{self._public_url}/c/{MADE_UP}")
            filled = fill_all(self._db, conversation, self._job.author, texts, whole_link=True)
        except PlacedMergeError as error:
            return Skip("missing_value", str(error))
        content = Content(type="text", text=filled["text"])
        problem = registry.check_content(self._inbox.channel, content)
        if problem is not None:
            return Skip("cannot_send", problem.message.format(**problem.values))
        return Ready(contact, content)

    def _template(self, contact: Contact, conversation: Conversation) -> Ready | Skip:
        template = self._in_language_of(contact)
        if template is None:
            return Skip("no_template")
        if template.category == "MARKETING" and (contact.withheld_at or 0) > self._now - DAY_MS:
            return Skip("withheld")
        if template.category == "AUTHENTICATION" and not contact.address:
            return Skip("needs_number")
        try:
            values = self._texts(self._job.content.values, conversation)
            content = content_of(self._db, conversation, template, values, self._job.author)
        except DeskError as error:
            return Skip("missing_value", str(error))
        problem = registry.check_content(self._inbox.channel, content)
        if problem is not None:
            return Skip("cannot_send", problem.message.format(**problem.values))
        return Ready(contact, content)

    def _texts(
        self, texts: Mapping[str, str], conversation: Conversation, made_up: str = MADE_UP
    ) -> dict[str, str]:
        """Texts to fill in; without the link, where it cannot be made."""
        if self._trial or not conversation.id:
            return {place: _LINK.sub(made_up, text) for place, text in texts.items()}
        return dict(texts)

    def _in_language_of(self, contact: Contact) -> Template | None:
        user = people.get_user(self._db, contact.user_id) if contact.user_id else None
        language = user.language if user else None
        if language not in self._chosen:
            self._chosen[language] = self._choose(language)
        return self._chosen[language]

    def _choose(self, language: str | None) -> Template | None:
        """The template in the recipient's language, else in the broadcast's."""
        name = self._job.content.template or ""
        known = [row.language for row in templates.called(self._db, self._inbox.id, name)]
        own = self._job.content.language
        listed = sorted(known, key=lambda code: code != own)
        return choose(self._db, self._inbox.id, name, listed, language or own)
