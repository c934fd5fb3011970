"""The desk as the server has it: every call has one handler, in a table."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from vchat_tui.channels import registry
from vchat_tui.channels.base import Channel
from vchat_tui.desk import (
    accounts,
    agents,
    audience,
    broadcasts,
    calls,
    conversations,
    diagnostics,
    fallback_template,
    files,
    holding,
    inboxes,
    notices,
    orders,
    reaching,
    replies,
    template_sync,
    templates,
    texting,
    users,
)
from vchat_tui.desk.calls import Answer, Call
from vchat_tui.desk.core import Core
from vchat_tui.desk.downloads import Downloads
from vchat_tui.desk.feeder import Feeder
from vchat_tui.desk.gate import Gate
from vchat_tui.desk.housekeeping import keep_house
from vchat_tui.desk.hub import Hub, Subscription
from vchat_tui.desk.inbound import Projector
from vchat_tui.desk.notifying import Notifier
from vchat_tui.desk.order_posts import OrderPoster
from vchat_tui.desk.outbound import Sender
from vchat_tui.desk.presence import Presence, Seat
from vchat_tui.desk.provider_files import ProviderFiles
from vchat_tui.desk.receipts import Receipts
from vchat_tui.desk.reconciling import reconcile_regularly
from vchat_tui.desk.registering import keep_registered
from vchat_tui.desk.releasing import Releaser
from vchat_tui.desk.services import Services
from vchat_tui.desk.sweeping import sweep_regularly
from vchat_tui.desk.telling import Teller
from vchat_tui.desk.uploads import Files
from vchat_tui.events import Frame
from vchat_tui.home import Home
from vchat_tui.store.database import unusable

log = logging.getLogger(__name__)

Handler = Callable[[Services, Any], Awaitable[Any]]

HANDLERS: dict[type[Call[Any]], Handler] = {
    calls.GetCounts: conversations.get_counts,
    calls.ListConversations: conversations.list_conversations,
    calls.LocateConversation: conversations.locate,
    calls.NextUnread: conversations.next_unread,
    calls.GetConversation: conversations.get,
    calls.GetTimeline: conversations.timeline,
    calls.GetRaw: diagnostics.get_raw,
    calls.ListUsers: users.list_users,
    calls.GetUser: users.get_user,
    calls.SearchMessages: replies.search_messages,
    calls.ListMessages: replies.list_messages,
    calls.ListFailed: replies.list_failed,
    calls.ListInboxes: inboxes.list_inboxes,
    calls.GetServerSettings: inboxes.get_server_settings,
    calls.GetDiagnostics: diagnostics.get_diagnostics,
    calls.CheckInbox: diagnostics.check_inbox,
    calls.CheckPublicUrl: reaching.check_public_url,
    calls.InspectInbox: accounts.inspect_inbox,
    calls.SubscribeApp: accounts.subscribe_app,
    calls.ListWebhooks: diagnostics.list_webhooks,
    calls.GetWebhook: diagnostics.get_webhook,
    calls.Settle: diagnostics.settle,
    calls.Reply: replies.reply,
    calls.Send: replies.send,
    calls.SendTo: replies.send_to,
    calls.StartConversation: replies.start,
    calls.Retry: replies.retry,
    calls.Hold: holding.hold,
    calls.HoldFailed: holding.hold_failed,
    calls.SendHeld: holding.send_held,
    calls.TakeBackHeld: holding.take_back,
    calls.EditHeld: holding.edit,
    calls.DiscardHeld: holding.discard,
    calls.TextCustomer: texting.text_customer,
    calls.ConfirmArrived: replies.confirm_arrived,
    calls.MarkRead: conversations.mark_read,
    calls.Typing: conversations.typing,
    calls.MarkUnread: conversations.mark_unread,
    calls.MoveConversation: conversations.move,
    calls.SaveDraft: conversations.save_draft,
    calls.GetDraft: conversations.get_draft,
    calls.SaveUser: users.save_user,
    calls.SaveInbox: inboxes.save_inbox,
    calls.DeleteInbox: inboxes.delete_inbox,
    calls.ResumeInbox: inboxes.resume_inbox,
    calls.SaveServerSettings: inboxes.save_server_settings,
    calls.ReplayWebhook: diagnostics.replay_webhook,
    calls.ListTemplates: templates.list_templates,
    calls.GetTemplate: templates.get_template,
    calls.HideTemplate: templates.hide_template,
    calls.MergeValues: templates.merge_values,
    calls.SendTemplate: templates.send_template,
    calls.SendTemplateTo: templates.send_template_to,
    calls.SyncTemplates: template_sync.sync_templates,
    calls.CheckFallback: fallback_template.check_fallback,
    calls.SetOptOut: users.set_opt_out,
    calls.CreateBroadcast: broadcasts.create,
    calls.AddRecipients: audience.add,
    calls.PlanBroadcast: audience.plan,
    calls.SendBroadcastTest: broadcasts.send_test,
    calls.StartBroadcast: broadcasts.start,
    calls.PauseBroadcast: broadcasts.pause,
    calls.ResumeBroadcast: broadcasts.resume,
    calls.CancelBroadcast: broadcasts.cancel,
    calls.RetryBroadcast: broadcasts.retry,
    calls.DeleteBroadcast: broadcasts.delete,
    calls.ListBroadcasts: broadcasts.list_broadcasts,
    calls.GetBroadcast: broadcasts.get,
    calls.ListRecipients: broadcasts.list_recipients,
    calls.GetNoticeSettings: notices.get_settings,
    calls.SaveNoticeSettings: notices.save_settings,
    calls.ListNotices: notices.list_notices,
    calls.RetryNotice: notices.retry_notice,
    calls.SendNoticeTest: notices.send_test,
    calls.SendRuleTest: notices.send_rule_test,
    calls.TryRules: notices.try_rules,
    calls.CheckMailServer: notices.check_mail_server,
    calls.ListOrderDeliveries: orders.list_deliveries,
    calls.ResendOrder: orders.resend_order,
    calls.ResendDeadOrders: orders.resend_dead_orders,
    calls.BeginUpload: files.begin_upload,
    calls.AppendUpload: files.append_upload,
    calls.FinishUpload: files.finish_upload,
    calls.GetFile: files.get_file,
    calls.ReadFile: files.read_file,
    calls.FetchAgain: files.fetch_again,
    calls.ListAgents: agents.list_agents,
    calls.SaveAgent: agents.save_agent,
    calls.DeleteAgent: agents.delete_agent,
    calls.SetAway: agents.set_away,
    calls.AssignAgent: agents.assign_agent,
    calls.AssignDepartment: agents.assign_department,
}
SEAT_HANDLERS: dict[type[Call[Any]], Callable[[Services, Seat, Any], Awaitable[Any]]] = {
    calls.ChooseAgent: agents.choose_agent,
    calls.Present: agents.present,
}
"""Calls about the console that makes them."""


async def carry_out(services: Services, seat: Seat, call: Call[Answer]) -> Answer:
    """Does what one console asks; see `calls.Desk.call`."""
    if of_the_seat := SEAT_HANDLERS.get(type(call)):
        return cast(Answer, await of_the_seat(services, seat, call))
    return cast(Answer, await HANDLERS[type(call)](services, call))


class Attached:
    """One console that talks to the desk across a link."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._subscription = services.hub.subscribe()
        self._seat = services.presence.attach()

    async def call(self, call: Call[Answer]) -> Answer:
        """Does one thing; see `calls.Desk.call`."""
        return await carry_out(self._services, self._seat, call)

    def watch(self, conversation_id: int | None) -> None:
        """Carry the messages of this conversation from now on."""
        self._subscription.watch(conversation_id)

    async def next(self) -> Frame:
        """Waits until something happened."""
        return await self._subscription.next()

    def close(self) -> None:
        """The console is gone."""
        self._subscription.close()
        self._seat.leave()


