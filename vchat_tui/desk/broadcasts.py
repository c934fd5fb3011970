"""Broadcasts: making, checking, starting, steering. The sending itself is the feeder's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import msgspec

from vchat_tui import merge_fields, quiet_hours
from vchat_tui.broadcast_models import (
    Broadcast,
    BroadcastContent,
    BroadcastState,
    RecipientPage,
)
from vchat_tui.channels import registry
from vchat_tui.desk import calls
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.conversations import bounded
from vchat_tui.desk.outgoing import queue
from vchat_tui.desk.recipients import DAY_MS, Judge, Ready
from vchat_tui.desk.replies import conversation_with
from vchat_tui.desk.services import Services
from vchat_tui.merge_fields import MergeError
from vchat_tui.models import Content, Inbox, Message
from vchat_tui.settings import _
from vchat_tui.store import broadcast_views, broadcasts, inboxes, templates, turns
from vchat_tui.store.changes import Changes
from vchat_tui.store.times import to_ms
from vchat_tui.templates import unusable, variables

MAX_NAME = 80
MAX_CLIENT_ID = 48  # with a recipient's number behind it, it is a message's client id
S = BroadcastState


async def create(services: Services, call: calls.CreateBroadcast) -> Broadcast:
    """A new draft."""
    name = call.name.strip()
    if not name:
        raise DeskError(_("A broadcast needs a name."), field="name")
    if len(name) > MAX_NAME:
        raise DeskError(
            _("This is longer than {limit} characters."), limit=str(MAX_NAME), field="name"
        )
    if not call.client_id or len(call.client_id) > MAX_CLIENT_ID:
        raise DeskError(_("The console sent no usable id with the broadcast."))

    quiet = _checked_quiet(call.quiet)

    def write(db: sqlite3.Connection, changes: Changes) -> Broadcast:
        inbox = inboxes.get(db, call.inbox_id)
        if inbox is None:
            raise DeskError(_("This inbox is no longer there."), field="inbox")
        content = _checked(db, inbox, call.content)
        broadcast_id = broadcasts.create(
            db, name, inbox.id, call.client_id, content, call.author, quiet, changes
        )
        return _known(db, broadcast_id)

    return await services.core.change(write)


def _checked_quiet(typed: str | None) -> str | None:
    try:
        hours = quiet_hours.read(typed or "")
    except ValueError:
        raise DeskError(quiet_hours.LOOKS_LIKE, field="quiet") from None
    return str(hours) if hours else None


def _checked(db: sqlite3.Connection, inbox: Inbox, content: BroadcastContent) -> BroadcastContent:
    """A content with its merge fields in English; what no recipient could get is refused now."""
    if (content.text is None) == (content.template is None):
        raise DeskError(_("A broadcast sends a template or a text."), field="template")
    try:
        if content.template is None:
            text = merge_fields.canonical(content.text or "")
            merge_fields.used(text)
            problem = registry.check_content(inbox.channel, Content(type="text", text=text))
            if problem is not None:
                raise DeskError(problem.message, field="text", **problem.values)
            return BroadcastContent(text=text)
    except MergeError as error:
        raise DeskError(error.message, field="text", name=error.field) from None
    _check_template(db, inbox, content)
    values = {place: _canonical(place, value) for place, value in content.values.items()}
    return msgspec.structs.replace(content, values=values)


def _check_template(db: sqlite3.Connection, inbox: Inbox, content: BroadcastContent) -> None:
    known = templates.called(db, inbox.id, content.template or "")
    found = [row for row in known if content.language in (None, row.language)]
    if not found:
        raise DeskError(
            _("There is no template “{name}” in this language; it has: {known}"),
            name=content.template or "", known=", ".join(row.language for row in known) or "-",
            field="language" if known else "template",
        )  # fmt: skip
    problem = unusable(found[0])
    if problem is not None:
        raise DeskError(problem.message, field="template", **problem.values)
    places = {variable.place: variable for variable in variables(found[0])}
    for place in content.values:
        if place not in places:
            raise DeskError(
                _("is no value of this template; it takes: {places}"),
                places=", ".join(places) or "-", field=place,
            )  # fmt: skip
    for place, variable in places.items():
        if variable.required and not content.values.get(place, "").strip():
            raise DeskError(_("may not be empty"), field=place)


def _canonical(place: str, value: str) -> str:
    try:
        text = merge_fields.canonical(value)
        merge_fields.used(text)
    except MergeError as error:
        raise DeskError(error.message, field=place, name=error.field) from None
    return text


async def send_test(services: Services, call: calls.SendBroadcastTest) -> Message:
    """The first recipient's message, to one number, as an ordinary message."""

    def write(db: sqlite3.Connection, changes: Changes) -> Message:
        broadcast = _known(db, call.broadcast_id)
        inbox, job = inboxes.get(db, broadcast.inbox_id), broadcasts.job(db, broadcast.id)
        assert inbox is not None
        assert job is not None
        judge = Judge(db, job, inbox, changes.now, trial=True)  # no customer's own link
        for recipient in turns.pending(db, broadcast.id, 0, 200):
            decision = judge.decide(recipient)
            if isinstance(decision, Ready):
                conversation = conversation_with(db, inbox, call.to, changes)
                return queue(
                    db, conversation, call.client_id, decision.content, call.author, changes
                )
        raise DeskError(_("There is nobody whose message could be tried; see who is left out."))

    return await services.core.change(write)


