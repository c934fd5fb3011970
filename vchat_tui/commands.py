"""The commands that read or change data: through the server of the home where one runs, else on
the databases themselves, under the home's lock."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any

import msgspec

from vchat_tui import settings, sockets, template_commands
from vchat_tui.agent_commands import list_agents, shown_agent
from vchat_tui.channels import errors
from vchat_tui.config_file import ConfigError, ConfigFile
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Desk, DeskError, Disconnected
from vchat_tui.home import Home
from vchat_tui.i18n import _
from vchat_tui.models import (
    Content,
    Conversation,
    Folder,
    Inbox,
    Message,
    User,
    Webhook,
    WebhookState,
)
from vchat_tui.notice_models import NoticeSettings
from vchat_tui.printing import CommandError, moment, print_json, print_row
from vchat_tui.settings import Field, SettingError
from vchat_tui.settings.notice_fields import NOTICE_FIELDS
from vchat_tui.settings.smtp_fields import SMTP_FIELDS
from vchat_tui.text import clean

PAGE = 500
Action = Callable[[Desk, argparse.Namespace], Coroutine[Any, Any, int]]


def run(home: Home, options: argparse.Namespace) -> int:
    """Runs the action that `options` names; answers the exit code."""
    from vchat_tui.keys import KeyFileError
    from vchat_tui.store.database import StoreError

    try:
        return asyncio.run(_run(home, options))
    except (CommandError, ConfigError, StoreError, KeyFileError) as error:
        problem = str(error)
    except sqlite3.Error as error:
        problem = _("the database cannot be used now: {reason}").format(reason=error)
    except DeskError as error:
        problem = explain(error)
    except Disconnected:
        problem = _("the server does not answer; is it starting, or overloaded? Try again")
    print(f"vchat-tui: {clean(problem)}", file=sys.stderr)
    return 1


def explain(error: DeskError) -> str:
    """A refusal in the reader's language, with the field that it is about."""
    text = _(error.message).format(**error.values) if error.values else _(error.message)
    return f"{error.field}: {text}" if error.field else text


async def _run(home: Home, options: argparse.Namespace) -> int:
    if options.action == "doctor":
        from vchat_tui.doctor import doctor

        return await doctor(home, lambda: _desk(home), as_json=options.json)
    async with _desk(home) as desk:
        return await _while_it_works(desk, _action(options.action)(desk, options))


def _action(name: str) -> Action:
    if name == "agents list":
        return list_agents
    if name.startswith("broadcast "):
        from vchat_tui import broadcast_commands

        return broadcast_commands.ACTIONS[name]
    if name.startswith("notices "):
        from vchat_tui import notice_commands

        return notice_commands.ACTIONS[name]
    return _ACTIONS[name]


