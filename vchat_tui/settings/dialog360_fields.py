"""The settings of WhatsApp inboxes at 360dialog, before those of every WhatsApp number."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

DIALOG360_FIELDS: tuple[Field, ...] = (
    Field(
        key="api_key",
        label=_("API key"),
        help=_("360dialog Hub › your number › API key; each number has its own"),
        kind="secret",
        required=True,
    ),
    Field(
        key="webhook_secret",
        label=_("Webhook secret"),
        help=_("A random text that you generate here; it becomes part of the webhook's address"),
        kind="secret",
        required=True,
        generate=True,
        minimum=8,
    ),
    Field(
        key="number",
        label=_("Phone number"),
        help=_("Your number with + and country code; empty: asked from 360dialog"),
        kind="pattern",
        pattern=r"\+[1-9][0-9]{6,14}",
        example="+34600111222",
    ),
    Field(
        key="api_base_url",
        label=_("API base URL"),
        help=_("Change it only for tests or a proxy"),
        kind="url",
        default="https://waba-v2.360dialog.io",
    ),
)
