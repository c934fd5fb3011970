"""What WhatsApp takes, checked before anything leaves: limits kind by kind.

Facts from Meta's page "Messages" of the WhatsApp Business Platform and its pages for each kind.
Interactive messages and templates have modules of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from vchat_tui.channels.base import MediaRule, Problem
from vchat_tui.channels.checking import (
    Wrong,
    check_file,
    link_of,
    list_of,
    object_of,
    only,
    optional_text,
    readable,
    refuse,
    text_of,
    within,
)
from vchat_tui.channels.whatsapp_inbound import is_provider_id
from vchat_tui.channels.whatsapp_interactive import check_interactive
from vchat_tui.channels.whatsapp_template_limits import check_coordinates, check_template
from vchat_tui.models import Content, Media
from vchat_tui.settings import _

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_FILENAME = 240
MAX_CONTACTS = 257
MAX_STILL_STICKER = 100 * 1024

_MB = 1024 * 1024
MEDIA = {
    "image": MediaRule(max_bytes=5 * _MB, mime_types=("image/jpeg", "image/png"), caption=True),
    "video": MediaRule(max_bytes=16 * _MB, mime_types=("video/mp4", "video/3gpp"), caption=True),
    "audio": MediaRule(
        max_bytes=16 * _MB,
        mime_types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    ),
    "document": MediaRule(max_bytes=100 * _MB, caption=True),
    "sticker": MediaRule(max_bytes=500 * 1024, mime_types=("image/webp",)),
}
"""Which files each kind takes."""

_BIRTHDAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_EMOJI = 32  # characters: families and flags are made of many
# Variation, key cap, skin colours, letters of a region's flag.
_CHANGES_THE_LAST = re.compile("[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def check_content(content: Content) -> Problem | None:
    """The first thing that Meta would refuse; None where there is none."""
    check = _CHECKS.get(content.type)
    if check is None:
        return Problem(field="type", message=_("This kind of message cannot be sent here."))
    try:
        check(content)
    except Wrong as wrong:
        return wrong.problem
    return None


def _check_text(content: Content) -> None:
    text = content.text or ""
    if not text.strip():
        refuse("text", _("The message is empty."))
    if len(text) > MAX_TEXT:
        refuse(
            "text",
            _("The message has {length} characters; at most {limit} are allowed here."),
            length=len(text),
            limit=MAX_TEXT,
        )


def _check_media(content: Content) -> None:
    if len(content.media) != 1:
        refuse("media", _("Such a message takes exactly one file."))
    file, rule, where = content.media[0], MEDIA[content.type], "media.0"
    _check_source(file, where)
    if file.filename is not None:
        within(file.filename, f"{where}.filename", MAX_FILENAME)
    _check_mime_type(content.type, file, rule, where)
    _check_size(content.type, file, rule, where)
    if content.text and not rule.caption:
        refuse("text", _("No text goes with it; send the text as a message of its own."))
    within(content.text or "", "text", MAX_CAPTION)


def _check_source(file: Media, where: str) -> None:
    """What the file is known by, as `whatsapp_body` will choose it."""
    if file.id is not None:
        check_file({"id": file.id}, where)
    elif file.sha256 is not None:
        check_file({"sha256": file.sha256}, where)
    elif file.url is not None:
        link_of({"url": file.url}, "url", where, ("https",))
    else:
        check_file({}, where)


def _check_mime_type(kind_of_message: str, file: Media, rule: MediaRule, where: str) -> None:
    kind = (file.mime_type or "").partition(";")[0].strip().lower()
    if kind_of_message == "audio" and file.voice and kind not in ("", "audio/ogg"):
        refuse(f"{where}.mime_type", _("A voice message must be an Ogg file with Opus sound."))
    if kind and rule.mime_types and kind not in rule.mime_types:
        refuse(
            f"{where}.mime_type",
            _("WhatsApp does not take files of this type here, only: {choices}"),
            choices=", ".join(name.partition("/")[2] for name in rule.mime_types),
        )


def _check_size(kind: str, file: Media, rule: MediaRule, where: str) -> None:
    if file.size is None:
        return
    if file.size < 1:
        refuse(f"{where}.size", _("The file is empty."))
    still = kind == "sticker" and file.animated is False  # unknown: the larger limit
    limit = MAX_STILL_STICKER if still else rule.max_bytes
    if file.size > limit:
        refuse(
            f"{where}.size",
            _("The file has {size}; at most {limit} are allowed."),
            size=readable(file.size),
            limit=readable(limit),
        )


def _check_location(content: Content) -> None:
    where, place = "location", content.location or {}
    check_coordinates(place, where)
    for key in ("name", "address"):
        if place.get(key) != "":
            optional_text(place, key, where, MAX_CAPTION)
    if place.get("address") and not place.get("name"):
        refuse("location.name", _("WhatsApp shows an address only together with a name."))


def _check_contacts(content: Content) -> None:
    cards = list_of({"contacts": content.contacts}, "contacts", "", 1, MAX_CONTACTS)
    for where, card in cards:
        only(card, where, ("name", "birthday", "org", *_CARD_LISTS))
        _check_name(object_of(card, "name", where), f"{where}.name")
        if card.get("org") is not None:
            _check_texts(object_of(card, "org", where), f"{where}.org", _ORGANISATION)
        if card.get("birthday") is not None and not _BIRTHDAY.fullmatch(
            text_of(card, "birthday", where, 10)
        ):
            refuse(f"{where}.birthday", _("A birthday looks like 1990-12-31."))
        for key, (needed, known) in _CARD_LISTS.items():
            if card.get(key) is None:
                continue
            for place, item in list_of(card, key, where, 0, 100):
                _check_texts(item, place, known)
                if needed and not any(item.get(name) for name in needed):
                    refuse(f"{place}.{needed[0]}", _("This is missing."))


_NAME_PARTS = ("first_name", "last_name", "middle_name", "prefix", "suffix")
_ORGANISATION = ("company", "department", "title")
# The lists of a card: which part an element needs one of, and all that it may have.
_CARD_LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "phones": (("phone", "wa_id"), ("phone", "type", "wa_id")),
    "emails": (("email",), ("email", "type")),
    "urls": (("url",), ("url", "type")),
    "addresses": ((), ("city", "country", "country_code", "state", "street", "type", "zip")),
}


def _check_name(name: dict[str, Any], where: str) -> None:
    _check_texts(name, where, ("formatted_name", *_NAME_PARTS))
    text_of(name, "formatted_name", where, MAX_CAPTION)
    if not any(name.get(part) for part in _NAME_PARTS):
        refuse(f"{where}.first_name", _("A card needs a first name or another part of the name."))


def _check_texts(holder: dict[str, Any], where: str, known: tuple[str, ...]) -> None:
    only(holder, where, known)
    for key in holder:
        if holder[key] != "":
            optional_text(holder, key, where, MAX_CAPTION)


def _check_reaction(content: Content) -> None:
    reaction = content.reaction
    if reaction is None or not is_provider_id(reaction.message_id):
        refuse("reaction.message_id", _("Choose the message to react to."))
    emoji = reaction.emoji or ""
    if reaction.removed or (emoji and _is_emoji(emoji)):
        return
    refuse("reaction.emoji", _("A reaction is exactly one emoji."))


def _is_emoji(text: str) -> bool:
    """Whether it can be one emoji: a symbol, with the signs that change and join symbols."""
    if text.isascii() or len(text) > _LONGEST_EMOJI:
        return False
    symbols, joined, half_a_flag = 0, False, False
    for character in text:
        if character == "\u200d":
            joined = True
        elif not _CHANGES_THE_LAST.match(character):
            if unicodedata.category(character)[0] in "LZC":
                return False
            is_flag = "\U0001f1e6" <= character <= "\U0001f1ff"  # two letters make a flag
            symbols += not joined and not (is_flag and half_a_flag)
            half_a_flag = is_flag and not half_a_flag
            joined = False
    return symbols == 1


def _check_interactive(content: Content) -> None:
    check_interactive(content.interactive or {})


def _check_template(content: Content) -> None:
    if content.template is None:
        refuse("template", _("Choose a template."))
    check_template(content.template)


_CHECKS: dict[str, Callable[[Content], None]] = {
    "text": _check_text,
    **dict.fromkeys(MEDIA, _check_media),
    "location": _check_location,
    "contacts": _check_contacts,
    "reaction": _check_reaction,
    "interactive": _check_interactive,
    "template": _check_template,
}
