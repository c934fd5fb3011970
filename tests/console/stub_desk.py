"""A desk in memory, with believable customers, for tests of screens."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from stub_agents import StubAgents
from stub_samples import CUSTOMERS, NOW, make_conversation, make_item, sample_timeline

from vchat_tui import window
from vchat_tui.channels.account import AccountReport
from vchat_tui.channels.reach import Reached
from vchat_tui.desk import calls
from vchat_tui.desk.calls import Answer, Call, DeskError, Draft
from vchat_tui.events import AnyEvent, ConversationChanged, CountsChanged, Frame, MessageChanged
from vchat_tui.models import (
    Conversation,
    ConversationPage,
    Counts,
    Diagnostics,
    Direction,
    Folder,
    Identity,
    Inbox,
    InboxHealth,
    Message,
    SearchHit,
    SearchPage,
    SecretState,
    Status,
    TimelineItem,
    TimelinePage,
    User,
    UserCard,
    UserPage,
    Webhook,
    WebhookState,
)
from vchat_tui.orders import OrderDelivery, OrderState


class StubDesk(StubAgents):
    """The Desk protocol over dictionaries.

    `made`: every call so far. `refuse`: an exception to raise, by type of call. `hold`: calls of
    these types wait for the event.
    """

    def __init__(self, *, empty: bool = False) -> None:
        super().__init__()
        self.made: list[Call[Any]] = []
        self.refuse: dict[type[Call[Any]], Exception] = {}
        self.hold: dict[type[Call[Any]], asyncio.Event] = {}
        self.watched: int | None = None
        self.seq = 0
        self._queues: list[asyncio.Queue[Frame]] = []
        self._ids = itertools.count(900_000)
        self.conversations: dict[int, Conversation] = {}
        self.timelines: dict[int, list[TimelineItem]] = {}
        self.users: dict[int, User] = {}
        self.inboxes: dict[int, Inbox] = {}
        self.drafts: dict[int, Draft] = {}
        self.server_settings: dict[str, Any] = {"public_url": "https://chat.example.com"}
        self.webhooks: dict[int, Webhook] = {}
        self.orders: dict[int, OrderDelivery] = {}
        self.diagnostics = Diagnostics()
        self.report: AccountReport | None = None
        self.reached: Reached | None = None
        if not empty:
            self._fill()

    def _fill(self) -> None:
        for number, name in enumerate(("Ventas", "Soporte"), 1):
            self.inboxes[number] = Inbox(
                id=number,
                name=name,
                channel="whatsapp_cloud",
                settings={"phone_number_id": f"10654035224292{number}", "api_version": "v25.0"},
                secrets={
                    key: SecretState(set=True, fingerprint="ab12cd34", changed_at=NOW)
                    for key in ("access_token", "app_secret", "verify_token")
                },
                created_at=NOW,
            )
        for number, (name, address, text, unread, minutes) in enumerate(CUSTOMERS, 1):
            row = make_conversation(number, name, address, text, unread, minutes)
            self.conversations[number] = row
            self.timelines[number] = sample_timeline(row)
            self.users[number] = User(
                id=number,
                name=name,
                phone=None if number == 9 else f"+{address}",
                email=f"{name.split()[0].lower()}@example.com" if number % 3 else None,
                language="es" if address.startswith(("34", "5")) else "en",
                created_at=NOW - timedelta(days=90),
                last_seen_at=row.last_message_at,
                conversations=1,
            )
        self.webhooks[7] = Webhook(
            id=7,
            received_at=NOW - timedelta(minutes=30),
            state=WebhookState.DEAD,
            inbox="Ventas",
            error="unreadable: timestamp is not a number",
            facts=(),
            body='{"object":"whatsapp_business_account","entry":[]}',
        )
        self.diagnostics = Diagnostics(
            inboxes=tuple(
                InboxHealth(inbox=inbox, last_good_at=NOW - timedelta(minutes=4), good=1204, bad=1)
                for inbox in self.inboxes.values()
            ),
            listening="http://127.0.0.1:8080",
            public_url="https://chat.example.com",
            journal_last_id=1205,
            projected_id=1205,
            dead=1,
            server_version="0.1.0",
            started_at=NOW - timedelta(days=3),
        )

    # ---- the protocol -------------------------------------------------------------------

    async def call(self, call: Call[Answer]) -> Answer:
        self.made.append(call)
        if type(call) in self.hold:
            await self.hold[type(call)].wait()
        if type(call) in self.refuse:
            raise self.refuse[type(call)]
        tag = type(call).__struct_config__.tag
        answer: Answer = getattr(self, f"_{tag}")(call)
        return answer

    async def follow(self) -> AsyncIterator[Frame]:
        queue: asyncio.Queue[Frame] = asyncio.Queue()
        self._queues.append(queue)
        yield Frame(seq=self.seq, resync=True)
        while True:
            yield await queue.get()

    async def watch(self, conversation_id: int | None) -> None:
        self.watched = conversation_id

    # ---- for tests ----------------------------------------------------------------------

    def push(self, *events: AnyEvent, resync: bool = False) -> None:
        """Something happened: every console that follows hears of it."""
        self.seq += 1
        for queue in self._queues:
            queue.put_nowait(Frame(seq=self.seq, events=events, resync=resync))

    def of(self, kind: type[Call[Any]]) -> list[Any]:
        """The calls of one type so far."""
        return [call for call in self.made if isinstance(call, kind)]

    def arrive(self, conversation_id: int, text: str) -> TimelineItem:
        """A customer writes."""
        row = self.conversations[conversation_id]
        item = make_item(next(self._ids), text, conversation=conversation_id, minutes=0)
        self.timelines[conversation_id].append(item)
        row = replace(
            row, unread=row.unread + 1, last_text=text, last_message_at=NOW,
            last_direction=Direction.IN, last_status=None, last_message_id=item.message.id,
            window_ends_at=NOW + timedelta(hours=24), folder=Folder.INBOX,
        )  # fmt: skip
        self.conversations[conversation_id] = row
        events: list[AnyEvent] = [ConversationChanged(conversation=row, arrived=True)]
        if self.watched == conversation_id:
            events.insert(0, MessageChanged(item=item))
        self.push(*events, CountsChanged(counts=self._get_counts(None)))
        return item

    def change(self, message_id: int, **fields: Any) -> TimelineItem:
        """A message changes (its status, its error ...)."""
        for items in self.timelines.values():
            for place, item in enumerate(items):
                if item.message.id == message_id:
                    items[place] = replace(item, message=replace(item.message, **fields))
                    self.push(MessageChanged(item=items[place]))
                    return items[place]
        raise KeyError(message_id)

    # ---- reading ------------------------------------------------------------------------

    def _get_counts(self, _call: object) -> Counts:
        unread = [row.unread for row in self.conversations.values() if row.unread]
        failed = sum(
            item.message.status is Status.FAILED
            for items in self.timelines.values()
            for item in items
        )
        return Counts(unread_conversations=len(unread), unread_messages=sum(unread), failed=failed)

    def _matching(self, filter: calls.ConversationFilter) -> list[Conversation]:
        rows = [
            row
            for row in self.conversations.values()
            if row.folder is filter.folder
            and (row.unread or not filter.unread_only)
            and (not filter.closing or window.left(row, NOW) > timedelta(0))
            and filter.inbox_id in (None, row.inbox_id)
            and filter.agent_id in (None, row.agent_id)
            and filter.text.lower() in f"{row.title} {row.address}".lower()
        ]
        if filter.closing:
            return sorted(rows, key=lambda row: row.window_ends_at or NOW)
        return sorted(rows, key=lambda row: row.last_message_at or NOW, reverse=True)

    def _list_conversations(self, call: calls.ListConversations) -> ConversationPage:
        rows = self._matching(call.filter)
        part = rows[call.offset : call.offset + call.limit]
        return ConversationPage(rows=tuple(part), total=len(rows), offset=call.offset)

    def _locate_conversation(self, call: calls.LocateConversation) -> int | None:
        ids = [row.id for row in self._matching(call.filter)]
        return ids.index(call.conversation_id) if call.conversation_id in ids else None

    def _next_unread(self, call: calls.NextUnread) -> Conversation | None:
        rows = self._matching(calls.ConversationFilter(unread_only=True))
        rows = [row for row in rows if row.id != call.after]
        return rows[-1] if rows else None

    def _get_conversation(self, call: calls.GetConversation) -> Conversation:
        try:
            return self.conversations[call.conversation_id]
        except KeyError:
            raise DeskError("There is no such conversation") from None

    def _get_timeline(self, call: calls.GetTimeline) -> TimelinePage:
        items = self.timelines.get(call.conversation_id, [])
        if call.around is not None:
            place = next(i for i, item in enumerate(items) if item.message.id == call.around)
            start = max(0, place - call.limit // 2)
            part = items[start : start + call.limit]
        elif call.before is not None:
            part = [item for item in items if item.order < call.before][-call.limit :]
        elif call.after is not None:
            part = [item for item in items if item.order > call.after][: call.limit]
        else:
            part = items[-call.limit :]
        return TimelinePage(
            items=tuple(part),
            more_before=bool(part) and part[0] is not items[0],
            more_after=bool(part) and part[-1] is not items[-1],
        )

    def _item(self, message_id: int) -> TimelineItem:
        for items in self.timelines.values():
            for item in items:
                if item.message.id == message_id:
                    return item
        raise DeskError("There is no such message")

    def _get_raw(self, call: calls.GetRaw) -> dict[str, Any]:
        item = self._item(call.message_id)
        return {"id": item.message.provider_id, "text": {"body": item.message.text}}

    def _list_users(self, call: calls.ListUsers) -> UserPage:
        text = call.text.lower()
        rows = [
            user
            for user in sorted(self.users.values(), key=lambda user: user.name)
            if text in f"{user.name} {user.phone} {user.email}".lower()
        ]
        part = rows[call.offset : call.offset + call.limit]
        return UserPage(rows=tuple(part), total=len(rows), offset=call.offset)

    def _get_user(self, call: calls.GetUser) -> UserCard:
        user = self.users[call.user_id]
        talks = [row for row in self.conversations.values() if row.user_id == user.id]
        identities = tuple(
            Identity(
                id=row.id,
                user_id=user.id,
                inbox_id=row.inbox_id,
                inbox=row.inbox,
                channel=row.channel,
                address=row.address,
                profile_name=user.name,
                last_inbound_at=row.last_message_at,
            )
            for row in talks
        )
        return UserCard(user=user, identities=identities, conversations=tuple(talks))

    def _search_messages(self, call: calls.SearchMessages) -> SearchPage:
        hits = [
            SearchHit(message=item.message, conversation=row, order=item.order)
            for number, items in self.timelines.items()
            for row in [self.conversations[number]]
            for item in items
            if call.text.lower() in (item.message.text or "").lower()
            and (call.before is None or item.order < call.before)
        ]
        hits.sort(key=lambda hit: hit.order, reverse=True)
        return SearchPage(hits=tuple(hits[: call.limit]), more=len(hits) > call.limit)

    def _list_failed(self, _call: object) -> tuple[TimelineItem, ...]:
        found = [
            item
            for items in self.timelines.values()
            for item in items
            if item.message.status in (Status.FAILED, Status.UNKNOWN)
        ]
        return tuple(sorted(found, key=lambda item: item.order, reverse=True))

    def _list_inboxes(self, _call: object) -> tuple[Inbox, ...]:
        return tuple(sorted(self.inboxes.values(), key=lambda inbox: inbox.name))

    def _get_server_settings(self, _call: object) -> dict[str, Any]:
        return dict(self.server_settings)

    def _get_diagnostics(self, _call: object) -> Diagnostics:
        known = {health.inbox.id: health for health in self.diagnostics.inboxes}
        healths = [
            replace(known.get(number, InboxHealth(inbox=inbox)), inbox=inbox)
            for number, inbox in sorted(self.inboxes.items())
        ]
        return replace(self.diagnostics, inboxes=tuple(healths))

    def _inspect_inbox(self, call: calls.InspectInbox) -> calls.InboxInspection:
        found = self._get_diagnostics(call)
        health = next(one for one in found.inboxes if one.inbox.id == call.inbox_id)
        return calls.InboxInspection(
            health=health,
            report=self.report,
            public_url=self.server_settings.get("public_url"),
            listening=found.listening,
            last_bad_at=found.last_bad_at,
            last_bad_reason=found.last_bad_reason,
        )

    def _subscribe_app(self, call: calls.SubscribeApp) -> calls.InboxInspection:
        return self._inspect_inbox(calls.InspectInbox(inbox_id=call.inbox_id))

    def _check_public_url(self, _call: object) -> Reached | None:
        return self.reached

    def _list_webhooks(self, call: calls.ListWebhooks) -> tuple[Webhook, ...]:
        return tuple(
            hook for hook in self.webhooks.values() if call.state in (None, hook.state)
        )  # fmt: skip

    def _get_webhook(self, call: calls.GetWebhook) -> Webhook:
        return self.webhooks[call.webhook_id]

    def _list_order_deliveries(self, _call: object) -> tuple[OrderDelivery, ...]:
        return tuple(self.orders.values())

    # ---- doing --------------------------------------------------------------------------

    def _reply(self, call: calls.Reply) -> Message:
        items = self.timelines[call.conversation_id]
        for item in items:
            if item.client_id == call.client_id:
                return item.message
        quote = self._item(call.reply_to).message.text if call.reply_to else None
        item = make_item(next(self._ids), call.text, conversation=call.conversation_id, minutes=0,
                         direction=Direction.OUT, status=Status.QUEUED, quote=quote,
                         client_id=call.client_id)  # fmt: skip
        items.append(item)
        row = self.conversations[call.conversation_id]
        self.drafts.pop(row.id, None)
        row = replace(row, last_text=call.text, last_message_at=NOW, last_direction=Direction.OUT,
                      last_status=Status.QUEUED, draft=None)  # fmt: skip
        self.conversations[row.id] = row
        self.push(MessageChanged(item=item), ConversationChanged(conversation=row))
        return item.message

    def _typing(self, call: calls.Typing) -> None:
        """Nobody sees it."""

    def _retry(self, call: calls.Retry) -> Message:
        return self.change(call.message_id, status=Status.QUEUED, error=None).message

    def _confirm_arrived(self, call: calls.ConfirmArrived) -> Message:
        return self.change(call.message_id, status=Status.DELIVERED).message

    def _set_row(self, conversation_id: int, **fields: Any) -> Conversation:
        row = replace(self.conversations[conversation_id], **fields)
        self.conversations[conversation_id] = row
        self.push(ConversationChanged(conversation=row))
        return row

    def _mark_read(self, call: calls.MarkRead) -> Conversation:
        return self._set_row(call.conversation_id, unread=0)

    def _mark_unread(self, call: calls.MarkUnread) -> Conversation:
        return self._set_row(call.conversation_id, unread=1)

    def _move_conversation(self, call: calls.MoveConversation) -> Conversation:
        return self._set_row(call.conversation_id, folder=call.folder)

    def _save_draft(self, call: calls.SaveDraft) -> None:
        if call.text:
            self.drafts[call.conversation_id] = Draft(text=call.text, cursor=call.cursor)
        else:
            self.drafts.pop(call.conversation_id, None)

    def _get_draft(self, call: calls.GetDraft) -> Draft | None:
        return self.drafts.get(call.conversation_id)

    def _start_conversation(self, call: calls.StartConversation) -> Conversation:
        for row in self.conversations.values():
            if row.inbox_id == call.inbox_id and row.user_id == call.user_id:
                return row
        number = max(self.conversations, default=0) + 1
        user = call.user_id or number
        name = self.users[user].name if user in self.users else call.address or "?"
        self.users.setdefault(user, User(id=user, name=name, phone=call.address))
        row = Conversation(
            id=number, user_id=user, inbox_id=call.inbox_id, channel="whatsapp_cloud",
            inbox=self.inboxes[call.inbox_id].name, title=name, address=call.address,
        )  # fmt: skip
        self.conversations[number] = row
        self.timelines[number] = []
        self.push(ConversationChanged(conversation=row))
        return row

    def _save_user(self, call: calls.SaveUser) -> UserCard:
        given = {
            key: value
            for key in ("name", "email", "phone", "language")
            if (value := getattr(call, key)) is not None
        }
        self.users[call.user_id] = replace(self.users[call.user_id], **given)
        return self._get_user(calls.GetUser(user_id=call.user_id))

    def _save_inbox(self, call: calls.SaveInbox) -> Inbox:
        number = call.inbox_id or max(self.inboxes, default=0) + 1
        old = self.inboxes.get(number)
        inbox = Inbox(
            id=number,
            name=call.name,
            channel=call.channel,
            settings={**(old.settings if old else {}), **call.values},
            secrets=old.secrets if old else {},
        )
        self.inboxes[number] = inbox
        return inbox

    def _check_fallback(self, _call: object) -> None:
        return None

    def _delete_inbox(self, call: calls.DeleteInbox) -> None:
        del self.inboxes[call.inbox_id]

    def _resume_inbox(self, call: calls.ResumeInbox) -> Inbox:
        self.inboxes[call.inbox_id] = replace(self.inboxes[call.inbox_id], paused=None)
        return self.inboxes[call.inbox_id]

    def _save_server_settings(self, call: calls.SaveServerSettings) -> dict[str, Any]:
        self.server_settings.update(call.values)
        return dict(self.server_settings)

    def _resend_order(self, call: calls.ResendOrder) -> OrderDelivery:
        sent = replace(self.orders[call.message_id], state=OrderState.PENDING, next_at=NOW)
        self.orders[call.message_id] = sent
        return sent

    def _resend_dead_orders(self, _call: object) -> int:
        dead = [one for one in self.orders.values() if one.state is OrderState.DEAD]
        for one in dead:
            self._resend_order(calls.ResendOrder(message_id=one.message_id))
        return len(dead)

    def _send(self, call: calls.Send) -> Message:
        item = make_item(
            next(self._ids), call.content.text, conversation=call.conversation_id, minutes=0,
            direction=Direction.OUT, status=Status.QUEUED, client_id=call.client_id,
            type=call.content.type, interactive=call.content.interactive,
        )  # fmt: skip
        self.timelines[call.conversation_id].append(item)
        self.push(MessageChanged(item=item))
        return item.message

    def _replay_webhook(self, call: calls.ReplayWebhook) -> Webhook:
        hook = replace(self.webhooks[call.webhook_id], state=WebhookState.APPLIED, error=None)
        self.webhooks[call.webhook_id] = hook
        return hook
