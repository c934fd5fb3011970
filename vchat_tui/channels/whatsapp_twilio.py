"""WhatsApp through Twilio.

Facts from Twilio's "Messages resource", "WhatsApp › Key concepts" and "WhatsApp › Guidance on media
messages": the 24 hours are WhatsApp's own, and a message outside them is refused only later, by a
status callback (63016). One file goes with a message; a document takes no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vchat_tui.channels.base import Capabilities, MediaRule, Problem
from vchat_tui.channels.checking import Wrong, readable, refuse, within
from vchat_tui.channels.plain_text import check_text
from vchat_tui.channels.sms_text import MAX_TEXT
from vchat_tui.channels.twilio import Twilio
from vchat_tui.channels.twilio_inbound import WHATSAPP
from vchat_tui.models import Content
from vchat_tui.questions import AS_TEXT
from vchat_tui.settings import Secret, _

_MB = 1024 * 1024

MEDIA = {
    "image": MediaRule(max_bytes=5 * _MB, mime_types=("image/jpeg", "image/png"), caption=True),
    "video": MediaRule(max_bytes=16 * _MB, mime_types=("video/mp4", "video/3gpp"), caption=True),
    "audio": MediaRule(
        max_bytes=16 * _MB,
        mime_types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    ),
    "document": MediaRule(max_bytes=16 * _MB),
}

CAPABILITIES = Capabilities(
    max_text=MAX_TEXT,
    kinds=frozenset({"text", "location", "contacts", "interactive", "template", *MEDIA}),
    media=MEDIA,
    files_by_link=True,
    templates=True,
    interactive_as_text=AS_TEXT,
    missed_webhooks=True,
    window_hours=24,
    sends_per_second=80,
    # WhatsApp's own: one message in six seconds to one person; a burst is borrowed and paid back.
    per_person_interval=6,
    per_person_burst=45,
)

__all__ = ["CAPABILITIES", "check_content", "open_channel"]


def open_channel(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> Twilio:
    """The line of one WhatsApp sender. See `Twilio`."""
    return Twilio(WHATSAPP, CAPABILITIES, settings, secrets)


def check_content(content: Content) -> Problem | None:
    """The first thing that Twilio would refuse; None where there is none."""
    try:
        if content.type in MEDIA:
            _check_file(content)
        elif content.type == "template":
            _check_template(content)
        else:
            return check_text(content, CAPABILITIES)
    except Wrong as wrong:
        return wrong.problem
    return None


def _check_file(content: Content) -> None:
    if len(content.media) != 1:
        refuse("media", _("Such a message takes one file."))
    file, rule = content.media[0], MEDIA[content.type]
    if not file.sha256:
        refuse("media.0", _("The file is not on the server; attach it again."))
    mime_type = (file.mime_type or "").partition(";")[0]
    if rule.mime_types and mime_type not in rule.mime_types:
        refuse(
            "media.0.mime_type",
            _("WhatsApp does not take files of this type here, only: {choices}"),
            choices=", ".join(rule.mime_types),
        )
    if file.size is not None and file.size > rule.max_bytes:
        refuse(
            "media.0.size",
            _("The file has {size}; at most {limit} are allowed."),
            size=readable(file.size),
            limit=readable(rule.max_bytes),
        )
    if content.text and not rule.caption:
        refuse("text", _("No text goes with it; send the text as a message of its own."))
    within(content.text or "", "text", MAX_TEXT)


def _check_template(content: Content) -> None:
    if content.template is None or not content.template.provider_id:
        refuse("template", _("The template id is missing. Choose the template again."))
