"""Which channels there are: the one place that leads from a name to a provider's module.

Modules are loaded when they are first needed. One that sends loads httpx, which takes a tenth of
a second and belongs in no console.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from vchat_tui.channels import dialog360_inbound, meta, mms, twilio_inbound, whatsapp_preferences
from vchat_tui.channels.base import Capabilities, Channel, Problem
from vchat_tui.channels.facts import EventFact, Parsed, Preference
from vchat_tui.i18n import _
from vchat_tui.models import Content, Inbox
from vchat_tui.settings import Secret

SOURCES: dict[str, Callable[[bytes], Parsed]] = {
    "meta": meta.parse,
    "360dialog": dialog360_inbound.parse,
    "twilio": twilio_inbound.parse,
}
"""Where webhooks come from (their endpoint), and what reads them."""

# Which of the SOURCES brings the webhooks of a channel.
_SOURCE_OF = {
    "whatsapp_cloud": "meta",
    "whatsapp_360dialog": "360dialog",
    "whatsapp_twilio": "twilio",
    "sms_twilio": "twilio",
}

# Each module has CAPABILITIES, check_content(content) and open_channel(settings, secrets).
_MODULES = {
    "whatsapp_cloud": "vchat_tui.channels.whatsapp_cloud",
    "whatsapp_360dialog": "vchat_tui.channels.whatsapp_360dialog",
    "whatsapp_twilio": "vchat_tui.channels.whatsapp_twilio",
    "sms_twilio": "vchat_tui.channels.sms_twilio",
}


def source_of(channel: str) -> str:
    """Where the webhooks of a channel come from, a key of SOURCES.

    Raises:
        KeyError: there is no such channel.
    """
    return _SOURCE_OF[channel]


def parse(source: str, body: bytes) -> Parsed:
    """What a webhook body says. Never raises.

    Args:
        source: a key of SOURCES.
        body: the raw bytes.
    """
    reader = SOURCES.get(source)
    if reader is None:
        return Parsed((), (_("Nothing here reads webhooks of this source."),))
    return reader(body)


def preferences(event: EventFact) -> tuple[Preference, ...]:
    """What customers decided about marketing messages, where an event tells of that."""
    return whatsapp_preferences.read_preferences(event)


def capabilities(channel: str) -> Capabilities:
    """What a channel can do, before its inbox's own settings.

    Raises:
        KeyError: there is no such channel.
    """
    return cast(Capabilities, import_module(_MODULES[channel]).CAPABILITIES)


def inbox_capabilities(inbox: Inbox) -> Capabilities:
    """What one inbox can do, with its own settings.

    Raises:
        KeyError: there is no such channel.
    """
    module = import_module(_MODULES[inbox.channel])
    adapted = getattr(module, "adapted", None)  # where settings change what can be done
    return cast(Capabilities, adapted(inbox.settings) if adapted else module.CAPABILITIES)


def is_sms(channel: str) -> bool:
    """Whether a text through a channel reaches anybody whose phone number is known, at any time.

    Raises:
        KeyError: there is no such channel.
    """
    able = capabilities(channel)
    return able.phone_numbers and able.window_hours is None and "text" in able.kinds


def check_content(channel: str, content: Content) -> Problem | None:
    """Why a channel would not send a content; None where it would.

    Raises:
        KeyError: there is no such channel.
    """
    return cast("Problem | None", import_module(_MODULES[channel]).check_content(content))


def open_channel(
    channel: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> Channel:
    """The line to a provider for one inbox; close it with `aclose`.

    Args:
        channel: its name, as in settings.CHANNEL_FIELDS.
        settings: the inbox's settings that are not secret.
        secrets: the others.

    Raises:
        KeyError: there is no such channel.
        SettingError: a setting is missing or wrong.
    """
    return cast(Channel, import_module(_MODULES[channel]).open_channel(settings, secrets))


def files_as_links(channel: str, settings: Mapping[str, Any], address: str) -> bool:
    """Whether files to an address go as links in the text: an SMS where there are no MMS.

    Args:
        settings: of the inbox.
        address: the customer's.
    """
    sender = settings.get("sender")
    return is_sms(channel) and not mms.carries_files(sender, f"+{address.removeprefix('+')}")
