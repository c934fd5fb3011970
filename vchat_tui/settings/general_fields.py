"""The settings of the server itself."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

SERVER_FIELDS: tuple[Field, ...] = (
    Field(
        key="public_url",
        label=_("Public URL"),
        help=_("Where the internet reaches this server, for example https://chat.example.com"),
        kind="url",
    ),
    Field(
        key="journal_days",
        label=_("Days to keep webhooks"),
        help=_("Webhooks as they came are the evidence when something is in doubt"),
        kind="number",
        default=30,
        minimum=7,
        maximum=3650,
    ),
    Field(
        key="page_hours",
        label=_("Hours that a link to a conversation lives"),
        help=_("Customers read their conversation on the page behind {conversation_url_parameter}"),
        kind="number",
        default=72,
        minimum=1,
        maximum=720,
    ),
    Field(
        key="presence_minutes",
        label=_("Minutes that an agent counts as online"),
        help=_("After the last key press at an open console; then notices go to their phone"),
        kind="number",
        default=5,
        minimum=1,
        maximum=240,
    ),
)
