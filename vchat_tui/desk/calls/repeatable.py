"""Which calls may be made twice."""

from __future__ import annotations

from typing import Any

from vchat_tui.desk import calls
from vchat_tui.desk.calls.base import Call

REPEATABLE: frozenset[type[Call[Any]]] = frozenset(
    {
        # they only read
        calls.GetCounts,
        calls.ListConversations,
        calls.LocateConversation,
        calls.NextUnread,
        calls.GetConversation,
        calls.GetTimeline,
        calls.GetRaw,
        calls.ListUsers,
        calls.GetUser,
        calls.SearchMessages,
        calls.ListMessages,
        calls.ListFailed,
        calls.ListInboxes,
        calls.GetServerSettings,
        calls.GetDiagnostics,
        calls.CheckInbox,
        calls.CheckPublicUrl,
        calls.ListWebhooks,
        calls.GetWebhook,
        calls.GetDraft,
        calls.GetFile,
        calls.ReadFile,
        calls.ListBroadcasts,
        calls.GetBroadcast,
        calls.ListRecipients,
        calls.Settle,
        calls.ListAgents,
        # the server knows them again, by `client_id` or by what they make
        calls.Hold,
        calls.Reply,
        calls.Send,
        calls.SendTo,
        calls.StartConversation,
        calls.CreateBroadcast,
        # a piece that comes twice is written twice to its place; an upload that nobody finishes
        # is forgotten
        calls.BeginUpload,
        calls.AppendUpload,
        calls.FinishUpload,
    }
)
"""Calls that are made again by themselves when the link broke before their answer came.

The others are up to the caller: a draft or a folder from before the cut could undo a newer one,
and `MarkRead` could take in a message that nobody has seen yet.
"""