class LocalDesk:
    """A desk on a home whose lock we hold. Make it with `open`, end it with `close`.

    It has the `Desk` interface itself, for one console in the same process (tests, the command
    line); the server attaches each of its consoles.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._tasks: list[asyncio.Task[None]] = []
        self._own: Subscription | None = None
        self._seat = services.presence.attach()

    @classmethod
    async def open(
        cls,
        home: Home,
        *,
        working: bool = True,
        open_channel: Callable[..., Channel] = registry.open_channel,
    ) -> LocalDesk:
        """Opens the home's databases and starts the work.

        Args:
            working: False leaves the outbox alone (the command line without a server).

        Raises:
            StoreError, KeyFileError: the home cannot be used; the text says why.
        """
        core = await Core.open(home)
        projector = Projector(core)
        sender = Sender(core, open_channel)
        presence = Presence(core)
        services = Services(
            core=core,
            projector=projector,
            sender=sender,
            gate=Gate(core, projector.wake),
            hub=Hub(core),
            order_poster=OrderPoster(core),
            files=Files(core),
            receipts=Receipts(core, sender.channel),
            presence=presence,
            notifier=Notifier(core, sender, presence),
        )
        desk = cls(services)
        try:
            await inboxes.reload(services)
            await desk._start(working)
        except BaseException as error:
            await core.close()
            if isinstance(error, sqlite3.Error):
                raise unusable(error) from error
            raise
        return desk

    async def _start(self, working: bool) -> None:
        services = self.services
        work = [
            services.projector.run(),
            services.gate.run(),
            services.hub.run(),
            services.presence.run(),
        ]
        databases = (services.core.store, services.core.journal)
        work += [database.watch(check=working) for database in databases]
        if working:
            shelf = services.files.shelf
            work += [
                services.sender.run(),
                Feeder(services.core, services.sender).run(),
                services.order_poster.run(),
                services.notifier.run(),
                services.gate.keep_health(),
                Releaser(services.core).run(),
                Teller(services.core).run(),
                ProviderFiles(services.core, shelf, services.sender.channel).run(),
                Downloads(services.core, shelf, services.sender.channel).run(),
                keep_house(services.core),
                sweep_regularly(services.core, shelf),
                reconcile_regularly(services),
                template_sync.keep_templates(services.core, services.sender),
                accounts.watch_accounts(services),
                keep_registered(services),
            ]
        self._tasks = [asyncio.create_task(part) for part in work]

    async def failure(self) -> BaseException:
        """Returns what broke as soon as a part of the work ends, which none should."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        task = done.pop()
        return (None if task.cancelled() else task.exception()) or RuntimeError(
            "a part of the desk ended"
        )

    async def close(self, grace: float = 5.0) -> None:
        """Lets sends under way finish for up to `grace` seconds, then closes everything.

        Raises:
            StoreError: the disk failed meanwhile; everything is closed nevertheless.
        """
        try:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.services.receipts.stop()
            await self.services.notifier.stop(grace)
            await self.services.sender.stop(grace)
            await self.services.gate.flush_health()
        finally:
            await self.services.core.close()

    async def call(self, call: Call[Answer]) -> Answer:
        """Does one thing; see `calls.Desk.call`."""
        return await carry_out(self.services, self._seat, call)

    def attach(self) -> Attached:
        """A console came over a link."""
        return Attached(self.services)

    async def follow(self) -> AsyncIterator[Frame]:
        """Events from now on, for the console in this process."""
        self._own = self.services.hub.subscribe()
        try:
            while True:
                yield await self._own.next()
        finally:
            self._own.close()
            self._own = None

    async def watch(self, conversation_id: int | None) -> None:
        """Which conversation's messages `follow` carries."""
        if self._own is not None:
            self._own.watch(conversation_id)
