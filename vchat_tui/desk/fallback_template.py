"""The fallback template: what goes out by itself when free text may not, as the settings say.

Its settings are checked against what the provider last told us, when they are saved and when it
is sent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from vchat_tui import merge_fields
from vchat_tui.channels.base import Problem
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.services import Services
from vchat_tui.desk.template_sync import read_all
from vchat_tui.desk.templates import choose, content_of
from vchat_tui.models import Content, Conversation, Inbox
from vchat_tui.settings import _
from vchat_tui.store import inboxes, templates
from vchat_tui.templates import FillError, assign, fill, unsendable
from vchat_tui.templates.model import Template

NAME, LANGUAGES = "fallback_template_name", "fallback_template_languages"
PARTS = {
    "header": "fallback_template_header",
    "body": "fallback_template_body",
    "button": "fallback_template_buttons",
}


class FallbackError(Exception):
    """The fallback template cannot be used; the problem's field is a setting."""

    def __init__(self, field: str, message: str, **values: str) -> None:
        super().__init__(message.format(**values) if values else message)
        self.problem = Problem(field=field, message=message, values=values)


def fallback_content(
    db: sqlite3.Connection, conversation: Conversation, author: str | None = None
) -> Content:
    """The fallback template, filled in for the customer of a conversation.

    Args:
        author: the agent whose answer waits, where there is one.

    Raises:
        DeskError: there is none, or it cannot be sent to this customer now.
    """
    inbox = inboxes.get(db, conversation.inbox_id)
    settings = inbox.settings if inbox else {}
    name = settings.get(NAME)
    if not name:
        raise DeskError(_("This number has no fallback template; an administrator can set one."))
    template = choose(db, conversation.inbox_id, name, _languages(settings), conversation.language)
    if template is None:
        raise DeskError(
            _("The fallback template “{name}” is not there in any of its languages."), name=name
        )
    try:
        values = _values(settings, template)
    except FallbackError as error:
        problem = error.problem
        raise DeskError(problem.message, field=problem.field, **problem.values) from None
    return content_of(db, conversation, template, values, author, by_itself=True)


async def check_before_saving(
    services: Services, inbox: Inbox | None, values: Mapping[str, Any]
) -> None:
    """Checks the settings of the fallback template, reading the templates first where they never
    were. What cannot be checked yet passes: `check_fallback` tells of it later.

    Args:
        inbox: as it is stored; None: it is new.
        values: the settings that are to be saved.

    Raises:
        DeskError: they are wrong; the field is a setting.
    """
    if not values.get(NAME) or inbox is None:
        return
    try:
        if not await _is_read(services, inbox.id):
            channel = services.sender.channel(inbox.id)
            if channel is None or not channel.capabilities.templates:
                return
            if await read_all(services.core, inbox.id, channel) is not None:
                return
        await services.core.store.read(_check, inbox.id, values)
    except FallbackError as error:
        problem = error.problem
        raise DeskError(problem.message, field=problem.field, **problem.values) from None


async def _is_read(services: Services, inbox_id: int) -> bool:
    sync = await services.core.store.read(templates.last_sync, inbox_id)
    return sync.synced_at is not None


async def check_fallback(services: Services, call: calls.CheckFallback) -> Problem | None:
    """Why the fallback template of an inbox could not be sent now."""

    def read(db: sqlite3.Connection) -> Problem | None:
        inbox = inboxes.get(db, call.inbox_id)
        if inbox is None or not inbox.settings.get(NAME):
            return None
        if templates.last_sync(db, inbox.id).synced_at is None:
            return Problem(
                field=NAME,
                message=_("The templates could not be read yet, so that it is not known whether the"
                          " fallback template is right."),
            )  # fmt: skip
        try:
            _check(db, inbox.id, inbox.settings)
        except FallbackError as error:
            return error.problem
        return None

    return await services.core.store.read(read)


def _check(db: sqlite3.Connection, inbox_id: int, settings: Mapping[str, Any]) -> None:
    """Every language that is listed must be there, sendable, and take as many values as are set."""
    name = str(settings[NAME])
    known = {row.language: row for row in templates.called(db, inbox_id, name)}
    if not known:
        raise FallbackError(NAME, _("There is no template “{name}” in this account."), name=name)
    languages = _languages(settings)
    if not languages:
        raise FallbackError(
            LANGUAGES, _("Write its languages; it has: {known}"), known=", ".join(known)
        )
    for language in languages:
        template = known.get(language)
        if template is None:
            raise FallbackError(
                LANGUAGES,
                _("The template “{name}” has no such language: {language}; it has: {known}"),
                name=name, language=language, known=", ".join(known),
            )  # fmt: skip
        problem = unsendable(template)
        if problem is not None:
            raise FallbackError(LANGUAGES, problem.message, **problem.values)
        _try_out(template, settings)


def _try_out(template: Template, settings: Mapping[str, Any]) -> None:
    """Fills the template in with a letter for every merge field."""
    values = _values(settings, template)
    every = {field: "x" for text in values.values() for field in merge_fields.used(text)}
    try:
        fill(template, {place: merge_fields.fill(text, every) for place, text in values.items()})
    except FillError as error:
        part = error.place.split(".")[0]
        raise FallbackError(PARTS.get(part, NAME), error.message, **error.values) from None


def _values(settings: Mapping[str, Any], template: Template) -> dict[str, str]:
    header, body, buttons = (settings.get(key) or "" for key in PARTS.values())
    try:
        return assign(template, header, body, buttons)
    except FillError as error:
        raise FallbackError(PARTS.get(error.place, NAME), error.message, **error.values) from None


def _languages(settings: Mapping[str, Any]) -> list[str]:
    return [code.strip() for code in str(settings.get(LANGUAGES) or "").split(",") if code.strip()]
