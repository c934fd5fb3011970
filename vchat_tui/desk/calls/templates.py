"""Templates: which there are, sending one, keeping them up to date."""

from __future__ import annotations

from vchat_tui.channels.base import Problem
from vchat_tui.desk.calls.base import Call
from vchat_tui.models import Message
from vchat_tui.templates.model import Template, TemplatePage


class ListTemplates(Call[TemplatePage], frozen=True, kw_only=True, tag="list_templates"):
    """Templates of an inbox by name and language. `words` are looked for in name, language,
    category and status; `sendable`: only those that may be sent now."""

    inbox_id: int
    words: str = ""
    sendable: bool = False
    offset: int = 0
    limit: int = 100


class GetTemplate(Call[Template], frozen=True, kw_only=True, tag="get_template"):
    """One template."""

    template_id: int


class SyncTemplates(Call[TemplatePage], frozen=True, kw_only=True, tag="sync_templates"):
    """Ask the provider for all templates of an inbox now; answers an empty page with the time,
    or with the error."""

    inbox_id: int


class HideTemplate(Call[Template], frozen=True, kw_only=True, tag="hide_template"):
    """Offer a template to agents, or do not."""

    template_id: int
    hidden: bool


class MergeValues(Call[dict[str, str]], frozen=True, kw_only=True, tag="merge_values"):
    """What the merge fields stand for in a conversation, to show while a template is filled in."""

    conversation_id: int
    author: str | None = None


class SendTemplate(Call[Message], frozen=True, kw_only=True, tag="send_template"):
    """Queue a template. The same `client_id` twice is one message.

    `values` by place (see `vchat_tui.templates`), merge fields allowed; a refusal names the place
    in its `field`.
    """

    conversation_id: int
    client_id: str
    template_id: int
    values: dict[str, str]
    author: str | None = None


class SendTemplateTo(Call[Message], frozen=True, kw_only=True, tag="send_template_to"):
    """Queue a template to an address, through the inbox of that name; makes user and conversation.

    Without `language` the user's own is taken where the template has it.
    """

    inbox: str
    to: str
    client_id: str
    name: str
    language: str | None = None
    values: dict[str, str]
    author: str | None = None


class CheckFallback(Call[Problem | None], frozen=True, kw_only=True, tag="check_fallback"):
    """Why the fallback template of an inbox could not be sent now; None where it could, or where
    there is none. The problem's `field` is a setting."""

    inbox_id: int
