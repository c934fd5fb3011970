"""Tells agents and customers of messages, by SMS and e-mail.

That something is to be decided is written with the message itself; what was decided is written
before anything leaves; a notice is claimed (`sending` is on the disk) before its first byte leaves.
So a killed process loses none, and one that may have arrived is never sent again by itself.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

import msgspec

from vchat_tui.channels.base import (
    Accepted,
    ErrorClass,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    Unclear,
)
from vchat_tui.channels.errors import NO_SMS_INBOX, NOT_SENT, NOTICE_TEXT, UNCLEAR
from vchat_tui.channels.mail import Mail, MailServer
from vchat_tui.channels.mail_errors import MAIL_LOCKED, MAIL_NOT_SET_UP
from vchat_tui.desk import notice_config, notice_facts, notice_texts
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import DISK_PAUSE, keep_looking
from vchat_tui.desk.notice_texts import Text
from vchat_tui.desk.outbound import Sender
from vchat_tui.desk.presence import Presence
from vchat_tui.keys import KeyFileError
from vchat_tui.merge_fields import MergeError
from vchat_tui.models import Content, MessageError
from vchat_tui.notice_models import NoticeState
from vchat_tui.notice_rules import Audience, Rule, Way
from vchat_tui.settings import Secret, SettingError
from vchat_tui.store import notices, parts
from vchat_tui.store.changes import Changes
from vchat_tui.store.notices import Due
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

T = TypeVar("T")

RECONNECT_MS = 10_000
"""After a start nobody is told anything for so long: consoles come back and say who is online."""
DECIDED_AT_ONCE = 50  # messages in one transaction
AT_ONCE = 8  # notices on their way
WAITS = (20, 60, 300, 900, 3600)  # seconds before each further try
EMAIL = "email"
INTERRUPTED = MessageError(code=UNCLEAR, details="the server stopped while it was sending")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on its way. `inbox_id`: of an SMS; `smtp`, `password`: of an e-mail."""

    bundle: str
    way: Way
    address: str
    text: Text
    tries: int  # with this one
    inbox_id: int | None = None
    smtp: dict[str, Any] = {}
    password: Secret | None = None


OpenMail = Callable[[Mapping[str, Any], Secret | None], MailServer]


