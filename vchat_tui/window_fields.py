"""The settings of what happens while a customer's window is closed."""

from __future__ import annotations

from vchat_tui.field import Field, _

LADDERS = ("template", "sms", "template_then_sms", "ask")

WINDOW_FIELDS: tuple[Field, ...] = (
    Field(
        key="fallback",
        label=_("When the window is closed"),
        help=_("How a customer hears that an answer waits: template, sms, template_then_sms (SMS only"
               " if the template fails), or ask (the agent decides)"),
        kind="choice",
        choices=LADDERS,
        default="template_then_sms",
    ),
    Field(
        key="held_undo_seconds",
        label=_("Seconds to take a held answer back"),
        help=_("Between the customer's message and the moment in which the held answer goes"),
        kind="number",
        default=10,
        minimum=0,
        maximum=600,
    ),
    Field(
        key="held_days",
        label=_("Days that a held answer stays fresh"),
        help=_("An older one does not go by itself: an agent is asked"),
        kind="number",
        default=7,
        minimum=1,
        maximum=365,
    ),
)  # fmt: skip
