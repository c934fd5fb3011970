"""The settings of the fallback template, which is sent by itself where free text may not be.

They are checked against the templates themselves (desk/fallback_template).
"""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

FALLBACK_TEMPLATE_FIELDS: tuple[Field, ...] = (
    Field(
        key="fallback_template_name",
        label=_("Fallback template: name"),
        help=_("From WhatsApp Manager; it tells a customer that an answer waits"),
    ),
    Field(
        key="fallback_template_languages",
        label=_("Fallback template: languages"),
        help=_(
            "Codes with commas, for example it, es, en_US; the first is for all other customers"
        ),
    ),
    Field(
        key="fallback_template_header",
        label=_("Fallback template: header values"),
        help=_("In order, with commas (\\, for a comma in a value), for example {recipient_name}"),
        kind="merge",
    ),
    Field(
        key="fallback_template_body",
        label=_("Fallback template: body values"),
        help=_("For example {recipient_name|customer}, {agent_name}"),
        kind="merge",
    ),
    Field(
        key="fallback_template_buttons",
        label=_("Fallback template: button values"),
        help=_("For example {conversation_url_parameter} as the end of a button's address"),
        kind="merge",
    ),
)
