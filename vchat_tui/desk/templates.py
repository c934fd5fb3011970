"""Templates: listing, hiding, sending; which language a customer gets; the fallback template."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.merging import PlacedMergeError, fill_all, values_of
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.replies import conversation_with, inbox_named
from vchat_tui.desk.services import Services
from vchat_tui.models import Content, Conversation, Message
from vchat_tui.settings import _
from vchat_tui.store import conversations, inboxes, templates
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import optional
from vchat_tui.templates import FillError, fill, unsendable, unusable
from vchat_tui.templates.model import Template, TemplatePage


async def list_templates(services: Services, call: calls.ListTemplates) -> TemplatePage:
    """A page of the list, with when it was last read."""
    wanted = templates.Wanted(call.inbox_id, call.words[:200], call.sendable)

    def read(db: sqlite3.Connection) -> TemplatePage:
        rows, total = templates.page(db, wanted, call.offset, bounded(call.limit))
        return page_of(db, call.inbox_id, rows, total, call.offset)

    return await services.core.store.read(read)


def page_of(
    db: sqlite3.Connection, inbox_id: int, rows: Iterable[Template] = (), total: int = 0,
    offset: int = 0,
) -> TemplatePage:  # fmt: skip
    """Rows with how the last reading from the provider went."""
    sync, inbox = templates.last_sync(db, inbox_id), inboxes.get(db, inbox_id)
    return TemplatePage(
        rows=tuple(rows),
        total=total,
        channel=inbox.channel if inbox else "",
        offset=offset,
        synced_at=optional(sync.synced_at),
        error=sync.error,
    )


async def get_template(services: Services, call: calls.GetTemplate) -> Template:
    """One template."""
    return await services.core.store.read(_known, call.template_id)


async def hide_template(services: Services, call: calls.HideTemplate) -> Template:
    """Offers a template to agents, or does not."""

    def write(db: sqlite3.Connection, changes: Changes) -> Template:
        templates.hide(db, _known(db, call.template_id).id, call.hidden, changes)
        return _known(db, call.template_id)

    return await services.core.change(write)


async def merge_values(services: Services, call: calls.MergeValues) -> dict[str, str]:
    """What the merge fields stand for in a conversation."""
    return await services.core.store.read(
        lambda db: values_of(db, _conversation(db, call.conversation_id), call.author)
    )


async def send_template(services: Services, call: calls.SendTemplate) -> Message:
    """Queues a template in a conversation, whether its window is open or not."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        conversation = _conversation(db, call.conversation_id)
        template = _known(db, call.template_id)
        content = content_of(db, conversation, template, call.values, call.author)
        return queue(db, conversation, call.client_id, content, call.author, changes)

    return await services.core.change(write)


async def send_template_to(services: Services, call: calls.SendTemplateTo) -> Message:
    """Queues a template to an address; user and conversation are made where they are new."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        inbox = inbox_named(db, call.inbox)
        known = templates.called(db, inbox.id, call.name)
        if not known:
            raise DeskError(
                _("There is no template “{name}”; see which there are, or read them again."),
                name=call.name,
                field="name",
            )
        conversation = conversation_with(db, inbox, call.to, changes)
        template = choose(
            db,
            inbox.id,
            call.name,
            (call.language,) if call.language else tuple(row.language for row in known),
            conversation.language,
        )
        if template is None:
            raise DeskError(
                _("The template “{name}” has no such language; it has: {known}"),
                name=call.name,
                known=", ".join(row.language for row in known),
                field="language",
            )
        content = content_of(db, conversation, template, call.values, call.author)
        return queue(db, conversation, call.client_id, content, call.author, changes)

    return await services.core.change(write)


def content_of(
    db: sqlite3.Connection,
    conversation: Conversation,
    template: Template,
    values: Mapping[str, str],
    author: str | None,
    *,
    by_itself: bool = False,
) -> Content:
    """A template filled in for the customer of a conversation, ready for the outbox.

    Args:
        values: by place, with merge fields.
        by_itself: no agent chose it, so that it may be one that agents are not offered.

    Raises:
        DeskError: it cannot be sent; the field is the place of the value that is wrong.
    """
    if template.inbox_id != conversation.inbox_id:
        raise DeskError(_("This template belongs to another number."))
    problem = unsendable(template) if by_itself else unusable(template)
    if problem is not None:
        raise DeskError(problem.message, field=problem.field, **problem.values)
    if template.category == "AUTHENTICATION" and not conversation.address:
        raise DeskError(
            _("Codes can only be sent to a phone number, and WhatsApp does not tell us this one.")
        )
    try:
        filled = fill(template, fill_all(db, conversation, author, values))
    except (FillError, PlacedMergeError) as error:
        raise DeskError(error.message, field=error.place, **error.values) from None
    return Content(type="template", text=filled.text, template=filled.use)


# ---- which language a customer gets -------------------------------------------------------------


def choose(
    db: sqlite3.Connection,
    inbox_id: int,
    name: str,
    languages: Iterable[str],
    user_language: str | None,
) -> Template | None:
    """A template in the language for a customer: theirs, else one of the same base language, else
    the first listed. Languages in which it cannot be sent now are passed over while there is one
    in which it can.

    Args:
        languages: codes in the order of preference, such as `es`, `en_US`.
        user_language: the customer's, where it is known.
    """
    known = {row.language.casefold(): row for row in templates.called(db, inbox_id, name)}
    listed = [known[code] for language in languages if (code := _code(language)) in known]
    able = [template for template in listed if unsendable(template) is None] or listed
    wanted = _code(user_language or "")
    for fits in (
        lambda template: template.language.casefold() == wanted,
        lambda template: _base(template.language) == _base(wanted),
        lambda template: True,
    ):
        for template in able:
            if fits(template):
                return template
    return None


def _code(language: str) -> str:
    return language.strip().replace("-", "_").casefold()


def _base(language: str) -> str:
    return _code(language).partition("_")[0]


def _known(db: sqlite3.Connection, template_id: int) -> Template:
    template = templates.get(db, template_id)
    if template is None:
        raise DeskError(_("This template is no longer there."))
    return template


def _conversation(db: sqlite3.Connection, conversation_id: int) -> Conversation:
    conversation = conversations.get(db, conversation_id)
    if conversation is None:
        raise DeskError(_("This conversation is no longer there."))
    return conversation
