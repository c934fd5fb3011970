"""The settings of notices to agents and customers, with their texts in each language."""

from __future__ import annotations

from vchat_tui.settings.field import Field, _

LANGUAGES = ("es", "en")


def _switch(key: str, label: str) -> Field:
    return Field(
        key=key, label=label, kind="bool", default=False,
        help=_("Only people who are offline are told, by the rules in the guide"),
    )  # fmt: skip


def _text(key: str, label: str, default: str, kind: str = "merge") -> Field:
    return Field(
        key=key, label=label, kind=kind, default=default,
        help=_("Merge fields: {sender_name}, {recipient_name}, {message}, {conversation_id} …; "
               "{message|…} where one may be empty"),
    )  # fmt: skip


NOTICE_FIELDS: tuple[Field, ...] = (
    _switch("agents_sms", _("SMS to agents")),
    _switch("agents_email", _("E-mail to agents")),
    _switch("users_sms", _("SMS to customers")),
    _switch("users_email", _("E-mail to customers")),
    Field(
        key="spare_admins",
        label=_("No e-mail to administrators"),
        help=_("Administrators are told by SMS only"),
        kind="bool",
        default=False,
    ),
    Field(
        key="sms_inbox",
        label=_("Inbox that sends the SMS"),
        help=_("The name of an SMS inbox; empty: the only one there is"),
    ),
    Field(
        key="online_minutes",
        label=_("Minutes that a customer counts as online"),
        help=_("After they wrote: until then they are told nothing"),
        kind="number",
        default=5,
        minimum=0,
        maximum=1440,
    ),
    Field(
        key="bundle_minutes",
        label=_("Minutes between two notices to a person"),
        help=_("What comes meanwhile is told together afterwards; 0: each message at once"),
        kind="number",
        default=5,
        minimum=0,
        maximum=1440,
    ),
    Field(
        key="language",
        label=_("Language of notices"),
        help=_("For people whose language is not known"),
        kind="choice",
        choices=LANGUAGES,
        default="es",
    ),
    Field(
        key="keep_days",
        label=_("Days to keep the list of notices"),
        help=_("Who was told, who was not, and why"),
        kind="number",
        default=90,
        minimum=1,
        maximum=3650,
    ),
    _text("agents_sms_text_es", _("SMS to agents, in Spanish"),
          "Mensaje nuevo de {sender_name|un cliente}: {message|(archivo)}"),
    _text("agents_sms_text_en", _("SMS to agents, in English"),
          "New message from {sender_name|a customer}: {message|(file)}"),
    _text("agents_email_subject_es", _("E-mail to agents, in Spanish: subject"),
          "Mensaje nuevo de {sender_name|un cliente}"),
    _text("agents_email_text_es", _("E-mail to agents, in Spanish: text"),
          "{sender_name|Un cliente} escribió:\n\n{message|(archivo)}\n\n"
          "Respóndale en la consola, conversación {conversation_id}.", "letter"),
    _text("agents_email_subject_en", _("E-mail to agents, in English: subject"),
          "New message from {sender_name|a customer}"),
    _text("agents_email_text_en", _("E-mail to agents, in English: text"),
          "{sender_name|A customer} wrote:\n\n{message|(file)}\n\n"
          "Answer in the console, conversation {conversation_id}.", "letter"),
    _text("users_sms_text_es", _("SMS to customers, in Spanish"),
          "Tiene un mensaje nuevo de {sender_name|nuestro equipo}: {message|(archivo)}"),
    _text("users_sms_text_en", _("SMS to customers, in English"),
          "You have a new message from {sender_name|our team}: {message|(file)}"),
    _text("users_email_subject_es", _("E-mail to customers, in Spanish: subject"),
          "Tiene un mensaje nuevo"),
    _text("users_email_text_es", _("E-mail to customers, in Spanish: text"),
          "{sender_name|Nuestro equipo} le escribió:\n\n{message|(archivo)}\n\n"
          "Respóndanos por el mismo canal por el que nos escribió.", "letter"),
    _text("users_email_subject_en", _("E-mail to customers, in English: subject"),
          "You have a new message"),
    _text("users_email_text_en", _("E-mail to customers, in English: text"),
          "{sender_name|Our team} wrote to you:\n\n{message|(file)}\n\n"
          "Please answer where you wrote to us.", "letter"),
)  # fmt: skip

DEFAULTS = {field.key: field.default for field in NOTICE_FIELDS if field.default is not None}