async def start(services: Services, call: calls.StartBroadcast) -> Broadcast:
    """Starts a draft, now or by itself later; one that is scheduled may start now."""

    def act(db: sqlite3.Connection, broadcast: Broadcast, changes: Changes) -> None:
        if not broadcast.counts.get("pending"):
            raise DeskError(_("There is nobody left to write to."))
        if call.at is None:
            _refuse_paused_inbox(db, broadcast)
            broadcasts.set_state(db, broadcast.id, S.RUNNING, changes)
            return
        if call.at.tzinfo is None:
            raise DeskError(_("This time names no time zone."), field="at")
        if to_ms(call.at) <= changes.now:
            raise DeskError(_("This time is past."), field="at")
        broadcasts.schedule(db, broadcast.id, to_ms(call.at), changes)

    return await _steer(services, call.broadcast_id, (S.DRAFT, S.SCHEDULED), act)


async def pause(services: Services, call: calls.PauseBroadcast) -> Broadcast:
    """Stops one that runs; one that is scheduled does not start by itself any more."""

    def act(db: sqlite3.Connection, broadcast: Broadcast, changes: Changes) -> None:
        if broadcast.state == S.SCHEDULED:
            broadcasts.set_state(db, broadcast.id, S.PAUSED, changes)
        else:
            broadcasts.pause(db, broadcast.id, None, changes)

    return await _steer(services, call.broadcast_id, (S.RUNNING, S.SCHEDULED), act)


async def resume(services: Services, call: calls.ResumeBroadcast) -> Broadcast:
    """Goes on."""

    def act(db: sqlite3.Connection, broadcast: Broadcast, changes: Changes) -> None:
        _refuse_paused_inbox(db, broadcast)
        broadcasts.set_state(db, broadcast.id, S.RUNNING, changes)

    return await _steer(services, call.broadcast_id, (S.PAUSED,), act)


async def cancel(services: Services, call: calls.CancelBroadcast) -> Broadcast:
    """Ends one for good."""
    states = (S.DRAFT, S.SCHEDULED, S.RUNNING, S.PAUSED)
    return await _steer(
        services, call.broadcast_id, states,
        lambda db, broadcast, changes: broadcasts.cancel(db, broadcast.id, changes),
    )  # fmt: skip


async def retry(services: Services, call: calls.RetryBroadcast) -> Broadcast:
    """Sends the failed ones again."""

    def act(db: sqlite3.Connection, broadcast: Broadcast, changes: Changes) -> None:
        _refuse_paused_inbox(db, broadcast)
        if not broadcasts.failed_again(db, broadcast.id, changes.now - DAY_MS):
            raise DeskError(
                _("None failed that trying again could reach. Whom the provider spared marketing"
                  " today may be tried tomorrow.")
            )  # fmt: skip
        broadcasts.set_state(db, broadcast.id, S.RUNNING, changes)

    return await _steer(services, call.broadcast_id, (S.DONE, S.PAUSED, S.RUNNING), act)


def _refuse_paused_inbox(db: sqlite3.Connection, broadcast: Broadcast) -> None:
    inbox = inboxes.get(db, broadcast.inbox_id)
    if inbox is not None and inbox.paused is not None:
        raise DeskError(
            _("Sending on “{inbox}” is stopped. Its settings say why and how to go on."),
            inbox=inbox.name,
        )


async def _steer(
    services: Services,
    broadcast_id: int,
    states: tuple[BroadcastState, ...],
    act: Callable[[sqlite3.Connection, Broadcast, Changes], object],
) -> Broadcast:
    def write(db: sqlite3.Connection, changes: Changes) -> Broadcast:
        broadcast = _known(db, broadcast_id)
        if broadcast.state not in states:
            raise DeskError(
                _("This broadcast is {state}; that cannot be done with it now."),
                state=broadcast.state.value,
            )
        act(db, broadcast, changes)
        return _known(db, broadcast_id)

    return await services.core.change(write)


async def delete(services: Services, call: calls.DeleteBroadcast) -> None:
    """Throws a draft away."""
    await services.core.change(
        lambda db, changes: broadcasts.delete(db, call.broadcast_id, changes)
    )


async def list_broadcasts(services: Services, call: calls.ListBroadcasts) -> tuple[Broadcast, ...]:
    """The newest first."""
    return tuple(await services.core.store.read(broadcast_views.newest, bounded(call.limit)))


async def get(services: Services, call: calls.GetBroadcast) -> Broadcast:
    """One broadcast."""
    return await services.core.store.read(_known, call.broadcast_id)


async def list_recipients(services: Services, call: calls.ListRecipients) -> RecipientPage:
    """A page of the results."""
    return await services.core.store.read(
        broadcast_views.recipients,
        call.broadcast_id,
        call.state,
        max(0, call.offset),
        bounded(call.limit),
    )


def _known(db: sqlite3.Connection, broadcast_id: int) -> Broadcast:
    broadcast = broadcast_views.get(db, broadcast_id)
    if broadcast is None:
        raise DeskError(_("This broadcast is no longer there."))
    return broadcast