async def _while_it_works(desk: Desk, action: Coroutine[Any, Any, int]) -> int:
    """The action's exit code, unless a part of a desk of our own breaks: then the action might
    wait for it for ever.

    Raises:
        CommandError: a part broke.
    """
    from vchat_tui.desk.local import LocalDesk

    if not isinstance(desk, LocalDesk):
        return await action
    working, breaking = asyncio.create_task(action), asyncio.create_task(desk.failure())
    try:
        await asyncio.wait({working, breaking}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        error = breaking.result()
        raise CommandError(f"{type(error).__name__}: {error}")
    finally:
        working.cancel()
        breaking.cancel()


@contextlib.asynccontextmanager
async def _desk(home: Home) -> AsyncIterator[Desk]:
    """The desk of a home: the running server's, else one of our own that leaves the outbox alone."""
    if sockets.answers(home.socket):
        from vchat_tui.remote import RemoteDesk

        remote = RemoteDesk(home.socket)
        remote.start()
        try:
            yield remote
        finally:
            await remote.close()
        return
    from vchat_tui.desk.local import LocalDesk

    home.prepare()
    with home.acquire():
        local = await LocalDesk.open(home, working=False)
        try:
            yield local
        finally:
            await local.close()


async def _users(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    offset = 0
    while rows := (await desk.call(calls.ListUsers(offset=offset, limit=PAGE))).rows:
        offset += len(rows)
        if options.json:
            print_json(rows)
        else:
            for user in rows:
                _print_user(user)
    return 0


def _print_user(user: User) -> None:
    print_row(user.id, user.phone or "-", user.email or "-", moment(user.last_seen_at), user.name)


async def _conversations(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    for folder in Folder:
        offset = 0
        wanted = calls.ConversationFilter(folder=folder)
        while rows := (
            await desk.call(calls.ListConversations(filter=wanted, offset=offset, limit=PAGE))
        ).rows:
            offset += len(rows)
            if options.json:
                print_json(rows)
            else:
                for row in rows:
                    _print_conversation(row)
    return 0


def _print_conversation(row: Conversation) -> None:
    print_row(
        row.id, row.folder, row.inbox, f"({row.unread})", moment(row.last_message_at), row.title,
        row.last_text or row.last_type or "",
    )  # fmt: skip


async def _messages(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    after = 0
    while rows := await desk.call(
        calls.ListMessages(
            conversation_id=options.conversation, user_id=options.user, after_id=after, limit=PAGE
        )
    ):
        after = rows[-1].id
        _print_messages(rows, options.json)
    return 0


def _print_messages(rows: Iterable[Message], as_json: bool) -> None:
    if as_json:
        print_json(advised(message) for message in rows)
        return
    for message in rows:
        at = moment(message.sent_at or message.received_at)
        print_row(
            message.id, message.conversation_id, message.direction, at,
            message.status or "-", message.type, message.text or "",
        )  # fmt: skip


def advised(message: Message) -> Message:
    """The message, its error with advice in the reader's language."""
    if message.error is None:
        return message
    advice = errors.advice(message.channel, message.error)
    return msgspec.structs.replace(
        message, error=msgspec.structs.replace(message.error, advice=advice)
    )


async def _templates(desk: Desk, options: argparse.Namespace) -> int:
    async for row in template_commands.listed(desk, options.inbox):
        if options.json:
            print_json([row])
        else:
            state = row.problem or row.category.lower()
            print_row(row.inbox, row.name, row.language, state, " ".join(row.values) or "-")
    return 0


async def _sync_templates(desk: Desk, options: argparse.Namespace) -> int:
    failed = False
    async for inbox, count, reason in template_commands.sync(desk, options.inbox):
        if reason is not None:
            failed = True
            print(f"vchat-tui: {clean(f'{inbox.name}: {reason}')}", file=sys.stderr)
        elif options.json:
            print_json([{"inbox": inbox.name, "templates": count}])
        else:
            print_row(inbox.name, count)
    return int(failed)


async def _send(desk: Desk, options: argparse.Namespace) -> int:
    if options.template is not None:
        if options.hold:
            raise CommandError(_("A template needs no --hold: it may go at any time."))
        _print_messages([await template_commands.send(desk, options)], options.json)
        return 0
    text = options.text if options.text is not None else await asyncio.to_thread(_piped_text)
    if options.hold:
        _print_messages([await _hold(desk, options, text.rstrip("\n"))], options.json)
        return 0
    message = await desk.call(
        calls.SendTo(
            inbox=options.inbox,
            to=options.to,
            client_id=uuid.uuid4().hex,
            text=text.rstrip("\n"),
            author=getpass.getuser(),
        )
    )
    _print_messages([message], options.json)
    return 0


async def _hold(desk: Desk, options: argparse.Namespace, text: str) -> Message:
    """Queues a text where the window is open, else keeps it."""
    (inbox,) = await template_commands.inboxes_named(desk, options.inbox)
    conversation = await desk.call(calls.StartConversation(inbox_id=inbox.id, address=options.to))
    return await desk.call(
        calls.Hold(
            conversation_id=conversation.id, client_id=uuid.uuid4().hex,
            content=Content(type="text", text=text), author=getpass.getuser(),
        )
    )  # fmt: skip


def _piped_text() -> str:
    """Standard input, read to its end.

    Raises:
        CommandError: it is not text.
    """
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(_("standard input is not text in UTF-8")) from None


async def _webhooks(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    state = WebhookState(options.state) if options.state else None
    after = 0
    while rows := await desk.call(
        calls.ListWebhooks(state=state, facts=options.facts, after_id=after, limit=PAGE)
    ):
        after = rows[-1].id
        _print_webhooks(rows, options.json)
    return 0


def _print_webhooks(rows: Iterable[Webhook], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print_row(row.id, moment(row.received_at), row.state, row.inbox or "-", row.error or "")
        for fact in row.facts or ():
            print_row(" ", msgspec.json.encode(fact).decode())
        if row.body is not None:
            print(clean(row.body))


async def _webhook(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    _print_webhooks([await desk.call(calls.GetWebhook(webhook_id=options.id))], options.json)
    return 0


async def _replay(desk: Desk, options: argparse.Namespace) -> int:
    _print_webhooks([await desk.call(calls.ReplayWebhook(webhook_id=options.id))], options.json)
    return 0


async def _search(desk: Desk, options: argparse.Namespace) -> int:
    await desk.call(calls.Settle())
    before = None
    while True:
        page = await desk.call(calls.SearchMessages(text=options.query, before=before, limit=PAGE))
        _print_messages((hit.message for hit in page.hits), options.json)
        if not page.more:
            return 0
        before = page.hits[-1].order


async def _config_apply(desk: Desk, options: argparse.Namespace) -> int:
    await (await asyncio.to_thread(ConfigFile.read, options.file)).apply(desk)
    return 0


async def _config_show(desk: Desk, options: argparse.Namespace) -> int:
    server = await desk.call(calls.GetServerSettings())
    inboxes = await desk.call(calls.ListInboxes())
    config = {"server": server, "inbox": [_shown(inbox) for inbox in inboxes]}
    config |= _shown_parts(await desk.call(calls.GetNoticeSettings()))
    if agents := await desk.call(calls.ListAgents()):
        config["agent"] = [shown_agent(agent) for agent in agents]
    if options.json:
        print_json([config])
    else:
        import tomli_w

        print(tomli_w.dumps(config), end="")
    return 0


def _shown_parts(stored: NoticeSettings) -> dict[str, dict[str, Any]]:
    """[notices] and [smtp] as TOML has them: what is not as it comes."""
    parts = {
        "notices": _not_default(NOTICE_FIELDS, stored.notices),
        "smtp": _not_default(SMTP_FIELDS, stored.smtp)
        | {key: f"*** {secret.fingerprint}" for key, secret in stored.secrets.items()},
    }
    return {part: values for part, values in parts.items() if values}


def _not_default(fields: Iterable[Field], values: dict[str, Any]) -> dict[str, Any]:
    return {
        field.key: values[field.key]
        for field in fields
        if field.key in values and values[field.key] != field.default
    }


def _shown(inbox: Inbox) -> dict[str, Any]:
    """An inbox as TOML has it; a secret is `***` and its fingerprint."""
    shown: dict[str, Any] = {"name": inbox.name, "channel": inbox.channel}
    with contextlib.suppress(SettingError):
        for field in settings.fields_of(inbox.channel):
            secret = inbox.secrets.get(field.key)
            if secret is not None:
                shown[field.key] = f"*** {secret.fingerprint}"
            elif field.key in inbox.settings:
                shown[field.key] = inbox.settings[field.key]
    return shown


_ACTIONS: dict[str, Action] = {
    "users list": _users,
    "conversations list": _conversations,
    "messages list": _messages,
    "send": _send,
    "templates list": _templates,
    "templates sync": _sync_templates,
    "webhooks list": _webhooks,
    "webhooks show": _webhook,
    "webhooks replay": _replay,
    "search": _search,
    "config apply": _config_apply,
    "config show": _config_show,
}
