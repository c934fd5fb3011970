"""`vchat-tui broadcast ...`: the same as the console's, for scripts."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from vchat_tui import audience_words, recipients_csv
from vchat_tui.broadcast_models import (
    LEFT_OUT,
    STATES,
    Broadcast,
    BroadcastContent,
    BroadcastPlan,
    Recipient,
)
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Call, Desk
from vchat_tui.i18n import _
from vchat_tui.models import Inbox
from vchat_tui.printing import CommandError, moment, print_json, print_row

AT_ONCE = 1000  # typed people in one call
PAGE = 500


async def create(desk: Desk, options: argparse.Namespace) -> int:
    """Makes one, says who is left out, and starts it where asked to."""
    if bool(options.text) == bool(options.template):
        raise CommandError(_("give --template or --text, one of them"))
    inbox = await _inbox(desk, options.inbox)
    at = _time(options.at) if options.at else None
    people = await asyncio.to_thread(_read_people, options.to)
    content = BroadcastContent(
        text=options.text, template=options.template, language=options.language,
        values=dict(map(_value, options.set)),
    )  # fmt: skip
    made = await desk.call(
        calls.CreateBroadcast(
            client_id=uuid.uuid4().hex, inbox_id=inbox.id, author=getpass.getuser(),
            name=options.name or options.template or _("Broadcast"), content=content,
            quiet=options.quiet,
        )
    )  # fmt: skip
    for start in range(0, len(people), AT_ONCE):
        some = tuple(people[start : start + AT_ONCE])
        made = await desk.call(calls.AddRecipients(broadcast_id=made.id, typed=some))
    plan = await desk.call(calls.PlanBroadcast(broadcast_id=made.id))
    if options.dry_run:
        await desk.call(calls.DeleteBroadcast(broadcast_id=made.id))
        _print_plan(plan, options.json)
        return 0
    if options.start or at:
        made = await desk.call(calls.StartBroadcast(broadcast_id=made.id, at=at))
    if not options.json:
        _print_plan(plan, False)
    _print([made], options.json)
    return 0


async def _inbox(desk: Desk, name: str) -> Inbox:
    inboxes = await desk.call(calls.ListInboxes())
    for inbox in inboxes:
        if inbox.name == name:
            return inbox
    names = ", ".join(inbox.name for inbox in inboxes) or "-"
    raise CommandError(
        _("There is no inbox “{name}”; there are: {names}").format(name=name, names=names)
    )


def _time(typed: str) -> datetime:
    """A time; without an offset, in the zone of this machine."""
    try:
        return datetime.fromisoformat(typed).astimezone()
    except (ValueError, OverflowError, OSError):
        raise CommandError(
            _("“{typed}” is no time; it looks like 2026-12-01T09:00").format(typed=typed)
        ) from None


def _read_people(source: str) -> list[str]:
    data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(_("the list of recipients is not text in UTF-8")) from None
    for separator in ",;\t\r":
        text = text.replace(separator, "\n")
    words = [word for line in text.split("\n") if (word := line.strip()[:200])]
    try:
        for word in words:
            audience_words.channels(word)
    except audience_words.WordError as error:
        raise CommandError(_(error.message).format(**error.values)) from None
    return words


def _value(typed: str) -> tuple[str, str]:
    place, equals, value = typed.partition("=")
    if not equals:
        raise CommandError(_("“{typed}” must look like body.1=text").format(typed=typed))
    return place.strip(), value


async def listing(desk: Desk, options: argparse.Namespace) -> int:
    """The newest first."""
    rows = await desk.call(calls.ListBroadcasts(limit=PAGE))
    _print(rows, options.json)
    return 0


async def show(desk: Desk, options: argparse.Namespace) -> int:
    """One, with its counts."""
    broadcast = await desk.call(calls.GetBroadcast(broadcast_id=options.id))
    _print([broadcast], options.json)
    if not options.json:
        for state, count in sorted(broadcast.counts.items()):
            print_row(f"{count:>8}", state)
        if broadcast.quiet_until is not None:
            text = _("in quiet hours; it goes on at {time}").format(
                time=moment(broadcast.quiet_until)
            )
            print_row(f"{broadcast.in_quiet_hours:>8}", text)
    return 0


def _steering(call: Callable[..., Call[Broadcast]]) -> Callable[..., Coroutine[Any, Any, int]]:
    async def steer(desk: Desk, options: argparse.Namespace) -> int:
        _print([await desk.call(call(broadcast_id=options.id))], options.json)
        return 0

    return steer


async def export(desk: Desk, options: argparse.Namespace) -> int:
    """Every recipient: JSON Lines or CSV; in a file, all of them or none."""
    if options.output is None:
        await _export(desk, options, sys.stdout)
        return 0
    path = Path(options.output)
    part = recipients_csv.new_file(path.parent, path.stem)
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            await _export(desk, options, file)
        if not recipients_csv.give_name(part, path):
            raise CommandError(_("{path} is there already").format(path=path))
    finally:
        part.unlink(missing_ok=True)
    return 0


async def _export(desk: Desk, options: argparse.Namespace, out: TextIO) -> None:
    if not options.json:
        out.write(recipients_csv.lines((), header=True))
    async for rows in all_recipients(desk, options.id):
        if options.json:
            out.writelines(msgspec.json.encode(row).decode() + "\n" for row in rows)
        else:
            out.write(recipients_csv.lines(rows))
    out.flush()


async def all_recipients(desk: Desk, broadcast_id: int) -> AsyncIterator[tuple[Recipient, ...]]:
    """Page by page."""
    await desk.call(calls.GetBroadcast(broadcast_id=broadcast_id))  # refused where there is none
    offset = 0
    while rows := (
        await desk.call(calls.ListRecipients(broadcast_id=broadcast_id, offset=offset, limit=PAGE))
    ).rows:
        yield rows
        offset += len(rows)


def _print(broadcasts: Sequence[Broadcast], as_json: bool) -> None:
    if as_json:
        print_json(broadcasts)
        return
    for row in broadcasts:
        when = moment(row.scheduled_at or row.started_at or row.created_at)
        done = f"{row.settled}/{row.total}"
        print_row(row.id, when, _(STATES[row.state]), done, row.inbox, row.name)


def _print_plan(plan: BroadcastPlan, as_json: bool) -> None:
    if as_json:
        print_json([plan])
        return
    print_row(f"{plan.ready:>8}", _("will get it"))
    for reason, count in sorted(plan.left_out.items()):
        print_row(f"{count:>8}", _(LEFT_OUT.get(reason, reason)))
    if plan.quiet_hours:
        until = plan.quiet_hours.rpartition("-")[2]
        print_row(f"{plan.quiet:>8}", _("of these wait until {time} there").format(time=until))
    if plan.segments is not None:
        print_row(f"{plan.segments:>8}", _("SMS segments are paid for"))
    if not plan.answers:
        print_row(_("It comes from a sender name: nobody can answer it, nor stop it with STOP."))
    if plan.category:
        reach = plan.reach_left if plan.reach_left is not None else _("unknown")
        print_row(_("Category: {category}").format(category=plan.category))
        print_row(_("People that may still be written to today: {reach}").format(reach=reach))


ACTIONS: dict[str, Callable[[Desk, argparse.Namespace], Coroutine[Any, Any, int]]] = {
    "broadcast create": create,
    "broadcast list": listing,
    "broadcast show": show,
    "broadcast start": _steering(calls.StartBroadcast),
    "broadcast pause": _steering(calls.PauseBroadcast),
    "broadcast resume": _steering(calls.ResumeBroadcast),
    "broadcast cancel": _steering(calls.CancelBroadcast),
    "broadcast retry": _steering(calls.RetryBroadcast),
    "broadcast export": export,
}
