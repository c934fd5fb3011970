"""How the server fares, and the journal of webhooks."""

from __future__ import annotations

from vchat_tui.channels.reach import Reached
from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Diagnostics, Webhook, WebhookState


class GetDiagnostics(Call[Diagnostics], frozen=True, kw_only=True, tag="get_diagnostics"):
    """The state of the server."""


class CheckPublicUrl(Call[Reached | None], frozen=True, kw_only=True, tag="check_public_url"):
    """Whether the server reaches itself at its public address; None where none is set. It asks
    where the last answer is older than `max_age` seconds."""

    max_age: float = 0


class ListWebhooks(Call[tuple[Webhook, ...]], frozen=True, kw_only=True, tag="list_webhooks"):
    """The journal, oldest first, from `after_id`."""

    state: WebhookState | None = None
    facts: bool = False
    after_id: int = 0
    limit: int = 200


class GetWebhook(Call[Webhook], frozen=True, kw_only=True, tag="get_webhook"):
    """A journal entry with its facts and its raw body."""

    webhook_id: int


class Settle(Call[None], frozen=True, kw_only=True, tag="settle"):
    """Answers once every webhook that is in the journal now has been applied."""


class ReplayWebhook(Call[Webhook], frozen=True, kw_only=True, tag="replay_webhook"):
    """Read and apply a journal entry again."""

    webhook_id: int
