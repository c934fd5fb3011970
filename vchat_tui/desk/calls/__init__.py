"""Everything that a console may ask of the desk: one struct per call, one module a capability."""

from __future__ import annotations

from vchat_tui.desk.calls.accounts import InboxInspection, InspectInbox, SubscribeApp
from vchat_tui.desk.calls.agents import (
    AssignAgent,
    AssignDepartment,
    ChooseAgent,
    DeleteAgent,
    ListAgents,
    Present,
    SaveAgent,
    SetAway,
)
from vchat_tui.desk.calls.base import (
    Answer,
    Call,
    Desk,
    DeskError,
    Disconnected,
    answer_type,
)
from vchat_tui.desk.calls.broadcasts import (
    AddRecipients,
    CancelBroadcast,
    CreateBroadcast,
    DeleteBroadcast,
    GetBroadcast,
    ListBroadcasts,
    ListRecipients,
    PauseBroadcast,
    PlanBroadcast,
    ResumeBroadcast,
    RetryBroadcast,
    SendBroadcastTest,
    StartBroadcast,
)
from vchat_tui.desk.calls.conversations import (
    ConversationFilter,
    Draft,
    GetConversation,
    GetCounts,
    GetDraft,
    ListConversations,
    LocateConversation,
    MarkRead,
    MarkUnread,
    MoveConversation,
    NextUnread,
    SaveDraft,
    StartConversation,
    Typing,
)
from vchat_tui.desk.calls.diagnostics import (
    CheckPublicUrl,
    GetDiagnostics,
    GetWebhook,
    ListWebhooks,
    ReplayWebhook,
    Settle,
)
from vchat_tui.desk.calls.files import (
    AppendUpload,
    BeginUpload,
    FetchAgain,
    FinishUpload,
    GetFile,
    ReadFile,
    StoredFile,
)
from vchat_tui.desk.calls.held import (
    DiscardHeld,
    EditHeld,
    Hold,
    HoldFailed,
    SendHeld,
    TakeBackHeld,
)
from vchat_tui.desk.calls.inboxes import (
    CheckInbox,
    DeleteInbox,
    GetServerSettings,
    ListInboxes,
    ResumeInbox,
    SaveInbox,
    SaveServerSettings,
)
from vchat_tui.desk.calls.messages import (
    ConfirmArrived,
    GetRaw,
    GetTimeline,
    ListFailed,
    ListMessages,
    Reply,
    Retry,
    SearchMessages,
    Send,
    SendTo,
)
from vchat_tui.desk.calls.notices import (
    CheckMailServer,
    GetNoticeSettings,
    ListNotices,
    RetryNotice,
    SaveNoticeSettings,
    SendNoticeTest,
    SendRuleTest,
    TryRules,
)
from vchat_tui.desk.calls.orders import ListOrderDeliveries, ResendDeadOrders, ResendOrder
from vchat_tui.desk.calls.templates import (
    CheckFallback,
    GetTemplate,
    HideTemplate,
    ListTemplates,
    MergeValues,
    SendTemplate,
    SendTemplateTo,
    SyncTemplates,
)
from vchat_tui.desk.calls.texting import TextCustomer
from vchat_tui.desk.calls.users import (
    GetUser,
    ListUsers,
    SaveUser,
    SetOptOut,
)

