"""The settings of what happens while a customer's window is closed."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

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
        key="fallback_sms_inbox",
        label=_("SMS that tells customers: inbox"),
        help=_("The name of the inbox that it comes from; empty: the first SMS inbox"),
    ),
    Field(
        key="fallback_sms_text_es",
        label=_("SMS that tells customers: Spanish"),
        help=_("Say who you are; {conversation_url_parameter} is the whole link to the conversation"),
        kind="merge",
        default=(
            "{recipient_name|Hola}, tenemos una respuesta para usted. Conteste por WhatsApp y se la"
            " enviamos. {conversation_url_parameter|}"
        ),
    ),
    Field(
        key="fallback_sms_text_en",
        label=_("SMS that tells customers: English"),
        help=_("For customers whose language is known and is not Spanish"),
        kind="merge",
        default=(
            "{recipient_name|Hello}, we have an answer for you. Write to us on WhatsApp and we will"
            " send it. {conversation_url_parameter|}"
        ),
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
