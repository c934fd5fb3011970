"""The way in: what the webhook listener needs to know, and the journal it appends to.

Requests that arrive together share one commit: while one is on its way to the disk, the next
ones gather, and go together.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from vchat_tui.desk.core import Core
from vchat_tui.settings import Secret
from vchat_tui.store import accounts, inboxes, journal
from vchat_tui.store.database import StoreError
from vchat_tui.store.inboxes import Health
from vchat_tui.store.times import now_ms

log = logging.getLogger(__name__)

MAX_WAITING = 4096
LINGER = 0.002
"""Seconds that a commit waits for company when the last one had some. Each commit costs several
changes between threads, which a flood of webhooks must share; a lone webhook never waits."""
NO_INBOX = 0


class JournalUnavailable(OSError):
    """The journal cannot take a webhook now; the provider must bring it again."""


class WebhookSecret(NamedTuple):
    """A secret that an inbox's own address holds, current or previous.

    `strict`: the provider adds it as a header, too, so a request without that is not the provider's.
    """

    inbox_id: int
    secret: bytes
    strict: bool


class TwilioToken(NamedTuple):
    """An auth token, current or previous, with the inbox and the account that it is for."""

    inbox_id: int
    account_sid: str
    auth_token: bytes


_Waiting = tuple[journal.NewEntry, asyncio.Future[int]]


class Gate:
    """Implements what the listener asks for.

    Args:
        appended: called after each commit to the journal.
    """

    def __init__(self, core: Core, appended: Callable[[], None]) -> None:
        self._core = core
        self._appended = appended
        self._waiting: list[_Waiting] = []
        self._under_way: list[_Waiting] = []
        self._stopped = False
        self._wake = asyncio.Event()
        self._verify_tokens: list[bytes] = []
        self._app_secrets: list[tuple[int, bytes]] = []
        self._twilio_tokens: list[TwilioToken] = []
        self._webhook_secrets: list[WebhookSecret] = []
        self._public_url: str | None = None
        self._inbox_of_token: dict[bytes, int] = {}
        self._seen: defaultdict[int, Health] = defaultdict(Health)
        self._healthy = True

    async def reload(self) -> None:
        """Reads the secrets again, after an inbox was added or changed."""
        secrets = await self._core.secrets()
        self._app_secrets = [
            (inbox_id, secret.reveal().encode())
            for (inbox_id, key, _slot), secret in sorted(secrets.items(), key=_current_first)
            if key == "app_secret"
        ]
        self._inbox_of_token = {
            secret.reveal().encode(): inbox_id
            for (inbox_id, key, slot), secret in secrets.items()
            if key == "verify_token" and slot == "current"
        }
        self._verify_tokens = list(self._inbox_of_token)
        account_sids = {
            inbox.id: str(inbox.settings.get("account_sid") or "")
            for inbox in await self._core.store.read(inboxes.everything)
        }
        self._twilio_tokens = [
            TwilioToken(inbox_id, account_sids.get(inbox_id, ""), secret.reveal().encode())
            for (inbox_id, key, _slot), secret in sorted(secrets.items(), key=_current_first)
            if key == "auth_token"
        ]
        proven = await self._core.store.read(accounts.proven)
        self._webhook_secrets = [
            WebhookSecret(inbox_id, secret.reveal().encode(), inbox_id in proven)
            for (inbox_id, key, _slot), secret in sorted(secrets.items(), key=_current_first)
            if key == "webhook_secret"
        ]
        self._public_url = (await self._core.store.read(inboxes.server_settings)).get("public_url")

    def verify_tokens(self) -> Sequence[bytes]:
        """The verify token of every inbox."""
        return self._verify_tokens

    def app_secrets(self) -> Sequence[tuple[int, bytes]]:
        """The app secret of every inbox, and the one before it, with the inbox's id."""
        return self._app_secrets

    def twilio_tokens(self) -> Sequence[TwilioToken]:
        """The auth token of every Twilio inbox, and the one before it."""
        return self._twilio_tokens

    def webhook_secrets(self) -> Sequence[WebhookSecret]:
        """The secret of every inbox that has an address of its own, and the one before it."""
        return self._webhook_secrets

    def public_url(self) -> str | None:
        """Where the internet reaches this server."""
        return self._public_url

    def handshake(self, verify_token: bytes) -> None:
        """Meta verified our address with this token."""
        self._see(self._inbox_of_token.get(verify_token, NO_INBOX), Health(handshake_at=now_ms()))

    def bad_signature(self, reason: str, peer: str) -> None:
        """A webhook was refused."""
        log.warning("webhook refused: %s", reason)
        self._see(NO_INBOX, Health(last_bad_at=now_ms(), last_bad_reason=reason, bad=1))

    def healthy(self) -> bool:
        """Whether the last webhook could be stored."""
        return self._healthy

    async def append(
        self, source: str, headers: Mapping[str, str], body: bytes, inbox_id: int
    ) -> int:
        """Stores a webhook; it is on the disk when this returns its id.

        Raises:
            JournalUnavailable: it is not, and will not be.
        """
        if self._stopped:
            raise JournalUnavailable("the server stops")
        if len(self._waiting) >= MAX_WAITING:
            raise JournalUnavailable("too many webhooks are waiting for the disk")
        now = now_ms()
        entry = journal.NewEntry(
            source, inbox_id, now, msgspec.json.encode(headers).decode(),
            hashlib.sha256(body).digest(), body,
        )  # fmt: skip
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        self._wake.set()
        return await done

    async def run(self) -> None:
        """Commits what waits, all of it at once, until cancelled.

        Raises:
            StoreError: the journal is broken for good.
        """
        try:
            while True:
                await self._wake.wait()
                if len(self._under_way) > 1:  # they come one upon the other: let some gather
                    await asyncio.sleep(LINGER)
                self._wake.clear()
                await self._commit()
        finally:
            self._stopped = True  # nobody may wait for an answer that will not come
            self._refuse([*self._under_way, *self._waiting], "the server stops")

    async def _commit(self) -> None:
        batch, self._waiting = self._waiting, []
        self._under_way = batch
        try:
            last = await asyncio.shield(
                self._core.journal.write(journal.append, [entry for entry, _ in batch])
            )
        except Exception as error:
            self._healthy = False
            log.error("webhooks could not be stored, answering 503: %s", error)
            self._refuse(batch, str(error))
            if isinstance(error, StoreError):
                raise
            return
        self._healthy = True
        for number, (_, done) in enumerate(batch, start=last - len(batch) + 1):
            if not done.done():
                done.set_result(number)
        self._appended()

    @staticmethod
    def _refuse(batch: list[_Waiting], reason: str) -> None:
        for _, done in batch:
            if not done.done():
                done.set_exception(JournalUnavailable(reason))

    def _see(self, inbox_id: int, seen: Health) -> None:
        before = self._seen[inbox_id]
        self._seen[inbox_id] = Health(
            last_good_at=seen.last_good_at or before.last_good_at,
            last_bad_at=seen.last_bad_at or before.last_bad_at,
            last_bad_reason=seen.last_bad_reason or before.last_bad_reason,
            handshake_at=seen.handshake_at or before.handshake_at,
            good=before.good + seen.good,
            bad=before.bad + seen.bad,
        )

    async def flush_health(self) -> None:
        """Writes what was counted: not at every webhook, the counts may lag."""
        seen, self._seen = self._seen, defaultdict(Health)
        if not seen:
            return
        try:
            await self._core.change(lambda db, changes: inboxes.add_health(db, seen, changes))
        except sqlite3.OperationalError as error:
            log.error("the webhook counts could not be written: %s", error)
            newer, self._seen = self._seen, seen
            for inbox_id, health in newer.items():
                self._see(inbox_id, health)

    async def keep_health(self, seconds: float = 1.0) -> None:
        """Calls `flush_health` regularly, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            await self.flush_health()


def _current_first(row: tuple[tuple[int, str, str], Secret]) -> tuple[str, int]:
    (inbox_id, _key, slot), _secret = row
    return slot, inbox_id
