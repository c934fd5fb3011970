"""A desk on a home of its own, with a scripted provider, and short words for what tests do."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
from webhook_bodies import ACCOUNT, NUMBER, OTHER_NUMBER

from vchat_tui.channels.account import AccountReport
from vchat_tui.channels.base import (
    Accepted,
    Capabilities,
    CheckResult,
    ErrorClass,
    Fetched,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    TemplateDefinition,
    Unclear,
    Uploaded,
)
from vchat_tui.channels.registry import capabilities
from vchat_tui.desk import calls
from vchat_tui.desk.local import LocalDesk
from vchat_tui.home import Home
from vchat_tui.models import Conversation, Media, Message, MessageError, Status, TimelineItem
from vchat_tui.settings import Secret, SettingError
from vchat_tui.store import conversations, index

SMS_NUMBER = "+15005550006"

Answer = Callable[[Outgoing, int], Outcome | Awaitable[Outcome]]


class Provider:
    """Plays a provider: keeps a ledger of what it was asked to send, and answers as told."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.tokens: list[str] = []  # with which each was sent
        self.answer: Answer = self.accept
        self.capabilities = Capabilities(max_text=4096, quotes=True, window_hours=24)
        self.release = asyncio.Event()
        self.lines: list[Line] = []
        self.report = AccountReport()
        self.inspected = 0
        self.refuses_to_subscribe: MessageError | None = None
        self.uploaded: list[tuple[bytes, str, str]] = []  # bytes, type, name of each upload
        self.answer_upload: Callable[[str], Uploaded | Rejected | NotSent] = lambda filename: (
            Uploaded(provider_id=str(1000 + len(self.uploaded)))
        )
        self.files: dict[str, bytes | Rejected | NotSent] = {}  # customers' files by their id
        self.fetched: list[str] = []  # ids that were asked for
        self.read: list[tuple[str, bool]] = []  # messages marked as read, with typing or without
        self.definitions: tuple[TemplateDefinition, ...] | MessageError = ()

    def open_channel(
        self, channel: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> Line:
        """What the desk calls to reach a provider."""
        token = secrets.get("access_token") or secrets.get("auth_token")
        if token is None:
            raise SettingError("access_token", "is missing")
        line = Line(self, token.reveal())
        self.lines.append(line)
        return line

    def texts(self) -> list[str]:
        """What was sent, in order."""
        return [message.content.text or "" for message in self.sent]

    def accept(self, message: Outgoing, attempt: int) -> Outcome:
        """Takes the message; its id tells which attempt it was."""
        return Accepted(provider_id=f"wamid.{message.callback_data}")

    def hang(self, message: Outgoing, attempt: int) -> Awaitable[Outcome]:
        """Answers only once `release` is set."""

        async def wait() -> Outcome:
            await self.release.wait()
            return self.accept(message, attempt)

        return wait()

    @staticmethod
    def reject(
        code: str, error_class: ErrorClass, *, retry: float | None = None, pauses: bool = False
    ) -> Answer:
        """Says no to everything."""
        outcome = Rejected(
            error=MessageError(code=code, title="no"),
            error_class=error_class,
            retry_after=retry,
            pauses_inbox=pauses,
        )
        return lambda message, attempt: outcome

    @staticmethod
    def unreachable(message: Outgoing, attempt: int) -> Outcome:
        """No connection: it never left."""
        return NotSent(reason="no connection")

    @staticmethod
    def silent(message: Outgoing, attempt: int) -> Outcome:
        """It left, and no answer came."""
        return Unclear(reason="the connection broke")


class Line:
    """One inbox's channel to the provider above."""

    def __init__(self, provider: Provider, token: str) -> None:
        self._provider = provider
        self._token = token
        self.capabilities = provider.capabilities
        self.closed = False

    async def send(self, message: Outgoing, attempt: int) -> Outcome:
        self._provider.sent.append(message)
        self._provider.tokens.append(self._token)
        outcome = self._provider.answer(message, attempt)
        return await outcome if isinstance(outcome, Awaitable) else outcome

    async def check(self) -> CheckResult:
        return CheckResult()

    async def upload(
        self, path: Path, mime_type: str, filename: str
    ) -> Uploaded | Rejected | NotSent:
        content = await asyncio.to_thread(path.read_bytes)
        self._provider.uploaded.append((content, mime_type, filename))
        return self._provider.answer_upload(filename)

    async def fetch(
        self, media: Media, target: Path, max_bytes: int
    ) -> Fetched | Rejected | NotSent:
        self._provider.fetched.append(media.id or "")
        found = self._provider.files.get(media.id or "", NotSent(reason="no connection"))
        if not isinstance(found, bytes):
            return found
        await asyncio.to_thread(target.write_bytes, found)
        digest = hashlib.sha256(found).hexdigest()
        return Fetched(sha256=digest, size=len(found), mime_type=media.mime_type)

    async def mark_read(self, provider_id: str, typing: bool = False) -> MessageError | None:
        self._provider.read.append((provider_id, typing))
        return None

    async def templates(self) -> tuple[TemplateDefinition, ...] | MessageError:
        return self._provider.definitions

    async def inspect(self) -> AccountReport:
        self._provider.inspected += 1
        return self._provider.report

    async def subscribe(self) -> MessageError | None:
        return self._provider.refuses_to_subscribe

    async def aclose(self) -> None:
        self.closed = True


class Office:
    """A desk with its home and its provider. Make it with `open`, end it with `close`."""

    def __init__(self, home: Home, provider: Provider) -> None:
        self.home = home
        self.provider = provider
        self.desk: LocalDesk
        self._lock: IO[str]
        self._next = 0

    @classmethod
    async def open(cls, path: Path, provider: Provider | None = None) -> Office:
        """A desk on a new home, or on one that is there."""
        office = cls(Home(path), provider or Provider())
        await office.start()
        return office

    async def start(self) -> None:
        """Opens the home, as a server does that starts."""
        self.home.prepare()
        self._lock = self.home.acquire()
        self.desk = await LocalDesk.open(self.home, open_channel=self.provider.open_channel)

    async def close(self, grace: float = 5.0) -> None:
        """Stops, with `grace` seconds for sends under way."""
        await self.desk.close(grace)
        self._lock.close()

    async def add_inbox(self, name: str = "Ventas", number: str = NUMBER, **values: Any) -> int:
        """Adds a WhatsApp inbox; answers its id."""
        given = {
            "phone_number_id": number,
            "business_account_id": ACCOUNT,
            "access_token": f"token-of-{name}",
            "app_secret": f"secret-of-{name}",
            "verify_token": f"verify-of-{name}",
        }
        saved = await self.call(
            calls.SaveInbox(name=name, channel="whatsapp_cloud", values=given | values)
        )
        return saved.id

    async def add_second_inbox(self) -> int:
        """An inbox on another number."""
        return await self.add_inbox("Soporte", OTHER_NUMBER)

    async def add_sms_inbox(self, name: str = "SMS", sender: str = SMS_NUMBER) -> int:
        """Adds an inbox that texts; answers its id."""
        values = {
            "account_sid": "AC" + "0" * 32,
            "auth_token": f"token-of-{name}",
            "sender": sender,
        }
        call = calls.SaveInbox(name=name, channel="sms_twilio", values=values)
        return (await self.call(call)).id

    async def call(self, call: calls.Call[Any]) -> Any:
        """Asks the desk."""
        return await self.desk.call(call)

    async def post(self, *bodies: bytes) -> list[int]:
        """Brings webhooks, in order, and waits until they are applied; answers their ids."""
        gate = self.desk.services.gate
        ids = [await gate.append("meta", {}, body, 1) for body in bodies]
        await self.call(calls.Settle())
        return ids

    async def read(self, query: Callable[..., Any], *args: Any) -> Any:
        """Runs a query on the store."""
        return await self.desk.services.core.store.read(query, *args)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        return list(await self.read(lambda db: db.execute(sql, values).fetchall()))

    async def write(self, sql: str, *values: object) -> None:
        """Changes the store behind the desk's back, as time or an accident would."""
        await self.desk.services.core.store.write(lambda db: db.execute(sql, values))
        self.desk.services.core.changed()

    async def messages(self, **where: int) -> tuple[Message, ...]:
        """Messages by id."""
        found: tuple[Message, ...] = await self.call(calls.ListMessages(**where))
        return found

    async def timeline(self, conversation_id: int) -> tuple[TimelineItem, ...]:
        """The newest messages of a conversation."""
        page = await self.call(calls.GetTimeline(conversation_id=conversation_id, limit=500))
        return tuple(page.items)

    async def list(self, **wanted: Any) -> tuple[Conversation, ...]:
        """Rows of the conversation list."""
        page = await self.call(
            calls.ListConversations(filter=calls.ConversationFilter(**wanted), limit=500)
        )
        return tuple(page.rows)

    async def conversation(self, address: str = "5215512345678") -> Conversation:
        """The conversation with a customer who has written, made by a message where it is new."""
        for row in await self.list():
            if row.address == address:
                return row
        from webhook_bodies import from_customer

        self._next += 1
        await self.post(from_customer(f"wamid.first.{address}.{self._next}", address))
        return next(row for row in await self.list() if row.address == address)

    async def reply(
        self, conversation_id: int, text: str, client_id: str | None = None, **more: Any
    ) -> Message:
        """Queues a text."""
        found: Message = await self.call(
            calls.Reply(
                conversation_id=conversation_id, client_id=client_id or text, text=text, **more
            )
        )
        return found

    async def status_of(self, message_id: int) -> Status | None:
        """How far a message is."""
        (row,) = await self.rows("SELECT status FROM message WHERE id = ?", message_id)
        return Status(row[0]) if row[0] else None

    async def until_status(self, message_id: int, *wanted: Status) -> Status:
        """Waits until a message has one of these."""
        while (now := await self.status_of(message_id)) not in wanted:
            await asyncio.sleep(0.002)
        assert now is not None
        return now

    async def until(self, condition: Callable[[], Any]) -> None:
        """Waits until something is true."""
        while not condition():
            await asyncio.sleep(0.002)

    async def told(self) -> None:
        """Waits until consoles have been told of all that has happened."""
        hub = self.desk.services.hub
        newest = (await self.rows("SELECT max(seq) FROM event"))[0][0] or 0
        await self.until(lambda: hub._seq >= newest)

    async def no_waiting(self) -> None:
        """Lets the time pass that rows of the outbox wait for."""
        await self.write("UPDATE outbox SET next_at = 0")

    async def check(self) -> None:
        """What must hold at any time: nothing broken, kept columns equal to computed ones."""
        await self.desk.services.core.store.write(check_store)


def check_store(db: sqlite3.Connection) -> None:
    """Asserts the invariants of a store."""
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    index.check(db)
    before = db.execute("SELECT * FROM conversation ORDER BY id").fetchall()
    for conversation_id, channel in db.execute(
        "SELECT c.id, b.channel FROM conversation c JOIN inbox b ON b.id = c.inbox_id"
    ).fetchall():
        hours = capabilities(channel).window_hours
        window = None if hours is None else hours * 3_600_000
        conversations.recompute(db, conversation_id, window)
    assert db.execute("SELECT * FROM conversation ORDER BY id").fetchall() == before


def plain(value: Any) -> Any:
    """A model as JSON values, for comparing and for searching in it."""
    return msgspec.json.decode(msgspec.json.encode(value))
