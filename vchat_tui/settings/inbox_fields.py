"""The settings that inboxes of every two-way channel have: how they look and what they begin with."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

INBOX_FIELDS: tuple[Field, ...] = (
    Field(
        key="display_name",
        label=_("Display name"),
        help=_("How this number is called on screen; empty: the inbox's name"),
    ),
    Field(
        key="default_department",
        label=_("Default department"),
        help=_("A label for new conversations of this number"),
    ),
    Field(
        key="default_language",
        label=_("Default language"),
        help=_("For users whose language is not known, for example es or en_US"),
        default="es",
    ),
)

DEFAULT_OUTBOUND = Field(
    key="default_outbound",
    label=_("Default number for new conversations"),
    help=_("Offered when an agent writes first; only one number has it, the last chosen"),
    kind="bool",
    default=False,
)