class Notifier:
    """Decides and sends.

    Args:
        open_mail: makes the line to the mail server; tests may give their own.
    """

    def __init__(
        self, core: Core, sender: Sender, presence: Presence, open_mail: OpenMail = MailServer
    ) -> None:
        self._core = core
        self._sender = sender
        self._presence = presence
        self.open_mail = open_mail
        self.begins_at = core.started_at + RECONNECT_MS
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Decides and sends until cancelled."""
        cut_off = await self._surely(
            lambda db, changes: notices.interrupted(db, INTERRUPTED, changes)
        )
        if cut_off:
            log.warning("%d notices were being sent when the server stopped: fate unknown", cut_off)
        await keep_looking(self._look, self._wake, "notices cannot be decided or sent")

    async def stop(self, grace: float) -> None:
        """Lets notices under way finish for up to `grace` seconds."""
        until = time.monotonic() + grace
        while self._sending and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._sending, timeout=left)
            await asyncio.sleep(0)  # what has ended leaves the set, what it began is in it
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _look(self) -> float | None:
        """Does what is due; answers the seconds until something is due again."""
        early = self.begins_at - now_ms()
        if early > 0:
            return early / 1000
        while await self._core.store.read(notices.undecided, 1):
            await self._core.change(partial(_decide, self._presence.online()))
        room = AT_ONCE - len(self._sending)
        for due in await self._core.store.read(notices.due, now_ms(), room) if room else ():
            # To its end even when the server stops: a claim without its sending would be `unknown`.
            await asyncio.shield(self._begin(self._tell(due)))
        if len(self._sending) >= AT_ONCE:
            return None  # one that ends wakes us
        next_at = await self._core.store.read(notices.next_due_at)
        return None if next_at is None else max(0.0, (next_at - now_ms()) / 1000)

    async def _tell(self, due: Due) -> None:
        """Claims what waits for somebody, and sends it beside the others."""
        online = self._presence.online()
        letter = await self._core.change(
            lambda db, changes: _claim(db, self._core, due, online, changes)
        )
        if letter is not None:
            self._begin(self.deliver(letter, WAITS))

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("a notice could not be recorded: %s", error)

    async def deliver(self, letter: Letter, waits: tuple[int, ...]) -> None:
        """Sends a claimed notice and records what became of it.

        Args:
            waits: seconds before each further try; none: a single one.
        """
        try:
            outcome = await self._send(letter)
        except Exception as error:
            log.exception("a notice broke while it was being sent")
            outcome = Unclear(reason=type(error).__name__)
        state, failure, wait = fate(outcome, letter.tries, waits)
        if state is NoticeState.FAILED and failure is not None:
            log.error("a notice by %s was given up: %s", letter.way, failure.code)
        await self._surely(
            lambda db, changes: notices.settle(
                db, letter.bundle, state, changes, error=failure,
                next_at=changes.now + round(wait * 1000),
            )
        )  # fmt: skip

    async def _send(self, letter: Letter) -> Outcome:
        if letter.way is Way.SMS:
            channel = self._sender.channel(letter.inbox_id or 0)
            if channel is None:
                return NotSent(reason="the inbox is not ready")
            limit = channel.capabilities.max_text
            return await channel.send(
                Outgoing(
                    content=Content(type="text", text=letter.text.body[:limit]),
                    callback_data=letter.bundle,
                    address=letter.address.removeprefix("+"),
                ),
                letter.tries,
            )
        try:
            server = self.open_mail(letter.smtp, letter.password)
        except SettingError as error:
            missing = MessageError(code=MAIL_NOT_SET_UP, details=str(error))
            return Rejected(error=missing, error_class=ErrorClass.CONFIG)
        mail = Mail(
            to=letter.address, subject=letter.text.subject, text=letter.text.body,
            message_id=letter.bundle,
        )  # fmt: skip
        return await server.send(mail, letter.tries)

    async def _surely(self, action: Callable[[sqlite3.Connection, Changes], T]) -> T:
        """Runs a change, however long the disk refuses it: what became of a notice exists only here."""
        while True:
            try:
                return await self._core.change(action)
            except sqlite3.OperationalError as error:
                log.error("notices cannot be recorded now, trying again: %s", error)
                await asyncio.sleep(DISK_PAUSE)


def _decide(online: frozenset[int], db: sqlite3.Connection, changes: Changes) -> None:
    """Decides on the messages that wait for it, each on its own."""
    config = notice_config.read(db)
    for message_id in notices.undecided(db, DECIDED_AT_ONCE):
        try:
            decisions = notice_facts.decide(db, message_id, online, config, changes.now)
        except sqlite3.Error:
            raise
        except Exception:
            log.exception("it could not be decided who is told of message %d", message_id)
            decisions = []
        timed = [
            (decision, notices.not_before(db, decision, config.bundle_ms, changes.now))
            for decision in decisions
        ]
        notices.decided(db, message_id, timed, changes)


def _claim(
    db: sqlite3.Connection, core: Core, due: Due, online: frozenset[int], changes: Changes
) -> Letter | None:
    """Takes what waits for somebody; None where a rule says, by now, that it does not go."""
    config = notice_config.read(db)
    against = _against(db, due, online, config, changes.now)
    if against is not None:
        notices.skip(db, due.ids, against, changes)
        return None
    bundle = notices.BUNDLE + uuid.uuid4().hex
    inbox = notice_config.sms_inbox(db, config) if due.way is Way.SMS else None
    channel = inbox.channel if inbox else EMAIL
    if not notices.claim(db, due.ids, bundle, channel, changes):
        return None
    notices.put_off(db, due, changes.now + config.bundle_ms)
    letter = prepare(db, core, due, config, bundle)
    if isinstance(letter, MessageError):
        notices.settle(db, bundle, NoticeState.FAILED, changes, error=letter)
        return None
    return letter


def _against(
    db: sqlite3.Connection, due: Due, online: frozenset[int], config: notice_config.Config, now: int
) -> Rule | None:
    """The rule against telling somebody now, where there is one since it was decided."""
    if due.way not in config.ways(due.audience):
        return Rule.SWITCHED_OFF
    if due.audience is Audience.AGENT:
        here = due.recipient_id in online
    else:
        here = notice_facts.is_online(db, due.recipient_id, config, now)
    if here:
        return Rule.CAME_BACK
    inbox = notice_config.sms_inbox(db, config) if due.way is Way.SMS else None
    if inbox is not None and notices.wants_no_sms(db, inbox.id, due.address):
        return Rule.OPTED_OUT
    return None


def prepare(
    db: sqlite3.Connection,
    core: Core,
    due: Due,
    config: notice_config.Config,
    bundle: str,
    wanted: str | None = None,
) -> Letter | MessageError:
    """What is needed to send a claimed notice, or why it cannot be sent.

    Args:
        wanted: the language, where it is not the recipient's.
    """
    newest = due.messages[-1] if due.messages else None
    language = config.language(
        wanted or notice_facts.language_of(db, due.audience, due.recipient_id, newest)
    )
    try:
        text = notice_texts.write(
            db, config, due.audience, due.way, due.name, language, due.messages
        )
    except MergeError as error:
        return MessageError(code=NOTICE_TEXT, details=str(error))
    letter = Letter(bundle=bundle, way=due.way, address=due.address, text=text, tries=due.tries + 1)
    if due.way is Way.SMS:
        inbox = notice_config.sms_inbox(db, config)
        if inbox is None:
            return MessageError(code=NO_SMS_INBOX)
        return msgspec.structs.replace(letter, inbox_id=inbox.id)
    try:
        password = notice_config.password(db, core)
    except KeyFileError as error:
        return MessageError(code=MAIL_LOCKED, details=str(error))
    return msgspec.structs.replace(
        letter, smtp=parts.settings(db, notice_config.SMTP), password=password
    )


def fate(
    outcome: Outcome, tries: int, waits: tuple[int, ...]
) -> tuple[NoticeState, MessageError | None, float]:
    """What a try means: the state, why, and the seconds until it goes again where it does."""
    match outcome:
        case Accepted():
            return NoticeState.SENT, outcome.note, 0
        case Unclear():
            return NoticeState.UNKNOWN, MessageError(code=UNCLEAR, details=outcome.reason), 0
        case NotSent():
            error = MessageError(code=NOT_SENT, details=outcome.reason)
        case Rejected():
            error = outcome.error
            if outcome.retry_after is None:
                return NoticeState.FAILED, error, 0
    if tries > len(waits):
        return NoticeState.FAILED, error, 0
    return NoticeState.PENDING, error, waits[tries - 1]