AnyCall = (
    GetCounts
    | ListConversations
    | LocateConversation
    | NextUnread
    | Hold
    | HoldFailed
    | SendHeld
    | TakeBackHeld
    | EditHeld
    | DiscardHeld
    | GetConversation
    | GetTimeline
    | GetRaw
    | ListUsers
    | GetUser
    | SearchMessages
    | ListMessages
    | ListFailed
    | ListInboxes
    | GetServerSettings
    | GetDiagnostics
    | CheckInbox
    | InspectInbox
    | SubscribeApp
    | ListWebhooks
    | GetWebhook
    | Settle
    | Reply
    | Send
    | SendTo
    | StartConversation
    | Retry
    | ConfirmArrived
    | MarkRead
    | MarkUnread
    | MoveConversation
    | SaveDraft
    | GetDraft
    | SaveUser
    | SaveInbox
    | DeleteInbox
    | ResumeInbox
    | SaveServerSettings
    | ReplayWebhook
    | CheckPublicUrl
    | SetOptOut
    | CreateBroadcast
    | AddRecipients
    | PlanBroadcast
    | SendBroadcastTest
    | StartBroadcast
    | PauseBroadcast
    | ResumeBroadcast
    | CancelBroadcast
    | RetryBroadcast
    | DeleteBroadcast
    | ListBroadcasts
    | GetBroadcast
    | ListRecipients
    | ListOrderDeliveries
    | ResendOrder
    | ResendDeadOrders
    | BeginUpload
    | AppendUpload
    | FinishUpload
    | GetFile
    | ReadFile
    | FetchAgain
    | Typing
    | CheckFallback
    | GetTemplate
    | HideTemplate
    | ListTemplates
    | MergeValues
    | SendTemplate
    | SendTemplateTo
    | SyncTemplates
    | ListAgents
    | SaveAgent
    | DeleteAgent
    | ChooseAgent
    | Present
    | SetAway
    | AssignAgent
    | AssignDepartment
    | GetNoticeSettings
    | SaveNoticeSettings
    | ListNotices
    | RetryNotice
    | SendNoticeTest
    | SendRuleTest
    | TryRules
    | CheckMailServer
    | TextCustomer
)
"""Every call: what the server decodes."""

__all__ = [
    "AddRecipients",
    "Answer",
    "AnyCall",
    "AppendUpload",
    "AssignAgent",
    "AssignDepartment",
    "BeginUpload",
    "Call",
    "CancelBroadcast",
    "CheckFallback",
    "CheckInbox",
    "CheckMailServer",
    "CheckPublicUrl",
    "ChooseAgent",
    "ConfirmArrived",
    "ConversationFilter",
    "CreateBroadcast",
    "DeleteAgent",
    "DeleteBroadcast",
    "DeleteInbox",
    "Desk",
    "DeskError",
    "DiscardHeld",
    "Disconnected",
    "Draft",
    "EditHeld",
    "FetchAgain",
    "FinishUpload",
    "GetBroadcast",
    "GetConversation",
    "GetCounts",
    "GetDiagnostics",
    "GetDraft",
    "GetFile",
    "GetNoticeSettings",
    "GetRaw",
    "GetServerSettings",
    "GetTemplate",
    "GetTimeline",
    "GetUser",
    "GetWebhook",
    "HideTemplate",
    "Hold",
    "HoldFailed",
    "InboxInspection",
    "InspectInbox",
    "ListAgents",
    "ListBroadcasts",
    "ListConversations",
    "ListFailed",
    "ListInboxes",
    "ListMessages",
    "ListNotices",
    "ListOrderDeliveries",
    "ListRecipients",
    "ListTemplates",
    "ListUsers",
    "ListWebhooks",
    "LocateConversation",
    "MarkRead",
    "MarkUnread",
    "MergeValues",
    "MoveConversation",
    "NextUnread",
    "PauseBroadcast",
    "PlanBroadcast",
    "Present",
    "ReadFile",
    "ReplayWebhook",
    "Reply",
    "ResendDeadOrders",
    "ResendOrder",
    "ResumeBroadcast",
    "ResumeInbox",
    "Retry",
    "RetryBroadcast",
    "RetryNotice",
    "SaveAgent",
    "SaveDraft",
    "SaveInbox",
    "SaveNoticeSettings",
    "SaveServerSettings",
    "SaveUser",
    "SearchMessages",
    "Send",
    "SendBroadcastTest",
    "SendHeld",
    "SendNoticeTest",
    "SendRuleTest",
    "SendTemplate",
    "SendTemplateTo",
    "SendTo",
    "SetAway",
    "SetOptOut",
    "Settle",
    "StartBroadcast",
    "StartConversation",
    "StoredFile",
    "SubscribeApp",
    "SyncTemplates",
    "TakeBackHeld",
    "TextCustomer",
    "TryRules",
    "Typing",
    "answer_type",
]
