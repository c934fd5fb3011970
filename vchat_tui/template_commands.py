"""Templates on the command line: list them, read them again, send one."""

from __future__ import annotations

import argparse
import getpass
import uuid
from collections.abc import AsyncIterator

import msgspec

from vchat_tui.channels import errors
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, DeskError
from vchat_tui.i18n import _
from vchat_tui.models import Inbox, Message
from vchat_tui.template_files import bring_file
from vchat_tui.templates import (
    MEDIA_KINDS,
    FillError,
    Template,
    body_values,
    label_of,
    unusable,
    variables,
)

PAGE = 200


class ListedTemplate(msgspec.Struct, omit_defaults=True):
    """A template as `templates list --json` prints it: with its values, and why it cannot be sent."""

    inbox: str
    name: str
    language: str
    category: str
    status: str
    quality: str | None = None
    reason: str | None = None
    hidden: bool = False
    problem: str | None = None
    values: dict[str, str] = {}
    components: tuple[dict[str, object], ...] = ()


async def listed(desk: Desk, inbox_name: str | None) -> AsyncIterator[ListedTemplate]:
    """The templates of an inbox, or of all.

    Raises:
        DeskError: there is no such inbox.
    """
    for inbox in await inboxes_named(desk, inbox_name):
        offset = 0
        while rows := (
            await desk.call(calls.ListTemplates(inbox_id=inbox.id, offset=offset, limit=PAGE))
        ).rows:
            offset += len(rows)
            for row in rows:
                yield _listed(inbox, row)


def _listed(inbox: Inbox, row: Template) -> ListedTemplate:
    problem = unusable(row)
    return ListedTemplate(
        inbox=inbox.name,
        name=row.name,
        language=row.language,
        category=row.category,
        status=row.status,
        quality=row.quality,
        reason=row.reason,
        hidden=row.hidden,
        problem=_(problem.message).format(**problem.values) if problem else None,
        values={variable.place: label_of(variable) for variable in variables(row)},
        components=row.components,
    )


async def sync(desk: Desk, inbox_name: str | None) -> AsyncIterator[tuple[Inbox, int, str | None]]:
    """Reads the templates of an inbox, or of all, from the provider: how many there are then, and
    why it did not tell."""
    for inbox in await inboxes_named(desk, inbox_name):
        read = await desk.call(calls.SyncTemplates(inbox_id=inbox.id))
        page = await desk.call(calls.ListTemplates(inbox_id=inbox.id, limit=1))
        reason = errors.advice(inbox.channel, read.error) if read.error else None
        yield inbox, page.total, reason


async def send(desk: Desk, options: argparse.Namespace) -> Message:
    """Queues a template; files are brought to the server first.

    Raises:
        DeskError: refused; the field is the place of the value that is wrong.
    """
    values = dict(options.set or ())
    for inbox in await inboxes_named(desk, options.inbox):
        rows = await _called(desk, inbox, options.template)
        if options.values and rows:
            values |= _in_order(rows, options.language, options.values)
        await _bring_files(desk, inbox, rows, values)
    return await desk.call(
        calls.SendTemplateTo(
            inbox=options.inbox,
            to=options.to,
            client_id=uuid.uuid4().hex,
            name=options.template,
            language=options.language,
            values=values,
            author=getpass.getuser(),
        )
    )


async def _called(desk: Desk, inbox: Inbox, name: str) -> list[Template]:
    """A template in all its languages."""
    page = await desk.call(calls.ListTemplates(inbox_id=inbox.id, words=name, limit=PAGE))
    return [row for row in page.rows if row.name == name]


def _in_order(rows: list[Template], language: str | None, text: str) -> dict[str, str]:
    """The values of one line with commas, by place."""
    row = next((row for row in rows if row.language == language), rows[0])
    try:
        return body_values(row, text)
    except FillError as error:
        raise DeskError(error.message, field=error.place, **error.values) from None


async def _bring_files(
    desk: Desk, inbox: Inbox, rows: list[Template], values: dict[str, str]
) -> None:
    files = {
        variable.place: variable.kind
        for row in rows
        for variable in variables(row)
        if variable.kind in MEDIA_KINDS
    }
    for place, value in values.items():
        if place in files and not value.startswith("https://"):
            values[place] = await bring_file(desk, inbox.channel, value, files[place])


async def inboxes_named(desk: Desk, name: str | None) -> list[Inbox]:
    """The inbox of a name, or all.

    Raises:
        DeskError: there is none of this name; the text says which there are.
    """
    every = await desk.call(calls.ListInboxes())
    found = [inbox for inbox in every if name in (None, inbox.name)]
    if name is not None and not found:
        names = ", ".join(inbox.name for inbox in every) or "-"
        raise DeskError(_("There is no inbox “{name}”; there are: {names}"), name=name, names=names)
    return found
