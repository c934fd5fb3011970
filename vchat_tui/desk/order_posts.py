"""Orders, on to the shop's own system, and the shop's answer back to the customer.

The row that says that an order is to be posted is written with the order itself, so that no crash
loses one. A post goes again, under the same id, until the shop says 2xx or a day is over: the shop
may hear of an order twice and knows it by its id. What the shop wants the customer to read is
queued in the transaction that records its answer, under an id made of the delivery's, so that it
goes out once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import uuid

import msgspec

from vchat_tui.channels.order_hook import UNREACHABLE, Hook, Poster, Refused, Taken
from vchat_tui.desk.calls import DeskError
from vchat_tui.desk.core import Core
from vchat_tui.desk.looking import keep_looking
from vchat_tui.desk.outgoing import queue
from vchat_tui.models import Content
from vchat_tui.orders import OrderState
from vchat_tui.store import conversations, inboxes, orders
from vchat_tui.store.changes import Changes
from vchat_tui.store.orders import DuePost, Tried
from vchat_tui.store.times import from_ms, now_ms
from vchat_tui.text import clean

log = logging.getLogger(__name__)

GIVE_UP_MS = 24 * 3_600_000
AT_ONCE = 8
LONGEST_BACKOFF = 3600.0  # seconds
ANSWER_CHARACTERS = 200
AUTHOR = "shop"
NOT_CONFIGURED = "not_configured"
REPLY_REFUSED = "reply_refused"


def note_order(db: sqlite3.Connection, message_id: int, inbox_id: int, changes: Changes) -> None:
    """An order came in: its inbox's shop shall hear of it, where one is set."""
    inbox = inboxes.get(db, inbox_id)
    if inbox is not None and inbox.settings.get("order_webhook_url"):
        orders.add(db, message_id, f"ord_{uuid.uuid4().hex}", changes.now + GIVE_UP_MS, changes)


class OrderPoster:
    """Posts what is due.

    Args:
        poster: tests may give their own.
    """

    def __init__(self, core: Core, poster: Poster | None = None) -> None:
        self._core = core
        self.poster = poster
        self._wake = asyncio.Event()
        core.on_change(self._wake.set)

    async def run(self) -> None:
        """Posts until cancelled. A try that is cut off goes again at the next start."""
        await keep_looking(self._post_due, self._wake, "orders cannot be posted")

    async def _post_due(self) -> float | None:
        """Posts what is due; answers the seconds until something is due again."""
        while due := await self._core.store.read(orders.due, now_ms(), AT_ONCE):
            hooks = await self._hooks()
            tries = (self._post(post, hooks.get(post.inbox_id)) for post in due)
            for ended in await asyncio.gather(*tries, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended  # once all have ended: an order is never posted twice at a time
        next_at = await self._core.store.read(orders.next_due_at)
        return None if next_at is None else max(0.0, (next_at - now_ms()) / 1000)

    async def _hooks(self) -> dict[int, Hook]:
        """Where orders go now, by inbox."""
        secrets = await self._core.secrets()
        found = {}
        for inbox in await self._core.store.read(inboxes.everything):
            url = inbox.settings.get("order_webhook_url")
            secret = secrets.get((inbox.id, "order_webhook_secret", "current"))
            if url and secret is not None:
                private = bool(inbox.settings.get("order_webhook_private"))
                found[inbox.id] = Hook(url=url, secret=secret, private=private)
        return found

    async def _post(self, post: DuePost, hook: Hook | None) -> None:
        outcome: Taken | Refused = Refused(error=NOT_CONFIGURED)
        if hook is not None:
            timestamp, body = now_ms() // 1000, body_of(post)
            try:
                outcome = await self._poster().post(hook, post.delivery_id, timestamp, body)
            except Exception as error:
                log.exception("an order could not be posted")
                outcome = Refused(error=UNREACHABLE, detail=type(error).__name__)
        await self._core.change(lambda db, changes: _record(db, post, outcome, changes))

    def _poster(self) -> Poster:
        """Made when the first order is posted: it loads the HTTP client."""
        if self.poster is None:
            from vchat_tui.channels.order_http import OrderHooks

            self.poster = OrderHooks()
        return self.poster


def body_of(post: DuePost) -> bytes:
    """What the shop hears of an order."""
    return msgspec.json.encode(
        {
            "event": "whatsapp.order",
            "id": post.delivery_id,
            "user": post.user,
            "conversation_id": post.conversation_id,
            "order": post.order,
            "received_at": from_ms(post.received_at),
        }
    )


def _record(
    db: sqlite3.Connection, post: DuePost, outcome: Taken | Refused, changes: Changes
) -> None:
    """Keeps what became of a try, with the shop's words to the customer."""
    answer = clean(outcome.body.decode("utf-8", "replace"), one_line=True, limit=ANSWER_CHARACTERS)
    if isinstance(outcome, Taken):
        refusal = _reply(db, post, outcome.body, changes)
        tried = Tried(
            OrderState.DONE, outcome.status, answer or None,
            REPLY_REFUSED if refusal else None, refusal,
        )  # fmt: skip
    else:
        wait = outcome.retry_after or backoff(post.tries + 1)
        next_at = changes.now + round(wait * 1000)
        state = OrderState.PENDING if next_at < post.give_up_at else OrderState.DEAD
        tried = Tried(
            state, outcome.status, answer or None, outcome.error, outcome.detail or None, next_at
        )
        if state is OrderState.DEAD:
            log.error("the order %s was given up: %s", post.delivery_id, outcome.error)
    orders.record(db, post.message_id, tried, changes)


def _reply(db: sqlite3.Connection, post: DuePost, body: bytes, changes: Changes) -> str | None:
    """Queues what the shop wants the customer to read; why not, where it cannot be sent."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    text = said.get("reply") if isinstance(said, dict) else None
    if not isinstance(text, str) or not text.strip():
        return None
    conversation = conversations.get(db, post.conversation_id)
    if conversation is None:
        return None
    try:
        queue(
            db, conversation, f"order-{post.delivery_id}", Content(type="text", text=text), AUTHOR,
            changes,
        )  # fmt: skip
    except DeskError as error:
        return str(error)
    return None


def backoff(tries: int) -> float:
    """Seconds until an order is posted again, with jitter: 5 s at first, an hour at most.

    Args:
        tries: how many there were, at least 1.
    """
    longest = min(LONGEST_BACKOFF, 5.0 * 2 ** min(tries - 1, 16))
    return random.uniform(longest / 2, longest)  # noqa: S311 - not for security
